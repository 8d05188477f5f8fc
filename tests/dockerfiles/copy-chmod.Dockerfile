FROM debian:bookworm-slim
RUN useradd --system app
COPY --chmod=0755 --chown=app:app entrypoint.sh /usr/local/bin/
USER app
ENTRYPOINT ["entrypoint.sh"]
