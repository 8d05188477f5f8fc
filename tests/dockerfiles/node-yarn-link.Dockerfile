# syntax=docker/dockerfile:1.6

ARG NODE_VERSION=20.15.0

FROM node:${NODE_VERSION}-alpine AS build
WORKDIR /app
COPY --link package.json yarn.lock .yarnrc.yml ./
COPY --link .yarn/releases .yarn/releases
RUN --mount=type=cache,target=/root/.yarn/berry/cache yarn install --immutable
COPY --link . .
RUN yarn build

FROM nginx:1.27-alpine
COPY --link --from=build /app/dist /usr/share/nginx/html
