# syntax=docker/dockerfile:1
FROM docker:27-cli
COPY <<"EOF" /template/Dockerfile
ARG VERSION=1
FROM --platform=$BUILDPLATFORM alpine:${VERSION}
RUN echo $HOME
EOF
COPY --chmod=755 <<-"SCRIPT" /usr/local/bin/entry
	#!/bin/sh
	exec docker build /template
SCRIPT
ENTRYPOINT ["entry"]
