FROM --platform=linux/amd64 node:18 AS build
WORKDIR /app
COPY . .
RUN npm ci
RUN npx ng build --configuration production

FROM --platform=linux/amd64 nginx:1.25
COPY --from=build /app/dist/web /usr/share/nginx/html
