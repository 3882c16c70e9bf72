# Shared by the scripts of this folder: rounds, times and the table. Source it after
# packaging/lib.sh; it runs nothing.
#
# A script defines `subjects`, `measure KEY`, `settle KEY` and `clean_up`, and calls `begin "$@"`, `measure_rounds` and `print_table`.
# shellcheck shell=bash

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export NOPO_DAEMON=${NOPO_DAEMON:-$repository/build/release/daemon/nopod}
nopo=${NOPO:-$repository/build/release/cli/nopo}
readonly repository nopo
readonly warm_up_rounds=3
rounds=15

# begin ARGUMENT...: reads `--rounds N` and makes $work, a directory that `clean_up` removes.
begin() {
  while [ $# -gt 0 ]; do
    case $1 in
      --rounds) rounds=${2:?--rounds needs a number}; shift 2 ;;
      *) die "unknown argument '$1'; there is --rounds N" ;;
    esac
  done
  [ "$rounds" -ge 11 ] || die "a median of fewer than 11 rounds says little"
  work=$(mktemp -d "${TMPDIR:-/tmp}/nopo-bench.XXXXXX")
  readonly work
  trap clean_up EXIT
  trap 'exit 130' INT TERM HUP
}

need_programs() {
  local tool
  for tool in "$nopo" "$NOPO_DAEMON"; do
    [ -x "$tool" ] || die "there is no $tool; run packaging/build release -DBUILD_TESTING=OFF"
  done
}

# run_once COMMAND...: in silence, unless it fails.
run_once() {
  "$@" >"$work/output" 2>&1 || { cat "$work/output" >&2; die "failed: $*"; }
}

# timed COMMAND...: prints how many milliseconds it took.
timed() {
  local start=$EPOCHREALTIME end
  "$@" >"$work/output" 2>&1 </dev/null || { cat "$work/output" >&2; die "failed: $*"; }
  end=$EPOCHREALTIME
  awk -v start="$start" -v end="$end" 'BEGIN { printf "%.2f\n", (end - start) * 1000 }'
}

# measure_all ROUNDS DIRECTORY: a file of times for each subject.
measure_all() {
  local round key rest
  mkdir -p "$2"
  for ((round = 1; round <= $1; round++)); do
    while IFS='|' read -r key rest <&3; do
      settle "$key"
      measure "$key" >>"$2/$key"
    done 3<"$work/subjects"
  done
}

measure_rounds() {
  subjects >"$work/subjects"  # Once: it runs other programs, which would be measured too.
  measure_all "$warm_up_rounds" "$work/warm-up"
  measure_all "$rounds" "$work/times"
}

# Prints "MEDIAN MIN MAX" of the numbers in a file.
summary() {
  sort -n "$1" | awk '{ v[NR] = $1 }
    END { printf "%.1f %.1f %.1f\n", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2, v[1], v[NR] }'
}

# "DATE, N processors, load L", of every table.
print_machine() {
  printf '%s, %s processors, load %s' "$(date --utc +%Y-%m-%d)" "$(nproc)" \
    "$(cut -d' ' -f1 /proc/loadavg)"
}

print_rounds() {
  printf '%d rounds after %d to warm up; milliseconds\n\n' "$rounds" "$warm_up_rounds"
}

print_table() {
  local key label other median min max ratio
  printf '%-34s %8s %8s %8s   %s\n' '' median min max ratio
  while IFS='|' read -r key label other; do
    read -r median min max < <(summary "$work/times/$key")
    ratio=
    if [ -n "$other" ]; then
      ratio=$(awk -v a="$median" -v b="$(summary "$work/times/$other" | cut -d' ' -f1)" \
        -v name="$(sed -n "s/^$other|\([^|]*\)|.*/\1/p" "$work/subjects")" \
        'BEGIN { printf "%.2f x %s", a / b, name }')
    fi
    printf '%-34s %8s %8s %8s   %s\n' "$label" "$median" "$min" "$max" "$ratio"
  done <"$work/subjects"
}
