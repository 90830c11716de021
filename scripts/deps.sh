# Sourced by the other scripts: installs what is missing, or says what to install; builds quietly.
#
#   need_packages [--tests] [--no-fonts]
#
# Debian and Ubuntu: apt-get, through sudo when not root. Elsewhere: names the packages and stops.

ROOT=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
LOG_DIR=$ROOT/build/logs
mkdir -p "$LOG_DIR"

BUILD_PACKAGES="gcc libc6-dev cmake ninja-build pkg-config"
LIBRARY_PACKAGES="libsdl2-dev libsdl2-ttf-dev libcjson-dev libharfbuzz-dev libfribidi-dev libfontconfig-dev libpng-dev libturbojpeg0-dev libzip-dev"
TEST_PACKAGES="libcmocka-dev python3 python3-jsonschema xvfb xdotool openbox x11-utils binutils"
FONT_PACKAGES="fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji"

say() { printf '%s\n' "$*" >&2; }

# job NAME WORDS EVERY COUNT COMMAND…: runs the command into build/logs/NAME.log; every so many seconds a
# line on how far it is, by COUNT, a pattern of grep whose last match in the log tells. Its exit code.
job() {
    log=$LOG_DIR/$1.log words=$2 every=$3 count=$4
    shift 4
    "$@" >"$log" 2>&1 &
    job=$!
    started=$(date +%s)
    told=0
    while kill -0 "$job" 2>/dev/null; do
        sleep 0.2
        spent=$(($(date +%s) - started))
        if [ $((spent / every)) -gt "$told" ]; then
            told=$((spent / every))
            say "  $words … ${spent} s $(tail -c 2000 "$log" | tr '\r' '\n' | grep -oE "$count" | tail -n 1)"
        fi
    done
    wait "$job"
}

# run_logged NAME WORDS COMMAND…: quiet when all goes well, the log's end when not.
run_logged() {
    name=$1 words=$2
    shift 2
    job "$name" "$words" 10 '^\[[0-9]+/[0-9]+\]' "$@" && return 0
    say "$words failed; the end of $log:"
    tail -n 40 "$log" >&2
    return 1
}

other_systems() {
    say "This script installs packages on Debian and Ubuntu only. Please install, then run it again:"
    say "  Fedora   sudo dnf install gcc cmake ninja-build pkgconf-pkg-config SDL2-devel SDL2_ttf-devel cjson-devel harfbuzz-devel fribidi-devel fontconfig-devel libpng-devel turbojpeg-devel libzip-devel"
    say "  Arch     sudo pacman -S --needed base-devel cmake ninja sdl2 sdl2_ttf cjson harfbuzz fribidi fontconfig libpng libjpeg-turbo libzip"
    say "  macOS    brew install cmake ninja pkg-config sdl2 sdl2_ttf cjson harfbuzz fribidi fontconfig libpng jpeg-turbo libzip"
    [ "$1" = no ] || {
        say "and for the tests"
        say "  Fedora   libcmocka-devel python3-jsonschema xorg-x11-server-Xvfb xdotool openbox xwininfo"
        say "  Arch     cmocka python-jsonschema xorg-server-xvfb xdotool openbox xorg-xwininfo"
        say "  macOS    cmocka"
    }
    exit 1
}

# Everything that a build needs can be found already, wherever it came from.
all_present() {
    for tool in cc cmake ninja pkg-config; do
        command -v "$tool" >/dev/null 2>&1 || return 1
    done
    pkg-config --exists sdl2 SDL2_ttf libcjson harfbuzz fribidi fontconfig libpng libturbojpeg libzip || return 1
    [ "$1" = no ] || pkg-config --exists cmocka
}

missing_of() {
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf ' %s' "$package"
    done
}

# Asks once, and only where a person can answer; delete build/logs/no-fonts to be asked again.
want_fonts() {
    [ ! -e "$LOG_DIR/no-fonts" ] || return 1
    [ -t 0 ] && [ -t 2 ] || return 0
    printf '%s' "Install fonts for Chinese, Arabic, Hindi, emoji … too ($1 ; about 145 MB)? [Y/n] " >&2
    read -r answer || answer=n
    case $answer in
    [nN]*) : >"$LOG_DIR/no-fonts" && return 1 ;;
    esac
}

# apt_install WHY PACKAGE…
apt_install() {
    why=$1
    shift
    as_root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || { say "Missing $why: $*. As root: apt-get install $*"; return 1; }
        as_root=sudo
    fi
    say "Installing with ${as_root:+sudo }apt-get what is missing $why: $*"
    [ -z "$as_root" ] || sudo -v || return 1
    if [ -z "${lists_read:-}" ]; then
        run_logged apt-update "reading package lists" $as_root apt-get update || return 1
        lists_read=yes
    fi
    run_logged apt-install "installing packages" $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$@"
}

# shellcheck disable=SC2086 # lists of package names are split on purpose
need_packages() {
    tests=no fonts=yes
    for option in "$@"; do
        case $option in
        --tests) tests=yes ;;
        --no-fonts) fonts=no ;;
        esac
    done
    if ! command -v apt-get >/dev/null 2>&1; then
        all_present "$tests" || other_systems "$tests"
        return 0
    fi
    missing=$(missing_of $BUILD_PACKAGES $LIBRARY_PACKAGES)
    [ "$tests" = no ] || missing="$missing$(missing_of $TEST_PACKAGES)"
    missing_fonts=$(missing_of $FONT_PACKAGES)
    [ "$fonts" = yes ] && [ -n "$missing_fonts" ] && want_fonts "$missing_fonts" || missing_fonts=
    if [ -n "$missing" ] && ! apt_install "to build" $missing; then
        all_present "$tests" || exit 1
        say "Going on: what the build needs was found elsewhere."
    fi
    [ -z "$missing_fonts" ] || apt_install "to show every script" $missing_fonts ||
        say "Going on without these fonts: characters they alone have are drawn as boxes."
}

# build PRESET [TARGET…]
build() {
    preset=$1
    shift
    run_logged "configure-$preset" "configuring" cmake -S "$ROOT" --preset "$preset" -G Ninja || exit 1
    [ "$#" -eq 0 ] || set -- --target "$@"
    run_logged "build-$preset" "building ($preset)" cmake --build "$ROOT/build/$preset" "$@" || exit 1
}
