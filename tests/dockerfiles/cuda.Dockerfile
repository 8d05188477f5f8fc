ARG CUDA_VERSION=12.4.1
ARG UBUNTU=ubuntu22.04
FROM nvidia/cuda:$CUDA_VERSION-cudnn-runtime-$UBUNTU
ARG DEBIAN_FRONTEND=noninteractive
ARG PYTHON_VERSION=3.11
LABEL org.opencontainers.image.title="Trainer" \
      org.opencontainers.image.description="Trains on CUDA ${CUDA_VERSION}"
RUN apt-get update && apt-get install -y python${PYTHON_VERSION} python3-pip && rm -rf /var/lib/apt/lists/*
COPY requirements.txt /tmp/
RUN python${PYTHON_VERSION} -m pip install -r /tmp/requirements.txt
COPY train.py /
STOPSIGNAL SIGINT
ENTRYPOINT ["python3", "/train.py"]
