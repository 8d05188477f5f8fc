# The compiler runs where the build runs; nothing else here is of a platform.
FROM --platform=$BUILDPLATFORM golang:1.22-alpine AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /app .

FROM alpine:3.20
COPY --from=build /app /usr/local/bin/app
CMD ["app"]
