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
here=$PWD
cd "$ROOT" # cmake looks for the presets where it stands
build release attnscope
cd "$here"

program=$ROOT/build/release/attnscope
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    code=0
    "$program" "$@" || code=$?
    [ "$code" = 5 ] || exit "$code"
fi
picture=$ROOT/build/first-screen.png
"$program" render --view window -o "$picture" "$@"
say "No display: the first screen was drawn into $picture"
