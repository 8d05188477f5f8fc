FROM --platform=linux/arm64 node:20-alpine AS firmware
WORKDIR /app
COPY . .
RUN npm ci

FROM nginx:1.27
COPY --from=firmware /app /usr/share/nginx/html
