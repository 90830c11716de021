#!/bin/sh
# Installs what is missing, builds, and runs every test. Quiet when all goes well.
#
#   sh scripts/test.sh [--no-fonts] [--quick]
#
# --quick leaves out the sanitizer build.
set -eu
. "$(dirname -- "$0")/deps.sh"

fonts= quick=no
for option in "$@"; do
    case $option in
    --no-fonts) fonts=--no-fonts ;;
    --quick) quick=yes ;;
    *) say "unknown option: expected --no-fonts or --quick, found $option"; exit 1 ;;
    esac
done
need_packages --tests $fonts
cd "$ROOT"

passed=0 failed=0 skipped=0

# tally PRESET CTEST-OPTIONS…: runs ctest and adds its counts up.
tally() {
    preset=$1
    shift
    log=$LOG_DIR/ctest-$preset.log
    code=0
    run_logged_status "ctest-$preset" "testing ($preset)" ctest --test-dir "build/$preset" -j 2 --output-on-failure "$@" || code=$?
    p=$(grep -cE 'Test +#[0-9]+: .* Passed ' "$log" || true)
    s=$(grep -cE 'Test +#[0-9]+: .*\*\*\*Skipped' "$log" || true)
    f=$(grep -E 'Test +#[0-9]+: ' "$log" | grep -cvE ' Passed |\*\*\*Skipped' || true)
    passed=$((passed + p)) skipped=$((skipped + s)) failed=$((failed + f))
    grep -E '\*\*\*Skipped' "$log" | sed -E 's/.*Test +#[0-9]+: ([^ ]+) .*/  skipped: \1/' >&2 || true
    grep -hE 'SKIPPED: ' "build/$preset/Testing/Temporary/LastTest.log" 2>/dev/null | sort -u | sed 's/^/  /' >&2 || true
    if [ "$code" != 0 ]; then
        grep -E 'Test +#[0-9]+: ' "$log" | grep -vE ' Passed |\*\*\*Skipped' >&2 || true
        [ "$f" -gt 0 ] || failed=$((failed + 1))
        say "full output: $log"
        sed -n '/The following tests FAILED/,$p' "$log" >&2
    fi
}

# As run_logged, but the failure is reported by the caller.
run_logged_status() {
    name=$1 words=$2
    shift 2
    log=$LOG_DIR/$name.log
    "$@" >"$log" 2>&1 &
    job=$!
    told=0 started=$(date +%s)
    while kill -0 "$job" 2>/dev/null; do
        sleep 1
        spent=$(($(date +%s) - started))
        if [ $((spent / 15)) -gt "$told" ]; then
            told=$((spent / 15))
            say "  $words … ${spent} s, $(grep -cE 'Test +#[0-9]+: ' "$log") done"
        fi
    done
    wait "$job"
}

build dev
tally dev
if [ "$quick" = no ] && grep -qs attnscope_asan tests/Asan.cmake; then
    build asan asan_tests
    tally asan -L asan
fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
