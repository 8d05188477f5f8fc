FROM ubuntu:24.04
MAINTAINER platform@example.com
SHELL ["/bin/bash", "-euxo", "pipefail", "-c"]
ARG TERRAFORM_VERSION=1.9.0
ARG KUBECTL_VERSION
ENV KUBECTL_VERSION=${KUBECTL_VERSION:-1.30.2} TZ=${TZ:-UTC}
RUN apt-get update; \
    apt-get install -y curl unzip; \
    for tool in terraform/${TERRAFORM_VERSION} kubectl/${KUBECTL_VERSION}; do \
        curl -fsSLO "https://downloads.example.com/${tool}.zip"; \
    done; \
    rm -rf /var/lib/apt/lists/*
ADD config.tar.gz /etc/tools/
VOLUME ["/data"]
WORKDIR /data
CMD ["bash"]
