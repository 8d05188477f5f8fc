FROM node:20-alpine AS development
WORKDIR /app
COPY package.json ./
RUN npm install
COPY . .
RUN npm run build
CMD ["npm", "run", "start:dev"]

FROM node:20-alpine AS production
ENV NODE_ENV=production
WORKDIR /app
COPY package.json ./
RUN npm install --omit=dev
COPY --from=development /app/dist ./dist
CMD ["node", "dist/main"]

FROM production AS debug
RUN --mount=type=cache,target=/root/.npm npm install --global ndb
