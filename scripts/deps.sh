# Sourced by run.sh and test.sh: installs what is missing, or says what to install.
#
#   need_packages [--tests] [--no-fonts]
#
# Debian and Ubuntu: apt-get, through sudo when not root. Elsewhere: names the packages and stops.

ROOT=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
LOG_DIR=$ROOT/build/logs
mkdir -p "$LOG_DIR"

BUILD_PACKAGES="gcc libc6-dev make cmake ninja-build pkg-config"
LIBRARY_PACKAGES="libsdl2-dev libsdl2-ttf-dev libcjson-dev libharfbuzz-dev libfribidi-dev libfontconfig-dev libpng-dev libturbojpeg0-dev"
TEST_PACKAGES="libcmocka-dev python3 python3-jsonschema xvfb xdotool openbox x11-utils binutils"
FONT_PACKAGES="fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji"

say() { printf '%s\n' "$*" >&2; }

# run_logged NAME WORDS COMMAND…: quiet when all goes well, the log's end when not, a line a while when slow.
run_logged() {
    name=$1 words=$2
    shift 2
    log=$LOG_DIR/$name.log
    "$@" >"$log" 2>&1 &
    job=$!
    started=$(date +%s)
    told=0
    while kill -0 "$job" 2>/dev/null; do
        sleep 1
        spent=$(($(date +%s) - started))
        if [ $((spent / 10)) -gt "$told" ]; then
            told=$((spent / 10))
            say "  $words … ${spent} s $(tail -c 300 "$log" | tr '\r' '\n' | grep -o '^\[[0-9]*/[0-9]*\]' | tail -n 1)"
        fi
    done
    if wait "$job"; then
        return 0
    fi
    say "$words failed; the end of $log:"
    tail -n 40 "$log" >&2
    return 1
}

other_systems() {
    say "This script installs packages on Debian and Ubuntu only. Please install, then run it again:"
    say "  Fedora   sudo dnf install gcc make cmake ninja-build pkgconf-pkg-config SDL2-devel SDL2_ttf-devel cjson-devel harfbuzz-devel fribidi-devel fontconfig-devel libpng-devel turbojpeg-devel libcmocka-devel"
    say "  Arch     sudo pacman -S base-devel cmake ninja sdl2 sdl2_ttf cjson harfbuzz fribidi fontconfig libpng libjpeg-turbo cmocka"
    say "  macOS    brew install cmake ninja pkg-config sdl2 sdl2_ttf cjson harfbuzz fribidi fontconfig libpng jpeg-turbo cmocka"
    exit 1
}

# Everything that pkg-config and the shell can find is there already: no package manager is needed.
all_present() {
    for tool in cc cmake ninja pkg-config; do
        command -v "$tool" >/dev/null 2>&1 || return 1
    done
    pkg-config --exists sdl2 SDL2_ttf libcjson harfbuzz fribidi fontconfig libpng libturbojpeg || return 1
    [ "$1" = no ] || pkg-config --exists cmocka
}

missing_of() {
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
    done
}

want_fonts() {
    [ "$1" = yes ] || return 1
    [ -t 0 ] && [ -t 2 ] || return 0
    printf '%s' "Install the Noto fonts too ($2; about 150 MB), for Chinese, Arabic, Hindi, emoji …? [Y/n] " >&2
    read -r answer || answer=n
    case $answer in [nN]*) return 1 ;; *) return 0 ;; esac
}

need_packages() {
    tests=no fonts=yes
    for option in "$@"; do
        case $option in
        --tests) tests=yes ;;
        --no-fonts) fonts=no ;;
        esac
    done
    if ! command -v apt-get >/dev/null 2>&1; then
        all_present "$tests" || other_systems
        return 0
    fi
    wanted="$BUILD_PACKAGES $LIBRARY_PACKAGES"
    [ "$tests" = yes ] && wanted="$wanted $TEST_PACKAGES"
    # shellcheck disable=SC2086
    missing=$(missing_of $wanted)
    # shellcheck disable=SC2086
    missing_fonts=$(missing_of $FONT_PACKAGES)
    if [ -n "$missing_fonts" ] && [ ! -e "$LOG_DIR/no-fonts" ]; then
        if want_fonts "$fonts" "$missing_fonts"; then
            missing="$missing $missing_fonts"
        elif [ "$fonts" = yes ]; then
            : >"$LOG_DIR/no-fonts" # asked once; delete the file to be asked again
        fi
    fi
    missing=$(printf '%s' "$missing" | sed 's/^ *//; s/ *$//')
    [ -n "$missing" ] || return 0
    as_root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || { say "Missing: $missing. Install them as root: apt-get install $missing"; exit 1; }
        as_root=sudo
        say "sudo is needed to install packages."
    fi
    say "Installing what is missing to build and run (apt-get): $missing"
    [ -n "$as_root" ] && sudo -v
    run_logged apt-update "reading package lists" $as_root apt-get update || exit 1
    # shellcheck disable=SC2086
    run_logged apt-install "installing packages" $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends $missing || exit 1
}

# build PRESET TARGET…
build() {
    preset=$1
    shift
    run_logged "configure-$preset" "configuring" cmake -S "$ROOT" --preset "$preset" -G Ninja || exit 1
    [ "$#" -gt 0 ] && set -- --target "$@"
    run_logged "build-$preset" "building ($preset)" cmake --build "$ROOT/build/$preset" "$@" || exit 1
}
