FROM node:20
WORKDIR /app
ONBUILD COPY package.json /app/
ONBUILD RUN --mount=type=cache,target=/root/.npm npm install
