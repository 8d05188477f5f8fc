FROM postgres:16 AS seed
ENV POSTGRES_PASSWORD=local PGDATA=/data
COPY schema.sql /tmp/
RUN docker-entrypoint.sh postgres & sleep 5 && psql -U postgres -f /tmp/schema.sql && \
    psql -U postgres -c "INSERT INTO active \
SELECT id, name \
FROM users \
WHERE deleted IS NULL"

FROM postgres:16
COPY --from=seed /data /var/lib/postgresql/data
