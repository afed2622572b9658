#!/usr/bin/env bash
# Every test that needs no cloud account. A failing step doesn't stop the others; the last line sums them up.
# `scripts/test.sh lint` stops before the tests themselves.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh

scripts/setup.sh test
. scripts/tools.sh

passed=0 failed=0 ignored=0 failures=()
began=$SECONDS

# check KIND LABEL COMMAND…: counts as one test.
check() {
  say "▸ $2"
  if step "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)) failures+=("$2"); fi
}

# suites LABEL COMMAND…: counts what the test runner counted; a runner that fails without naming a test counts as one.
suites() {
  local label=$1 log status=0 p f i name
  log=$(log_of "$label")
  say "▸ $label"
  step loud "$@" || status=$?
  read -r p f i < <(awk '/^test result: / { p += $4; f += $6; i += $8 } END { print p + 0, f + 0, i + 0 }' "$log")
  while read -r name; do failures+=("$name"); done < <(sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$log")
  if [ $status -ne 0 ] && [ "$f" -eq 0 ]; then f=1 failures+=("$label"); fi
  passed=$((passed + p)) failed=$((failed + f)) ignored=$((ignored + i))
}

check quiet "formatting" cargo fmt --all --check
check bar "clippy" cargo clippy --workspace --all-targets --locked -- -D warnings
check quiet "template.yaml" sam validate --lint
if [ "${1:-}" != lint ]; then
  say "▸ building the tests"
  # All targets in one go: the `ota` command that some tests start is then built with the features that the tests have.
  if step bar "building the tests" cargo build --workspace --all-targets --locked; then
    suites "tests" cargo test --workspace --locked --no-fail-fast
  else
    failed=$((failed + 1)) failures+=("building the tests")
  fi
fi

say
say "all steps took $(duration $((SECONDS - began)))"
for name in ${failures[@]+"${failures[@]}"}; do say "failed: $name"; done
summary="$passed passed, $failed failed"
[ "$ignored" -eq 0 ] || summary="$summary, $ignored skipped"
say "$summary"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
