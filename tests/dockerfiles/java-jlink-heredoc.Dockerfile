# syntax=docker/dockerfile:1
FROM eclipse-temurin:21-jdk-alpine AS jre
RUN <<EOF
set -eu
jlink --add-modules java.base,java.logging,java.net.http \
      --strip-debug --no-man-pages --no-header-files \
      --output /jre
/jre/bin/java -version
EOF

FROM alpine:3.20
COPY --from=jre /jre /opt/jre
COPY app.jar /app.jar
ENTRYPOINT ["/opt/jre/bin/java", "-jar", "/app.jar"]
