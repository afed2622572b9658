# Ports and servers are passed through: `make dev SERVER_PORT=9081 KAFKA_BROKERS=… CLICKHOUSE_URL=…`.

export PATH := $(PATH):$(HOME)/.cargo/bin
OTA := $(or $(CARGO_TARGET_DIR),target)/debug/ota
BUILD_OTA := cargo build --locked --package localstack --package clickhouse-server --bins

export SECTION BASELINE BENCH_SECONDS BENCH_DEVICES BENCH_EVENTS BENCH_ASKS BENCH_KAFKA_PER_HOUR BENCH_CLICKHOUSE_PER_HOUR

.DEFAULT_GOAL := help
.PHONY: help demo dev test bench guard profile build setup fmt lint clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## the whole system once: simulated traffic in, the five answers out, then everything stops
	@scripts/setup.sh run -- $(BUILD_OTA)
	@$(OTA) demo

dev: ## the whole system, running until Ctrl-C (data under .local/ survives)
	@scripts/setup.sh run -- $(BUILD_OTA)
	@$(OTA) serve

test: ## every test that needs no cloud account
	@scripts/test.sh

bench: ## what the system can do here: a table, and JSON under target/bench/ (SECTION=queries,… BASELINE=file BENCH_SECONDS= BENCH_EVENTS=)
	@scripts/bench.sh

guard: ## instructions of each stage of an event's way, held against the last known (needs valgrind)
	@scripts/guard.sh

profile: ## flamegraphs of ingest, consumer and engine under target/profile/
	@scripts/profile.sh

build: ## the Lambda zips, under target/lambda/ (ARCH=arm64 for Graviton)
	@scripts/build.sh

setup: ## bring everything that the other commands need
	@scripts/setup.sh test

fmt: ## format the code
	@cargo fmt --all

lint: ## formatting, clippy and the deployment template, without the tests
	@scripts/test.sh lint

clean: ## remove everything that was built, downloaded or stored (target/, .local/)
	cargo clean
	rm -rf .local .aws-sam
