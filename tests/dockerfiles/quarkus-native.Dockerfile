ARG BUILDER_IMAGE=quay.io/quarkus/ubi-quarkus-mandrel-builder-image:jdk-21
ARG RUNTIME_IMAGE="registry.access.redhat.com/ubi8/ubi-minimal:8.9"

FROM ${BUILDER_IMAGE} AS build
COPY --chown=quarkus:quarkus . /code/
USER quarkus
WORKDIR /code
RUN ./mvnw -B package -Dnative

FROM ${RUNTIME_IMAGE}
WORKDIR /deployments/
RUN chown 1001 /deployments \
    && chmod "g+rwX" /deployments \
    && chown 1001:root /deployments
COPY --from=build --chown=1001:root /code/target/*-runner /deployments/application
USER 1001
CMD ["./application", "-Dquarkus.http.host=0.0.0.0"]
