# shellcheck shell=bash
# Sourced by setup.sh: what the system itself must have. Checks by trying, installs by apt where it may, else says how.

# has NEED: is it there?
has() {
  case $1 in
    perl) perl -MFindBin -MIPC::Cmd -MTime::Piece -e 1 2>/dev/null ;; # OpenSSL's build needs more than perl-base
    certificates) [ "$(uname -s)" = Darwin ] || [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/pki/tls/certs/ca-bundle.crt ] || [ -e /etc/ssl/cert.pem ] ;;
    java) [ "$(java_major)" -ge 17 ] ;;
    npm) command -v npm && command -v node ;;
    python) python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' ;;
    cargo) rust_is_new_enough cargo ;;
    rust-tools) rust_is_new_enough cargo && cargo clippy --version && cargo fmt --version ;;
    *) command -v "$1" ;;
  esac >/dev/null 2>&1
}

java_major() {
  local java=java major
  [ -z "${JAVA_HOME:-}" ] || java=$JAVA_HOME/bin/java
  major=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1) || true
  printf '%s' "${major:-0}"
}

channel() { sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml; }

# Run in the clone: with rustup this is the pinned toolchain, without it whatever cargo there is.
rust_is_new_enough() {
  local version
  version=$(cargo --version 2>/dev/null | sed -n 's/^cargo \([0-9]*\.[0-9]*\).*/\1/p')
  [ -n "$version" ] || return 1
  [ "$(printf '%s\n' "$(channel | cut -d. -f1,2)" "$version" | sort -t. -k1,1n -k2,2n | head -n 1)" = "$(channel | cut -d. -f1,2)" ]
}

# package NEED MANAGER: what to install there.
package() {
  case $2:$1 in
    apt:cc) echo gcc libc6-dev ;;
    apt:c++) echo g++ ;;
    apt:java) apt_jdk ;;
    apt:mvn | dnf:mvn | brew:mvn) echo maven ;;
    apt:npm) echo nodejs npm ;;
    apt:node | dnf:node) echo nodejs ;;
    apt:perf) echo linux-perf ;;
    apt:python) echo python3 python3-venv python3-pip ;;
    *:certificates) echo ca-certificates ;;
    *:cargo | *:rust-tools) ;; # by rustup, see rust_advice
    dnf:cc) echo gcc ;;
    dnf:c++) echo gcc-c++ ;;
    dnf:java) echo java-21-openjdk-headless ;;
    dnf:npm) echo nodejs npm ;;
    dnf:perl) echo perl-core ;;
    dnf:pkg-config) echo pkgconf-pkg-config ;;
    dnf:python) echo python3 python3-pip ;;
    brew:cc | brew:c++ | brew:make | brew:git | brew:perl) ;; # Xcode's command line tools
    brew:java) echo temurin@21 ;;
    brew:npm | brew:node) echo node ;;
    brew:python) echo python@3.13 ;;
    *) echo "$1" ;;
  esac
}

apt_has() { # PACKAGE
  case $(apt-cache policy "$1" 2>/dev/null) in *"Candidate: "[0-9]*) return 0 ;; *) return 1 ;; esac
}

# The JDK that this Debian or Ubuntu has.
apt_jdk() {
  local name
  for name in openjdk-21-jre-headless openjdk-17-jre-headless openjdk-25-jre-headless; do
    if apt_has "$name"; then
      echo "$name"
      return
    fi
  done
  echo default-jre-headless
}

packages() { # MANAGER NEED…
  local manager=$1 need
  shift
  for need; do package "$need" "$manager"; done | tr ' ' '\n' | sort -u | tr '\n' ' '
}

# system_packages NEED…: all of them are there afterwards, or the script ends with a list of what to install.
system_packages() {
  local missing=() still=() need
  for need; do has "$need" || missing+=("$need"); done
  [ ${#missing[@]} -gt 0 ] || return 0

  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then install_by_apt "${missing[@]}"; fi
  for need in "${missing[@]}"; do
    case $need in cargo | rust-tools) has "$need" || rust_toolchain ;; esac
    has "$need" || still+=("$need")
  done
  [ ${#still[@]} -eq 0 ] || advise "${still[@]}"
}

install_by_apt() {
  local list
  export DEBIAN_FRONTEND=noninteractive
  step quiet "apt-get update" apt-get -q -o DPkg::Lock::Timeout=300 update
  list=$(packages apt "$@" | xargs)
  case " $* " in
    *" cargo "*) if ! command -v rustup >/dev/null && apt_has rustup; then list="$list rustup"; fi ;;
  esac
  [ -n "$list" ] || return 0
  say "  installing by apt: $list"
  # shellcheck disable=SC2086 # a list of package names
  step quiet "system packages" apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $list
  hash -r
}

# The pinned toolchain where rustup is there to bring it; what is still missing after that is told by `advise`.
rust_toolchain() {
  command -v rustup >/dev/null || return 0
  step quiet "Rust $(channel) by rustup" rustup toolchain install "$(channel)" --profile minimal --component clippy --component rustfmt || true
}

advise() {
  say
  say "Missing here: $*"
  say "Install it, then run the same command again:"
  say
  if [ "$(uname -s)" = Darwin ]; then
    say "  xcode-select --install        # compilers, make, git"
    install_line "" "brew install" brew "$@"
  elif command -v apt-get >/dev/null; then
    install_line "" "sudo apt-get install" apt "$@"
  elif command -v dnf >/dev/null; then
    install_line "" "sudo dnf install" dnf "$@"
  else
    install_line "Debian, Ubuntu:  " "sudo apt-get install" apt "$@"
    install_line "Fedora:          " "sudo dnf install" dnf "$@"
  fi
  case " $* " in *" cargo "* | *" rust-tools "*)
    say "  rustup, as https://rustup.rs says; then, in this clone:"
    say "    rustup toolchain install $(channel) --profile minimal --component clippy --component rustfmt"
    ;;
  esac
  case " $* " in *" java "*) say "  (a JDK 17 or newer; JAVA_HOME is honoured)" ;; esac
  case " $* " in *" python "*) say "  (Python 3.10 or newer with venv and pip)" ;; esac
  exit 1
}

install_line() { # PREFIX COMMAND MANAGER NEED…
  local prefix=$1 command=$2 list
  list=$(packages "${@:3}" | xargs)
  [ -z "$list" ] || say "  $prefix$command $list"
}
