# syntax=docker/dockerfile:1
FROM golang:1.22 AS build
ENV GOPRIVATE=github.com/example/*
RUN git config --global url."git@github.com:".insteadOf "https://github.com/" && \
    mkdir -p -m 0700 ~/.ssh && ssh-keyscan github.com >> ~/.ssh/known_hosts
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=ssh go mod download
COPY . .
RUN go build -o /app .

FROM gcr.io/distroless/base-debian12
COPY --from=build /app /app
ENTRYPOINT ["/app"]
