#!/bin/sh
# Which lines of a folder of src its own tests run, by gcov.
#
#   sh scripts/coverage.sh [FOLDER]     core without argument
set -eu
. "$(dirname -- "$0")/deps.sh"
folder=${1:-core}
[ -d "$ROOT/src/$folder" ] || { say "folder: expected one of src, found $folder"; exit 1; }
need_packages --tests --no-fonts
cd "$ROOT"
targets=
for source in tests/"$folder"/test_*.c; do
    name=${source##*/test_}
    targets="$targets test_${folder}_${name%.c}"
done
# shellcheck disable=SC2086
build coverage $targets
objects=$ROOT/build/coverage/CMakeFiles/attn_$folder.dir/src/$folder
rm -f "$objects"/*.gcda
# Once as goldens run, once with whatever kernels this processor has.
run_logged coverage-scalar "testing" ctest --test-dir build/coverage -R "^${folder}_" -j 2 || exit 1
for target in $targets; do
    "build/coverage/tests/$target" >"$LOG_DIR/coverage-native.log" 2>&1 || { say "$target failed"; exit 1; }
done
cd build/coverage
for object in "$objects"/*.gcda; do
    gcov -n -b -o "$object" "$object" 2>/dev/null
done | awk -v folder="src/$folder/" '
    /^File / { file = $2; gsub(/\x27/, "", file); wanted = index(file, folder) > 0 && file ~ /\.c$/; sub(".*" folder, "", file) }
    wanted && /^Lines executed:/ { split($0, part, /[:% ]+/); lines[file] = part[3]; count[file] = part[5] }
    wanted && /^Taken at least once:/ { split($0, part, /[:% ]+/); branches[file] = part[5]; of[file] = part[7] }
    END {
        for (file in lines) {
            printf "%-24s %6.1f %% of %4d lines   %6.1f %% of %4d branches\n", file, lines[file], count[file], branches[file], of[file] | "sort"
            done += lines[file] * count[file]; all += count[file]
            taken += branches[file] * of[file]; ways += of[file]
        }
        close("sort")
        printf "%-24s %6.1f %% of %4d lines   %6.1f %% of %4d branches\n", folder, done / all, all, ways ? taken / ways : 100, ways
    }'
