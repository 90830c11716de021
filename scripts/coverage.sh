#!/bin/sh
# Which lines and branches are run by tests, by gcov.
#
#   sh scripts/coverage.sh [FOLDER]     of a folder of src, by its own tests; core without argument
#   sh scripts/coverage.sh files        of all that reads and writes files, by the tests of it
#
# With `files` every line that is not run must have a reason in tests/check/uncovered.txt, and every file 90 %
# of its branches or a reason; it ends with 1 if one is missing. What counts as a test of it: the tests of
# src/load and src/image (among them those that let every allocation fail), of SVG, PNG and of the session, of
# exporting, the command line's on converting and dumping, the seeds of the fuzz targets and the bad files; not
# bad_heavy, whose files of gigabytes take longer under gcov than all others and run no line that they do not.
set -eu
. "$(dirname -- "$0")/deps.sh"
folder=${1:-core}
need_packages --tests --no-fonts
cd "$ROOT"
case $folder in
files)
    targets=
    tests='^(load|image)_|^fuzz_|^bad_(check|make|live)$|^goldens_(svg|png)$|^draw_svg$|^state_session|^doc_corpus$|^base_buf$'
    tests="$tests|^cli_test_(convert|dump|export|forms|json_suite|render|unusable)\$|^play_(save|export)"
    tests="$tests|^app_(writing|export|export_stage|figures|forms|commands|documents|mapping|reading|opening|cli)\$"
    sources=$(find src/load src/image src/draw/svg.c src/draw/svg_put.c src/state/session.c \
        src/state/session_origin.c src/app/cli_convert.c src/app/cli_dump.c src/app/writing.c \
        src/app/export.c src/app/export_stage.c -name '*.c' | sort)
    ;;
*)
    [ -d "src/$folder" ] || { say "folder: expected one of src or files, found $folder"; exit 1; }
    tests="^${folder}_" targets=
    for source in tests/"$folder"/test_*.c; do
        name=${source##*/test_}
        targets="$targets test_${folder}_${name%.c}"
    done
    sources=$(find "src/$folder" -name '*.c' | sort)
    ;;
esac
# shellcheck disable=SC2086 # lists of names are split on purpose
build coverage $targets
find build/coverage/CMakeFiles -name '*.gcda' -delete
run_logged coverage-scalar "testing" ctest --test-dir build/coverage -R "$tests" -j 2 || exit 1
# The goldens run scalar; once more with whatever kernels this processor has.
[ "$folder" = files ] || for target in $targets; do
    "build/coverage/tests/$target" >"$LOG_DIR/coverage-native.log" 2>&1 || { say "$target failed"; exit 1; }
done
strict=
[ "$folder" != files ] || strict=--strict
# shellcheck disable=SC2086
exec python3 -B scripts/coverage.py $strict build/coverage $sources
