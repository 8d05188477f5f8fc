ARG BASE=registry.example.com:5000/platform/base
ARG BASE_TAG=2024.06
FROM $BASE:$BASE_TAG
COPY app /opt/app
CMD ["/opt/app"]
