#!/bin/sh
# Builds the fuzz targets with libFuzzer (preset fuzz: needs clang and its runtime) and runs each for a while.
#
#   sh scripts/fuzz.sh [--ledger] [SECONDS] [TARGET…]     60 seconds each of all targets without arguments
#
# Corpora grow in build/fuzz/corpus, what breaks is kept in build/fuzz/findings. --ledger adds a line for each
# run to tests/fuzz/LEDGER.csv. Exit code 1 when something broke.
set -eu
ROOT=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
cd "$ROOT"
ledger=no seconds=60
[ "${1:-}" != --ledger ] || { ledger=yes; shift; }
case ${1:-} in [0-9]*) seconds=$1; shift ;; esac
[ $# -gt 0 ] || set -- json foreign_json html npy npz safetensors dump links png jpeg text
command -v clang >/dev/null || { echo "fuzz.sh: expected clang with libFuzzer, found none" >&2; exit 1; }
mkdir -p build/fuzz/findings build/logs
cmake --preset fuzz -G Ninja >build/logs/fuzz-configure.log 2>&1 || { cat build/logs/fuzz-configure.log; exit 1; }
targets=fuzz_seeds
for name; do targets="$targets fuzz_$name"; done
# shellcheck disable=SC2086
cmake --build build/fuzz --target $targets >build/logs/fuzz-build.log 2>&1 || { cat build/logs/fuzz-build.log; exit 1; }
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
# What was freed is kept for a while to catch late uses: a little of it, or it counts as the target's memory.
export ASAN_OPTIONS=quarantine_size_mb=32
wrong=0
for name; do
    corpus=build/fuzz/corpus/$name
    log=build/logs/fuzz-$name.log
    mkdir -p "$corpus"
    found=0
    nice -n 15 "build/fuzz/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=512 \
        -malloc_limit_mb=256 -max_len=65536 -dict="tests/fuzz/dict/$name.dict" -print_final_stats=1 \
        -artifact_prefix="build/fuzz/findings/$name-" "$corpus" "build/fuzz/fuzz-seeds/$name" \
        $([ -d "tests/fuzz/regressions/$name" ] && echo "tests/fuzz/regressions/$name") >"$log" 2>&1 || found=1
    execs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    line="$commit,$name,libFuzzer,$seconds,${execs:-0},${edges:-0},$found"
    echo "$line"
    [ "$ledger" = no ] || echo "$line" >>tests/fuzz/LEDGER.csv
    if [ "$found" = 1 ]; then
        wrong=1
        grep -m 3 -E 'does not hold|ERROR:|runtime error|SUMMARY' "$log" || tail -n 3 "$log"
    fi
done
exit "$wrong"
