# syntax=registry.example.com/frontends/pack:v2
FROM alpine:3.20
RUN echo built by another frontend
