# syntax=docker/dockerfile:1.6
FROM alpine:3.20 AS download
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d \
    https://example.com/releases/tool-1.2.3-linux-amd64.tar.gz /tmp/
RUN tar -xzf /tmp/tool-1.2.3-linux-amd64.tar.gz -C /usr/local/bin

FROM alpine:3.20
COPY --from=download /usr/local/bin/tool /usr/local/bin/tool
ENTRYPOINT ["tool"]
