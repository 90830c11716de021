#!/bin/sh
# Do the tests notice? Applies the one-line sabotages of tests/mutants/sabotages.txt, one at a time, in a copy
# of the project; each must make its test fail. Ends with `N killed, M survived`; exit 1 on survivors.
#
#   sh scripts/mutants.sh [PART-OF-A-NAME]…
set -eu
. "$(dirname -- "$0")/deps.sh"
need_packages --tests --no-fonts

copy=$ROOT/build/mutants/tree folder=$ROOT/build/mutants/build
mkdir -p "$copy"
cd "$ROOT"
python3 -B tests/mutants/mutants.py copy "$ROOT" "$copy"
[ ! -e ../shared ] || ln -sfn "$(cd .. && pwd)/shared" "$ROOT/build/mutants/shared"
run_logged configure-mutants "configuring" cmake -S "$copy" -B "$folder" -G Ninja \
    -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS=-O1 || exit 1
exec python3 -B "$copy/tests/mutants/mutants.py" run "$copy" "$folder" "$@"
