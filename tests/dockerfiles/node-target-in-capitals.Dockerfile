FROM node:20 AS Build
WORKDIR /app
COPY . .
RUN npm ci && npm run build

FROM node:20-slim AS Production
COPY --from=build /app/dist /app
CMD ["node", "/app/index.js"]

FROM cypress/included:13.13.0 AS Test
COPY --from=Build /app /app
RUN cd /app && npm test
