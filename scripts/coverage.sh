#!/bin/sh
# How much of a folder of src its own tests reach: builds them with gcov's counters, runs them, prints lines
# and branches per file.
#
#   sh scripts/coverage.sh [--missing] [FOLDER]…      core without an argument; --missing names the lines
set -eu
. "$(dirname -- "$0")/deps.sh"

named= folders=
for option in "$@"; do
    case $option in
    --missing) named=--missing ;;
    -*) say "unknown option: expected --missing, found $option"; exit 1 ;;
    *) folders="$folders $option" ;;
    esac
done
folders=${folders:-core}
need_packages --tests --no-fonts
cd "$ROOT"

targets=
for folder in $folders; do
    [ -d "src/$folder" ] || { say "FOLDER: expected one of src, found $folder"; exit 1; }
    for test in "tests/$folder"/test_*.c; do
        [ -e "$test" ] || { say "tests/$folder: expected test programs, found none"; exit 1; }
        name=$(basename "$test" .c)
        targets="$targets test_${folder}_${name#test_}"
    done
done
# shellcheck disable=SC2086 # names of targets hold no blanks
build coverage $targets
find build/coverage -name '*.gcda' -exec rm -f {} +
pattern=$(printf '%s' "$folders" | sed 's/^ *//; s/  */|/g')
run_logged ctest-coverage "testing (coverage)" \
    ctest --test-dir build/coverage -j 2 --timeout 600 --output-on-failure -R "^($pattern)_" || exit 1
# shellcheck disable=SC2086
exec python3 -B scripts/coverage.py $named build/coverage $folders
