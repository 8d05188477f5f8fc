# syntax=docker/dockerfile:1-labs
FROM gcc:14 AS build
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    apt-get update && apt-get install -y cmake python3-pip
WORKDIR /src
COPY --parents CMakeLists.txt src/**/*.cpp ./
RUN --mount=type=tmpfs,target=/tmp --network=none cmake -B build && cmake --build build

FROM gcr.io/distroless/cc-debian12
COPY --from=build /src/build/app /app
CMD ["/app"]
