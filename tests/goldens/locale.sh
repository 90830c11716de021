#!/bin/sh
# A locale that writes 1,5 must change no byte: the program under de_DE.UTF-8 against itself under C.UTF-8, then the
# tests of the modules that were built, and those of the command line, under de_DE.UTF-8. 77 = skipped.
#
#   locale.sh PROGRAM FOLDER      a folder of the build: for results, and for the locale where it is missing
set -eu
program=$1 folder=$2
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
examples=$here/../../examples scripts=$here/../scripts
rm -rf "$folder"
mkdir -p "$folder/fonts"

comma() { [ "$(LC_ALL=de_DE.UTF-8 locale decimal_point 2>/dev/null)" = , ]; }
if ! comma; then
    mkdir -p "$folder/locale"
    localedef -i de_DE -f UTF-8 "$folder/locale/de_DE.UTF-8" >/dev/null 2>&1 || true
    LOCPATH=$folder/locale
    export LOCPATH
    comma || { echo "SKIPPED: needs the locale de_DE.UTF-8, or localedef with its sources"; exit 77; }
fi

# everything DIRECTORY: one of each thing that the program writes, by numbers that have a fraction
everything() {
    out=$1 three=$examples/three-tokens/three-tokens.attn.json small=$scripts/data/small.attn.json
    mkdir -p "$out"
    "$program" info "$three" --json >"$out/info.json"
    "$program" info "$small" >"$out/info.txt"
    "$program" check "$small" >"$out/check.txt"
    "$program" dump "$three" --stage weights --format csv --set temperature=0.75 >"$out/weights.csv"
    "$program" dump "$small" --stage scaled --format json --set scale.mode=custom --set scale.divisor=1.5 >"$out/scaled.json"
    for view in heatmap lines heads window; do
        "$program" render "$small" --view $view --size 800x600 --font-dir "$folder/fonts" \
            --set temperature=0.75 --set lines.mass=0.85 --set query=1 -o "$out/$view.svg"
    done
    "$program" render "$three" --view heatmap --size 320x240 --font-dir "$folder/fonts" -o "$out/heatmap.png"
    for script in typed_values save_as export copy; do
        play=$(sed -n 's/^# play: *//p' "$scripts/$script.txt")
        # shellcheck disable=SC2086 # the line holds words
        (cd "$here/../.." && "$program" play "tests/scripts/$script.txt" $play -o "$out/$script")
    done
    if "$program" render "$three" --set temperature=1,5 --view heatmap -o "$out/no.svg" 2>"$out/refused.txt"; then
        echo "temperature=1,5 was taken"
        return 1
    fi
}

ATTNSCOPE_SIMD=scalar
export ATTNSCOPE_SIMD
unset LANG LC_NUMERIC LC_CTYPE DISPLAY 2>/dev/null || true
LC_ALL=C.UTF-8 everything "$folder/C"
LC_ALL=de_DE.UTF-8 everything "$folder/de_DE"
grep -q '0\.[0-9]' "$folder/C/weights.csv"
diff -r "$folder/C" "$folder/de_DE"

# quietly COMMAND…: what it says is shown when it fails. 77 is a skip.
quietly() {
    code=0
    "$@" >"$folder/log.txt" 2>&1 || code=$?
    if [ "$code" != 0 ] && [ "$code" != 77 ]; then
        echo "under de_DE.UTF-8: $*"
        tail -n 30 "$folder/log.txt"
        return 1
    fi
}

count=0
LC_ALL=de_DE.UTF-8
export LC_ALL
for part in base image doc draw load state; do
    for test in "$(dirname -- "$program")/tests/test_${part}_"*; do
        [ -x "$test" ] && [ -f "$test" ] || continue
        quietly "$test"
        count=$((count + 1))
    done
done
ATTNSCOPE_PROGRAM=$program
export ATTNSCOPE_PROGRAM
if command -v python3 >/dev/null 2>&1; then
    for name in test_options test_dump test_unusable test_json_suite test_text; do
        quietly python3 -B "$here/../cli/$name.py"
        count=$((count + 1))
    done
else
    echo "SKIPPED: needs python3 for the tests of the command line"
fi
echo "$count programs passed under de_DE.UTF-8"
