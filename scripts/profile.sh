#!/usr/bin/env bash
# Flamegraphs (SVG) and the functions that take most time (text), of ingest, consumer and engine, under target/profile/.
# BENCH_SECONDS=3: a third of the time that each part is sampled. Linux only; perf must be there and be let.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh
. scripts/system.sh

scripts/setup.sh run
system_packages perf
step bar "building, optimised" cargo build --locked --profile bench --package bench --package clickhouse-server --bins

[ -n "${BENCH_SECONDS:-}" ] || unset BENCH_SECONDS
unset SECTION BASELINE BENCH_DEVICES BENCH_EVENTS BENCH_ASKS BENCH_KAFKA_PER_HOUR BENCH_CLICKHOUSE_PER_HOUR
exec "${CARGO_TARGET_DIR:-target}/release/bench" profile
