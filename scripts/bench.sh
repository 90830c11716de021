#!/bin/sh
# The figures: what a frame, a drag, a file costs. Builds Release and prints; machines are noisy, so look at
# ratios, and at processor time where other programs run too.
#
#   sh scripts/bench.sh [start|drag|hover|heatmap|ribbons|core|pool|json|load]…     all of them without arguments
#   sh scripts/bench.sh large | large=N         131 072 (or N) tokens made by examples/large: frames, fresh rows, memory
#   sh scripts/bench.sh --frames FILE…          what a window feels while FILE is opened, and how soon it is cancelled
#   sh scripts/bench.sh peers [THREADS [N]]     attention beside oneDNN, OpenBLAS and PyTorch, as far as installed
#                                               (libdnnl-dev, libopenblas-dev, python3-torch), and beside what the
#                                               machine can do; on one thread, then on two, without arguments
set -eu
. "$(dirname -- "$0")/deps.sh"
need_packages --tests --no-fonts
cd "$ROOT"
[ "${1:-}" = peers ] && build bench peers || build bench bench attnscope
grep -m 1 'model name' /proc/cpuinfo 2>/dev/null | sed 's/.*: /processor: /' || true
if [ "${1:-}" = peers ]; then
    shift
    for threads in ${1:-1 2}; do
        build/bench/peers "$threads" ${2:+"$2"}
    done
    exit 0
fi
build/bench/bench "$@"
[ "$#" -eq 0 ] || exit 0

line() { printf '%-58s %9s %s\n' "$1" "$2" "$3"; }
now_ms() { date +%s%3N; }

# Under a display of its own: from the start of the process to `ready`, then what it does when nothing happens.
if command -v Xvfb >/dev/null 2>&1; then
    Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp 3>build/bench/display >/dev/null 2>&1 &
    server=$!
    trap 'kill "$server" 2>/dev/null' EXIT
    for try in 1 2 3 4 5 6 7 8 9 10; do [ -s build/bench/display ] && break; sleep 0.3; done
    DISPLAY=:$(cat build/bench/display)
    export DISPLAY
    XDG_STATE_HOME=$ROOT/build/bench/state
    export XDG_STATE_HOME
    for try in 1 2 3; do
        : >build/bench/ready
        start=$(now_ms)
        ATTNSCOPE_READY=1 build/bench/attnscope examples/one-sentence/one-sentence.attn.json 2>build/bench/ready &
        program=$!
        while ! grep -q ready build/bench/ready && kill -0 "$program" 2>/dev/null; do sleep 0.005; done
        spent=$(($(now_ms) - start))
        line "process start to first frame under Xvfb, run $try" "$spent" ms
        [ "$try" = 3 ] || { kill "$program" 2>/dev/null || true; wait "$program" 2>/dev/null || true; }
    done
    sleep 2
    ticks() { sed 's/.*) //' "/proc/$program/stat" | { read -r _ _ _ _ _ _ _ _ _ _ _ user system _; echo $((user + system)); }; }
    before=$(ticks)
    sleep 5
    line "processor time while idle, of 5 s" "$((($(ticks) - before) * 10))" ms
    line "memory of the window" "$(sed -n 's/VmRSS: *//p' "/proc/$program/status")" ""
    kill "$program" 2>/dev/null || true
    wait "$program" 2>/dev/null || true
else
    echo "SKIPPED: start under a display: needs Xvfb"
fi
strip -o build/bench/attnscope.stripped build/bench/attnscope
line "size of the program, stripped" "$(($(wc -c <build/bench/attnscope.stripped) / 1024))" KiB

echo 'beside other libraries: sh scripts/bench.sh peers'
