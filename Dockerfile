# An image with nothing but the static binary.
#
#   docker build -t tinycdn .
#   docker run -p 53:53/udp -p 53:53/tcp -p 80:80 -p 443:443/tcp -p 443:443/udp \
#     -v /etc/tinycdn:/etc/tinycdn:ro -e TINYCDN_POP=nyc tinycdn
#
# With published ports, Docker may put an address of its own in place of the resolver's and the visitor's. With
# --network host it does not; then add --cap-add NET_BIND_SERVICE --user 0. An access log goes to standard output:
# file = "-".
#
# tinycdn purge is /tinycdn purge in the container, with --tmpfs /run/tinycdn:uid=65534 for the socket that it asks by.
#
# The tests run the build command below and use what it builds in an empty file system: see TestTheImage in tests/.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -gcflags all=-dwarf=false -ldflags '-s -w' -o /tinycdn ./cmd/tinycdn

FROM scratch
COPY --from=build /tinycdn /tinycdn
COPY LICENSE NOTICE /
EXPOSE 53/udp 53/tcp 80/tcp 443/tcp 443/udp
USER 65534:65534
ENTRYPOINT ["/tinycdn"]
CMD ["serve", "--config", "/etc/tinycdn/tinycdn.toml"]
