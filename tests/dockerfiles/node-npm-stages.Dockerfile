FROM node:20 as dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci

FROM dependencies as build
COPY . .
RUN npm run lint \
 && npm run build \
 # The tests need what was built.
 && npm test

FROM node:20-slim
WORKDIR /app
COPY --from=dependencies --chown=node:node /app/node_modules ./node_modules
COPY --from=build --chown=node:node /app/dist ./dist
USER node
CMD ["node", "dist/index.js"]
