FROM postgres:16-alpine
COPY schema.sql /docker-entrypoint-initdb.d/10-schema.sql
RUN echo "CREATE VIEW recent AS \
      SELECT * \
      FROM orders AS o \
      WHERE o.created > now() - interval '1 day';" > /docker-entrypoint-initdb.d/20-views.sql
