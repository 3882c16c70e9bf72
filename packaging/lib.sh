# Shared by the scripts of this folder: messages, privileges, and talking to a Docker engine with
# nothing but curl. Source it; it runs nothing.
# shellcheck shell=bash

# Progress goes to stderr, so that stdout carries results only.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
  say "$*"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

is_root() { [ "$(id -u)" -eq 0 ]; }

# Runs a command as root, through sudo where that is needed.
as_root() {
  if is_root; then "$@"; else sudo "$@"; fi
}

# Debian keeps dockerd, iptables and ip in folders that a user's PATH may lack.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

cache_dir() { printf '%s/nopo\n' "${XDG_CACHE_HOME:-$HOME/.cache}"; }

# Where a private engine keeps everything, unless told otherwise.
private_engine_dir() {
  printf '%s\n' "${NOPO_ENGINE_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/nopo/engine}"
}

# engine_request ENDPOINT PATH [curl argument...]: one call of the Engine API; fails on an HTTP
# error. ENDPOINT is written as in DOCKER_HOST.
engine_request() {
  local endpoint=$1 path=$2
  shift 2
  case $endpoint in
    unix://*) set -- --unix-socket "${endpoint#unix://}" "$@" "http://engine$path" ;;
    tcp://*) set -- "$@" "http://${endpoint#tcp://}$path" ;;
    *) return 2 ;;
  esac
  curl --silent --show-error --fail --noproxy '*' "$@"
}

# engine_answers ENDPOINT: whether an engine is there and lets this user in.
engine_answers() {
  [ "$(engine_request "$1" /_ping --max-time 10 2>/dev/null)" = OK ]
}

# The address of the Debian mirror that this machine's own apt uses; empty when there is none.
debian_mirror() {
  # shellcheck disable=SC2016  # apt, not the shell, fills these in.
  apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' \
    'Created-By: Packages' 2>/dev/null |
    awk -F'|' '$1 == "Debian" && $2 == "Debian" && $3 == "main" {print $4; exit}'
}

# debian_source SUITE: the line of a sources.list for a release of Debian from that mirror.
debian_source() {
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
    "$(debian_mirror)" "$1"
}
