# What run.sh and test.sh share: saying, asking, system packages, the Rust toolchain. Sourced with the checkout as the
# working directory; POSIX sh. Set CHANTIER_YES=1 to answer every question with yes.

# What only root runs is not on every user's PATH, and is here asked for and started through sudo.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
warn() { printf '\033[1;33m!!!\033[0m %s\n' "$*" >&2; }
die() {
    printf '\033[1;31mxxx\033[0m %s\n' "$*" >&2
    exit 1
}
if [ ! -t 2 ] || [ -n "${NO_COLOR:-}" ]; then
    say() { printf '==> %s\n' "$*" >&2; }
    warn() { printf '!!! %s\n' "$*" >&2; }
    die() {
        printf 'xxx %s\n' "$*" >&2
        exit 1
    }
fi

has() { command -v "$1" >/dev/null 2>&1; }

# ask QUESTION: true for yes; false for no, and where there is nobody to ask.
ask() {
    if [ "${CHANTIER_YES:-}" = 1 ]; then
        say "$1 yes (CHANTIER_YES=1)"
        return 0
    fi
    [ -t 0 ] || return 1
    printf '==> %s [Y/n] ' "$1" >&2
    read -r answer || return 1
    case "$answer" in '' | [yYoO]*) return 0 ;; *) return 1 ;; esac
}

# as_root COMMAND...: as it is for root, else through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

can_be_root() {
    [ "$(id -u)" = 0 ] && return 0
    has sudo || return 1
    # Where nobody can type a password, sudo must need none.
    [ -t 0 ] || sudo -n true 2>/dev/null
}

# missing PACKAGE...: those that dpkg does not have installed, one per line.
missing() {
    for package in "$@"; do
        case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" in
        *'ok installed') ;;
        *) printf '%s\n' "$package" ;;
        esac
    done
}

# install PACKAGE...: installs what is missing. False, and said, when that cannot be.
install() {
    if ! has apt-get || ! has dpkg-query; then
        warn "this is neither Debian nor Ubuntu: please see to it that what these packages of Debian hold is there: $*"
        return 1
    fi
    # shellcheck disable=SC2046 # one word per package
    set -- $(missing "$@")
    [ $# -gt 0 ] || return 0
    if ! can_be_root; then
        warn "missing system packages; run this, then try again:  sudo apt-get install --no-install-recommends $*"
        return 1
    fi
    say "installing system packages: $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update >&2 ||
        warn "the package lists could not be renewed; trying with those that are there"
    # One name that this release does not know must not keep the others away.
    known='' unknown=''
    for package in "$@"; do
        if apt-cache show "$package" >/dev/null 2>&1; then
            known="$known $package"
        else
            unknown="$unknown $package"
        fi
    done
    [ -z "$unknown" ] || warn "this release has no package of the name:$unknown"
    [ -n "$known" ] || return 1
    # shellcheck disable=SC2086 # one word per package
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        install --no-install-recommends $known >&2 && [ -z "$unknown" ]
}

# What every build needs: a C compiler (SQLite, libgit2, zstd) and git; curl for rustup.
BUILD_PACKAGES='ca-certificates curl gcc git libc6-dev make pkg-config'
# What the window loads when it opens.
# shellcheck disable=SC2034 # used by those who source this
WINDOW_PACKAGES='libegl1 libgl1 libgl1-mesa-dri libwayland-client0 libwayland-egl1 libx11-6 libx11-xcb1 libxcursor1 libxi6
    libxkbcommon-x11-0 libxkbcommon0 libxrandr2'

build_packages() {
    # shellcheck disable=SC2086 # one word per package
    install $BUILD_PACKAGES && return 0
    for command in cc git; do
        has "$command" || die "there is no '$command', and no build without it"
    done
}

# at_least HAVE WANTED: compares versions like 1.95.0 number by number.
at_least() {
    printf '%s %s\n' "$1" "$2" | awk '{
        split($1, have, /[.-]/); split($2, want, ".")
        for (i = 1; i <= 3; i++) { if (have[i] + 0 != want[i] + 0) exit !(have[i] + 0 > want[i] + 0) }
    }'
}

rust_wanted() { sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' Cargo.toml | head -n 1; }
rust_version() { rustc --version 2>/dev/null | awk '{ print $2 }'; }
rust_fits() {
    has cargo && [ -n "$(rust_version)" ] && at_least "$(rust_version)" "$1"
}

# get_rustup: rustup's own installer, checked against its published sum, and with it the stable toolchain.
get_rustup() {
    case "$(uname -m)" in
    x86_64 | aarch64) from=https://static.rust-lang.org/rustup/dist/$(uname -m)-unknown-linux-gnu ;;
    *) die "for this machine ($(uname -m)) please install Rust as https://rustup.rs says" ;;
    esac
    folder=$(mktemp -d)
    for file in rustup-init rustup-init.sha256; do
        curl --proto '=https' --tlsv1.2 -fsS "$from/$file" -o "$folder/$file" ||
            die "$from cannot be reached; install Rust in another way (https://rustup.rs)"
    done
    [ "$(cut -d' ' -f1 "$folder/rustup-init.sha256")" = "$(sha256sum "$folder/rustup-init" | cut -d' ' -f1)" ] ||
        die "what came from $from is not what its sum says; nothing was run"
    chmod +x "$folder/rustup-init"
    "$folder/rustup-init" -y --profile minimal --no-modify-path --default-toolchain stable >&2
    rm -rf "$folder"
}

# toolchain [COMPONENT...]: a Rust that is new enough stands on PATH afterwards, with these components.
toolchain() {
    wanted=$(rust_wanted)
    [ -n "$wanted" ] || die "Cargo.toml names no rust-version"
    PATH="$PATH:${CARGO_HOME:-${HOME:-/nonexistent}/.cargo}/bin"
    export PATH

    # With another HOME than the user's own, rustup does not see the toolchains that are there.
    own=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6)
    if ! rust_fits "$wanted" && [ -z "${RUSTUP_HOME:-}" ] && [ -n "$own" ] && [ -d "$own/.rustup/toolchains" ]; then
        RUSTUP_HOME=$own/.rustup
        PATH="$PATH:$own/.cargo/bin"
        export RUSTUP_HOME PATH
        say "using the Rust toolchains in $RUSTUP_HOME"
    fi

    if ! rust_fits "$wanted"; then
        have=$(rust_version)
        say "Chantier needs Rust $wanted or newer; here is ${have:-none}"
        if has rustup; then
            ask "Get Rust $wanted with rustup, beside what is there?" ||
                die "run 'rustup toolchain install $wanted', or try again with CHANTIER_YES=1"
            rustup toolchain install "$wanted" --profile minimal --no-self-update >&2
            # For this build alone; the user's default stays as it is.
            RUSTUP_TOOLCHAIN=$wanted
            export RUSTUP_TOOLCHAIN
        else
            ask "Get rustup from https://static.rust-lang.org and Rust with it, into ${CARGO_HOME:-$HOME/.cargo}?" ||
                die "install Rust $wanted or newer (https://rustup.rs), or try again with CHANTIER_YES=1"
            get_rustup
            PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
            export PATH
            say "to have cargo in your own shell:  . \"${CARGO_HOME:-$HOME/.cargo}/env\""
        fi
        rust_fits "$wanted" || die "still no Rust $wanted: 'rustc --version' says '$(rustc --version 2>&1 | head -n 1)'"
    fi

    for component in "$@"; do
        case "$component" in rustfmt) tool='cargo fmt' ;; *) tool="cargo $component" ;; esac
        $tool --version >/dev/null 2>&1 && continue
        has rustup || die "'$tool' is missing; install it the way Rust was installed"
        say "adding $component to the toolchain"
        rustup component add "$component" >&2
    done
}

target_dir() { cargo metadata --format-version 1 --no-deps --offline | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'; }
