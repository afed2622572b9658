#!/usr/bin/env bash
# The four functions as zips for Lambda (provided.al2023), under target/lambda/. ARCH: x86_64 (default) or arm64.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh

case ${ARCH:-x86_64} in
  x86_64 | x86-64 | amd64) flag=--x86-64 target=x86_64-unknown-linux-gnu ;;
  arm64 | aarch64) flag=--arm64 target=aarch64-unknown-linux-gnu ;;
  *) say "ARCH is x86_64 or arm64, not $ARCH"; exit 1 ;;
esac

scripts/setup.sh build
. scripts/tools.sh

if ! [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
  say "This Rust toolchain has no $target. With rustup: rustup target add $target"
  exit 1
fi

functions=(ingest consumer analytics migrate)
lambda=${CARGO_TARGET_DIR:-target}/lambda
step bar "zips for $target" cargo lambda build --release "$flag" --output-format zip --lambda-dir "$lambda" --locked "${functions[@]/#/--package=}"

for function in "${functions[@]}"; do
  zip=$lambda/$function/bootstrap.zip
  awk -v file="$zip" -v bytes="$(wc -c <"$zip")" 'BEGIN { printf "  %-40s %6.2f MB\n", file, bytes / 1e6 }'
done
