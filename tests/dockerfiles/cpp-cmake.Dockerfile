ARG DISTRO=debian RELEASE=bookworm
FROM ${DISTRO}:${RELEASE} AS build
RUN apt-get update && apt-get install -y cmake g++ ninja-build
WORKDIR /src
COPY . .
RUN cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release && cmake --build build

FROM ${DISTRO}:${RELEASE}-slim
COPY --from=build /src/build/app /usr/bin/app
CMD ["app"]
