# syntax=docker/dockerfile:1
# The `ota` command for servers that run elsewhere: Kafka and ClickHouse come by KAFKA_BROKERS and CLICKHOUSE_URL.

# The same version as rust-toolchain.toml.
FROM rust:1.95.0-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package localstack --bin ota \
    && cp target/release/ota /usr/local/bin/ota

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/ota --create-home ota
COPY --from=build /usr/local/bin/ota /usr/local/bin/ota
USER ota
WORKDIR /var/lib/ota
ENV SERVER_HOST=0.0.0.0 SERVER_PORT=8081
EXPOSE 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
    CMD curl -fsS "http://127.0.0.1:${SERVER_PORT}/health" >/dev/null || exit 1
STOPSIGNAL SIGTERM
ENTRYPOINT ["ota"]
CMD ["serve"]
