#!/usr/bin/env bash
# Instructions per event of each stage of an event's way, compared with functions/consumer/benches/guard.baseline.
# Fails where a stage takes over THRESHOLD percent more (default 3). UPDATE=1 writes the baseline anew.
#
# Counted by callgrind on fixed input, so that neither the machine's load nor its clock matters. What does: the compiler
# (rust-toolchain.toml), the libraries (Cargo.lock), the profile `bench` and the C library's memcpy and malloc. valgrind stands
# in for the processor: it has AVX2, but neither AVX-512 nor SHA instructions, so ids cost more here than anywhere else.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:$HOME/.cargo/bin"

baseline=functions/consumer/benches/guard.baseline
threshold=${THRESHOLD:-3}
out=${CARGO_TARGET_DIR:-target}/guard

if ! command -v valgrind > /dev/null; then
  echo "valgrind is missing; it counts the instructions. Debian, Ubuntu: apt-get install valgrind" >&2
  exit 2
fi

guard=$(cargo bench --locked --package consumer --bench guard --no-run --message-format=json-render-diagnostics |
  sed -n 's/.*"name":"guard".*"executable":"\([^"]*\)".*/\1/p')
mkdir -p "$out"
# Without addresses that change from run to run and without the environment, whose size moves the stack.
events=$(env -i setarch -R valgrind --quiet --tool=callgrind --callgrind-out-file="$out/callgrind.out" "$guard")
# A stage is called by name from `main`, hence what `main` passes on to it is what it took with all that it calls.
awk -v events="$events" '
  # Names are written once, then go by number.
  match($0, /^c?fn=\(([0-9]+)\)/) {
    number = substr($0, RSTART, RLENGTH); gsub(/[^0-9]/, "", number)
    name = substr($0, RLENGTH + 2)
    if (name != "") names[number] = name
    if (/^fn=/) within = number; else called = number
  }
  /^calls=/ { getline; if (within != called) taken[within, called] += $2 }
  END {
    for (pair in taken) {
      split(pair, of, SUBSEP)
      if (names[of[1]] ~ /guard::main$/ && names[of[2]] ~ /stages::[a-z_0-9]+$/) {
        stage = names[of[2]]; sub(/.*::/, "", stage)
        printf "%s %d\n", stage, taken[pair] / events
      }
    }
  }' "$out/callgrind.out" | sort > "$out/now"

if [ "${UPDATE:-}" = 1 ]; then
  cp "$out/now" "$baseline"
fi
awk -v threshold="$threshold" '
  BEGIN { printf "%-24s %10s %10s %8s\n", "instructions per event", "baseline", "now", "" }
  NR == FNR { now[$1] = $2; next }
  {
    known[$1] = 1
    if (!($1 in now)) { printf "%-24s %10d %10s  gone\n", $1, $2, "-"; bad = 1; next }
    change = 100 * (now[$1] - $2) / $2
    worse = change > threshold
    printf "%-24s %10d %10d %+7.1f %%%s\n", $1, $2, now[$1], change, worse ? "  too much" : ""
    bad = bad || worse
  }
  END {
    for (stage in now) if (!(stage in known)) { printf "%-24s %10s %10d  new\n", stage, "-", now[stage]; bad = 1 }
    if (bad) print "If that is meant: UPDATE=1 scripts/guard.sh" > "/dev/stderr"
    exit bad
  }' "$out/now" "$baseline"
