#!/bin/sh
# Installs what is missing, builds, and runs every test. Quiet when all goes well.
#
#   sh scripts/test.sh [--no-fonts] [--quick]
#
# --quick leaves out the sanitizer builds. The last line is `N passed, N failed, N skipped`; a program of
# many tests counts as many. Failed and skipped tests are named above it.
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

# tally PRESET CTEST-OPTIONS…: runs ctest, adds its counts up, tells what did not pass.
tally() {
    preset=$1
    shift
    code=0
    rm -f "build/$preset/Testing/Temporary/LastTest.log"
    job "ctest-$preset" "testing ($preset)" 15 '[0-9]+/[0-9]+ Test' \
        ctest --test-dir "build/$preset" -j 2 --timeout 400 --output-on-failure "$@" || code=$?
    counts=$LOG_DIR/counts-$preset
    awk -v preset="$preset" -f "$ROOT/scripts/counts.awk" "$log" "build/$preset/Testing/Temporary/LastTest.log" \
        >"$counts" || printf '0 1 0\n' >"$counts"
    sed '$d' "$counts" >&2
    read -r p f s <<END
$(tail -n 1 "$counts")
END
    if [ "$code" != 0 ]; then
        [ "$f" -gt 0 ] || f=1
        say "full output: $log"
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# Kernels that place programs where ThreadSanitizer keeps its own memory end it at once.
threads_can_be_watched() {
    probe=$LOG_DIR/tsan-probe
    echo 'int main(void) { return 0; }' | cc -fsanitize=thread -x c -o "$probe" - 2>/dev/null && "$probe" 2>/dev/null
}

build dev
tally dev
if [ "$quick" = no ]; then
    build asan asan_tests
    tally asan -L asan
    if threads_can_be_watched; then
        build tsan tsan_tests
        tally tsan -L tsan
    else
        echo 'SKIPPED: tsan: needs a machine on which programs of ThreadSanitizer start' >&2
        skipped=$((skipped + 1))
    fi
fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
