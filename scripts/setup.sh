#!/usr/bin/env bash
# Brings whatever is missing into this clone; does nothing, within a second, where all is there.
#
#   scripts/setup.sh PART… [-- COMMAND…]
#
#   run     what `make demo` and `make dev` need: Rust, a C++ compiler, a JDK, Kafka's jars, the ClickHouse engine
#   build   what `make build` needs: Rust, a C++ compiler, cargo-lambda with zig, the SAM command
#   test    what `make test` needs: both of the above, and the clients that are tried against the local server
#
# COMMAND (a compilation, mostly) runs beside the downloads, once the system's packages are there.
# As root on Debian or Ubuntu, missing system packages are installed by apt; elsewhere they are listed.
# Everything else lands in the clone, under .local/. Only cargo keeps its own cache of crates (CARGO_HOME).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh
. scripts/system.sh

usage() { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }

run='' build='' clients=''
[ $# -gt 0 ] || usage
while [ $# -gt 0 ]; do
  case $1 in
    run) run=yes ;;
    build) build=yes ;;
    test) run=yes build=yes clients=yes ;;
    --) shift; break ;;
    *) usage ;;
  esac
  shift
done

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux-x64-gnu ;;
  Linux-aarch64) platform=linux-arm64-gnu ;;
  Darwin-x86_64) platform=darwin-x64 ;;
  Darwin-arm64) platform=darwin-arm64 ;;
  *) platform='' ;;
esac
engine=.local/npm/node_modules/@chdb/lib-$platform/libchdb.so
client_tests=localstack/clickhouse-server/tests/clients

# Each thing that is brought has a stamp: a checksum of what it was made from, written last.
checksum() {
  local file
  for file; do [ ! -f "$file" ] || cat "$file"; done | cksum
}
stale() { [ "$(cat "$1" 2>/dev/null)" != "$2" ]; }
bring() { # STAMP CHECKSUM COMMAND…
  local stamp=$1 sum=$2
  shift 2
  rm -f "$stamp"
  mkdir -p "$(dirname "$stamp")"
  "$@"
  local status=$?
  [ $status -ne 0 ] || printf '%s\n' "$sum" >"$stamp"
  return $status
}

kafka_jars() (
  set -e
  rm -rf .local/kafka/libs
  mvn -B -q -Dmaven.repo.local="$PWD/.local/kafka/m2" -f localstack/kafka/pom.xml \
    dependency:copy-dependencies -DoutputDirectory="$PWD/.local/kafka/libs"
  ls .local/kafka/libs/kafka_*.jar
  rm -rf .local/kafka/m2
)

npm_packages() ( # FOLDER-OF-package.json TARGET
  set -e
  rm -rf "$2"
  mkdir -p "$2"
  cp "$1/package.json" "$1/package-lock.json" "$2/"
  npm ci --prefix "$2" --cache "$2/cache" --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=http
  rm -rf "$2/cache"
)

clickhouse_engine() (
  set -e
  npm_packages localstack/engine .local/npm
  [ -f "$engine" ] || { echo "the registry gave no @chdb/lib-$platform"; exit 1; }
)

python_tools() ( # REQUIREMENTS…
  set -e
  rm -rf .local/venv
  python3 -m venv .local/venv
  files=()
  for file; do files+=(-r "$file"); done
  .local/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --progress-bar off "${files[@]}"
)

requirements=(scripts/requirements.txt)
needs=(cc c++ make perl pkg-config git curl certificates cargo)
jars_sum=$(checksum localstack/kafka/pom.xml)
engine_sum=$platform-$(checksum localstack/engine/package-lock.json)
clients_sum=$(checksum "$client_tests/package-lock.json")
get_jars='' get_engine='' get_tools='' get_clients=''

if [ -n "$run" ]; then
  [ -n "$platform" ] || { say "The embedded ClickHouse engine exists for Linux and macOS on x86-64 and arm64, not for $(uname -sm)."; exit 1; }
  needs+=(java)
  if stale .local/kafka/libs.stamp "$jars_sum"; then get_jars=yes; needs+=(mvn); fi
  if stale .local/npm.stamp "$engine_sum"; then get_engine=yes; needs+=(npm); fi
fi
if [ -n "$clients" ]; then
  needs+=(rust-tools node)
  if [ -f "$client_tests/requirements.txt" ]; then requirements+=("$client_tests/requirements.txt"); fi
  if [ -f "$client_tests/package-lock.json" ] && stale .local/clients.stamp "$clients_sum"; then get_clients=yes; needs+=(npm); fi
fi
if [ -n "$build" ]; then
  # A virtual environment holds absolute paths: a clone that was moved needs a new one.
  tools_sum="$PWD $(checksum "${requirements[@]}")"
  if stale .local/venv.stamp "$tools_sum" || ! .local/venv/bin/python -c '' 2>/dev/null; then get_tools=yes; needs+=(python); fi
fi

system_packages "${needs[@]}"

[ -z "$get_jars" ] || job quiet "Apache Kafka's jars (43 MB)" bring .local/kafka/libs.stamp "$jars_sum" kafka_jars
[ -z "$get_engine" ] || job quiet "the ClickHouse engine (178 MB)" bring .local/npm.stamp "$engine_sum" clickhouse_engine
[ -z "$get_tools" ] || job quiet "Python tools: cargo-lambda, zig, sam" bring .local/venv.stamp "$tools_sum" python_tools "${requirements[@]}"
[ -z "$get_clients" ] || job quiet "Node clients for the tests" bring .local/clients.stamp "$clients_sum" npm_packages "$client_tests" .local/clients
[ $# -eq 0 ] || job bar "$*" "$@"
all_done
