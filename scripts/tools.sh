# shellcheck shell=bash
# Sourced where cargo-lambda, zig or sam run: found in the clone, and keeping what they write there.
export PATH="$PWD/.local/venv/bin:$PATH"
export CARGO_ZIGBUILD_CACHE_DIR="$PWD/.local/zig/cargo-zigbuild"
export ZIG_GLOBAL_CACHE_DIR="$PWD/.local/zig/global"
export ZIG_LOCAL_CACHE_DIR="$PWD/.local/zig/local"
export SAM_CLI_TELEMETRY=0 __SAM_CLI_APP_DIR="$PWD/.local/sam"
# Nothing here asks AWS anything, but its libraries want to know a region.
export AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-eu-central-1}" AWS_EC2_METADATA_DISABLED=true
