#!/bin/sh
# Pictures of the program by the program itself, from committed examples, into build/screenshots; with
# --readme also those of README, into assets/pictures.
#
#   sh scripts/screenshots.sh [--readme]
set -eu
. "$(dirname -- "$0")/deps.sh"
need_packages --tests
cd "$ROOT"
build bench attnscope widget_sheet
out=$ROOT/build/screenshots
rm -rf "$out"
mkdir -p "$out"

# shot NAME SCRIPT EXAMPLE OPTION…: plays tests/scripts/shots/SCRIPT.txt; its picture becomes NAME.png.
shot() {
    name=$1 script=$ROOT/tests/scripts/shots/$2.txt example=$3
    shift 3
    [ "$example" = none ] || set -- "examples/$example/$example.attn.json" "$@"
    build/bench/attnscope play "$script" "$@" -o "$out" || { say "$name: not drawn"; exit 1; }
    mv "$out/shot.png" "$out/$name.png"
}

shot main-light pointed one-sentence --size 1280x800
shot main-dark dark one-sentence --size 1280x800 --theme dark
shot projector projector one-sentence --size 1280x800 --theme projector --set color.range=fixed
shot small small one-sentence --size 640x480 --set mask.causal=true --set color.range=fixed
shot large pointed one-sentence --size 2560x1440 --set ui.scale=1.5
shot translation translation translation --size 1280x800 --set gold=true --set view2=lines \
    --set lines.layout=horizontal --set color.numbers=false
shot patches patches shapes --size 1280x800 --theme dark --set stage=weights \
    --set query=81 --set row.sorted=true --set color.range=row
shot gallery gallery none --size 1280x800
build/bench/widget_sheet "$out/widgets.png"

if [ "${1:-}" = --readme ]; then
    mkdir -p assets/pictures
    for name in main-light translation patches; do
        cp "$out/$name.png" "assets/pictures/$name.png"
    done
fi
say "pictures: $out"
