ARG NODE_VERSION
ARG REGISTRY=docker.io/library
FROM ${REGISTRY}/node:${NODE_VERSION:-20}-alpine
WORKDIR /app
COPY package.json index.js ./
CMD ["node", "index.js"]
