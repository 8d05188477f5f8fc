FROM node:${NODE_VERSION:-20}-alpine AS build
WORKDIR /app
COPY . .
RUN npm ci && npm run build

FROM nginx:${NGINX_VERSION:-1.27}
COPY --from=build /app/dist /usr/share/nginx/html
