FROM golang:1.22.5@sha256:86a3c48a61915a8c62c0e1d7594730399caa3feb73655dfe96c7bc17710e96cf AS build
WORKDIR /src
COPY . .
RUN go vet ./... && go build -o /app .

FROM build AS test
RUN go test ./...

FROM scratch AS release
COPY --from=build /app /app
ENTRYPOINT ["/app"]
