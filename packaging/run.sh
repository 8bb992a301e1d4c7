#!/bin/sh
# Builds Chantier and opens its window; where there is no display, takes the sample project through its life instead.
#
#     sh packaging/run.sh [PATH]     PATH: the project to open; without it, the first page
#
# Installs what is missing: system packages through apt (as root, or with sudo), Rust through rustup (asks first;
# CHANTIER_YES=1 says yes). The build goes where cargo puts it; CARGO_TARGET_DIR is respected.
set -eu

case "${1:-}" in
-h | --help)
    sed -n '2,8s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
-*)
    echo "usage: sh packaging/run.sh [PATH]" >&2
    exit 2
    ;;
esac
[ $# -le 1 ] || {
    echo "usage: sh packaging/run.sh [PATH]" >&2
    exit 2
}

# PATH is meant from where the user stands.
open=
if [ $# = 1 ]; then
    [ -d "$1" ] || {
        echo "no such folder: $1" >&2
        exit 2
    }
    open=$(CDPATH='' cd -- "$1" && pwd)
fi

cd -- "$(dirname -- "$0")/.."
. packaging/common.sh

build_packages
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    # shellcheck disable=SC2086 # one word per package
    install $WINDOW_PACKAGES || warn "going on: perhaps the window opens without them"
fi
# shellcheck disable=SC2119 # no component but the compiler
toolchain

say "building (the first time takes some minutes)"
cargo build --release --locked
program=$(target_dir)/release/chantier

if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    say "no display (neither DISPLAY nor WAYLAND_DISPLAY is set): no window, so here is the tour on the command line"
    [ -z "$open" ] || say "for $open without a window:  $program --help"
    exec "$program" tour
fi
say "opening the window${open:+ on $open};  the command line is $program"
# The toolchain chosen for this build is not the one of the projects that are opened.
unset RUSTUP_TOOLCHAIN
exec "$program" ${open:+"$open"}
