#!/bin/sh
# Installs what is missing, builds, and opens attnscope. Arguments go to the program.
#
#   sh scripts/run.sh [--no-fonts] [FILE…]
set -eu
. "$(dirname -- "$0")/deps.sh"

fonts=
if [ "${1:-}" = --no-fonts ]; then
    fonts=--no-fonts
    shift
fi
need_packages $fonts
cd "$ROOT"
[ -d build/release ] || run_logged configure-release "configuring" cmake --preset release -G Ninja -DBUILD_TESTING=OFF || exit 1
run_logged build-release "building" cmake --build build/release || exit 1
cd - >/dev/null

program=$ROOT/build/release/attnscope
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    code=0
    "$program" "$@" || code=$?
    [ "$code" = 5 ] || exit "$code"
fi
picture=$ROOT/build/first-screen.png
"$program" render --view window -o "$picture" "$@"
say "No display: the first screen was drawn into $picture"
