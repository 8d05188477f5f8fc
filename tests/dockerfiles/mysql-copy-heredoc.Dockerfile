# syntax=docker/dockerfile:1.4
FROM mysql:8.4
COPY <<EOF /docker-entrypoint-initdb.d/init.sql
CREATE TABLE report AS
SELECT name, count(*) AS orders
FROM users
GROUP BY name;
EOF
HEALTHCHECK CMD mysqladmin ping -h localhost
