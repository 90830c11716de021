#!/bin/sh
# Do the tests notice? Applies the one-line sabotages of tests/mutants/sabotages.txt, one at a time, in a copy
# of the project; each must make its test fail. Ends with `N killed, M survived`; exit 1 on survivors.
#
#   sh scripts/mutants.sh [PART-OF-A-NAME]…
set -eu
. "$(dirname -- "$0")/deps.sh"
need_packages --tests --no-fonts

copy=$ROOT/build/mutants/tree folder=$ROOT/build/mutants/build
rm -rf "$copy"
mkdir -p "$copy"
cd "$ROOT"
# Time stamps are kept, so that a second run builds only what changed since the first.
cp -Rp CMakeLists.txt CMakePresets.json LICENSE cmake src tests assets examples scripts "$copy"
[ ! -e ../shared ] || ln -sfn "$(cd .. && pwd)/shared" "$ROOT/build/mutants/shared"
run_logged configure-mutants "configuring" cmake -S "$copy" -B "$folder" -G Ninja \
    -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS=-O1 || exit 1
exec python3 -B "$copy/tests/mutants/mutants.py" run "$copy" "$folder" "$@"
