#!/usr/bin/env bash
# The benchmark: builds what it measures, optimised, and runs it. Variables say what and how much:
#
#   SECTION=ingest,queries   these sections alone (ingest consume end-to-end queries storage cold-start cost)
#   BASELINE=file            an earlier run's JSON (target/bench/*.json): ratios to it beside each figure
#   BENCH_SECONDS=3          length of one measurement under load
#   BENCH_EVENTS=50000000 BENCH_DEVICES=1000000   of the largest tenant that is asked about; BENCH_ASKS=10 asks a question
#   BENCH_KAFKA_PER_HOUR=0 BENCH_CLICKHOUSE_PER_HOUR=0   dollars, for what the servers add to a million events
#
# The zips of `make build` are measured where they are there.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh

scripts/setup.sh run
step bar "building, optimised" cargo build --locked --profile bench --package bench --package localstack --package clickhouse-server --bins

# A variable that make passes on unset is empty.
for variable in SECTION BASELINE "${!BENCH_@}"; do
  [ -n "${!variable:-}" ] || unset "$variable"
done
exec "${CARGO_TARGET_DIR:-target}/release/bench"
