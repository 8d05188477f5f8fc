# syntax=docker/dockerfile:1
FROM ruby:3.3-alpine
WORKDIR /app
COPY Gemfile Gemfile.lock ./
RUN --mount=type=secret,id=gem_key \
    --mount=type=cache,id=gems,target=/cache,uid=1000,mode=0755 \
    BUNDLE_GEMS__EXAMPLE__COM="$(cat /run/secrets/gem_key)" bundle install
COPY . .
CMD ["bundle", "exec", "puma"]
