FROM node:20
ARG NPM_TOKEN
ARG GREETING
WORKDIR /app
COPY . .
RUN echo "//npm.example.com/:_authToken=${NPM_TOKEN}" > .npmrc && npm ci && rm .npmrc
LABEL greeting="${GREETING}"
CMD ["node", "index.js"]
