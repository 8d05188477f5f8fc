ARG JAVA=21
FROM eclipse-temurin:${JAVA}-jre AS layers
WORKDIR /work
ARG JAR_FILE=target/*.jar
COPY ${JAR_FILE} app.jar
RUN java -Djarmode=layertools -jar app.jar extract

FROM eclipse-temurin:${JAVA}-jre
WORKDIR /app
COPY --from=layers /work/dependencies/ ./
COPY --from=layers /work/spring-boot-loader/ ./
COPY --from=layers /work/snapshot-dependencies/ ./
COPY --from=layers /work/application/ ./
ENTRYPOINT ["java", "org.springframework.boot.loader.launch.JarLauncher"]
