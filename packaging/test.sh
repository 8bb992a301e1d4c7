#!/bin/sh
# Installs and starts what the tests need, then checks the style, the lints and every test.
#
#     sh packaging/test.sh [FILTER...]     FILTER: only the tests whose names hold it
#
# System packages come through apt (as root, or with sudo), Rust through rustup (asks first; CHANTIER_YES=1 says yes).
# A component that is not to be had is told here and skipped, loudly, by its tests: CHANTIER_TEST_WITHOUT names those.
# With CI=true the tests count every other missing component as a failure.
set -eu

case "${1:-}" in
-h | --help)
    sed -n '2,9s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac

cd -- "$(dirname -- "$0")/.."
. packaging/common.sh

began=$(date +%s)
summary=
failed=0
without=
engine_pid=
swarm_made=

lacks() {
    warn "$1: $2. ITS TESTS ARE SKIPPED."
    without="$without${without:+,}$1"
}

# step NAME COMMAND...: runs it, remembers how it went, goes on in any case.
step() {
    name=$1
    shift
    say "$name: $*"
    start=$(date +%s)
    if "$@"; then word=passed; else
        word=FAILED
        failed=1
    fi
    summary="$summary
    $word  $name ($(($(date +%s) - start)) s)"
}

# shellcheck disable=SC2317 # called by the trap
finish() {
    [ -z "$swarm_made" ] || docker swarm leave --force >/dev/null 2>&1 || true
    if [ -n "$engine_pid" ]; then
        say "stopping the Docker Engine that was started for the tests"
        as_root kill "$engine_pid" 2>/dev/null || true
        tries=0
        while as_root kill -0 "$engine_pid" 2>/dev/null && [ "$tries" -lt 40 ]; do
            tries=$((tries + 1))
            sleep 0.25
        done
    fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# --- what is installed ---

# The window under Xvfb, with its pictures and clicks; an SSH server, and what makes a machine with systemd; faults of the disk and of the
# clock; pytest, go, CTest, gdb, minisign and node as subjects; HAProxy before instances; busybox as the content of a container image;
# bubblewrap for rehearsals; a keyring of the desktop; PostgreSQL, of which each test starts its own. Vitest, Jest, Mocha, tape and Prometheus
# go into a folder of the user's cache.
TEST_PACKAGES='bubblewrap busybox-static cmake dbus debootstrap docker-compose e2fsprogs faketime gdb gnome-keyring golang-go haproxy imagemagick iproute2 minisign nodejs
    openssh-client openssh-server openssl postgresql procps python3
    python3-pytest strace xauth xdotool xvfb'

# Debian's package of PostgreSQL makes and starts a cluster of the system; none is wanted here.
no_cluster=/etc/postgresql-common/createcluster.conf
if can_be_root && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && [ ! -e "$no_cluster" ]; then
    as_root sh -c "mkdir -p ${no_cluster%/*} && echo 'create_main_cluster = false' >$no_cluster"
fi

build_packages
# shellcheck disable=SC2086 # one word per package
install $WINDOW_PACKAGES $TEST_PACKAGES || warn "going on with what is there"
# Another Docker than Debian's stays as it is.
engine_answers() { timeout 10 docker info >/dev/null 2>&1; }
has dockerd || engine_answers || install docker.io || true
toolchain rustfmt clippy

if ! cargo nextest --version >/dev/null 2>&1; then
    if [ "${CI:-}" = true ]; then
        say "installing cargo-nextest from crates.io (some minutes, once)"
        cargo install --locked cargo-nextest >&2 || lacks nextest "cargo-nextest could not be installed"
    else
        lacks nextest "cargo-nextest is missing; to have it: cargo install --locked cargo-nextest"
    fi
fi

# --- what is started ---

# Starts an engine that this user may talk to, and waits until it answers.
start_engine() {
    has dockerd || {
        lacks docker "no engine answers, and there is no dockerd to start"
        return
    }
    if [ -S /var/run/docker.sock ] && pgrep -x dockerd >/dev/null 2>&1; then
        lacks docker "an engine runs, but $(id -un) may not talk to it (group docker)"
        return
    fi
    can_be_root || {
        lacks docker "no engine answers, and starting one needs root"
        return
    }
    engine_log=$(mktemp)
    say "starting a Docker Engine (its log: $engine_log)"
    # shellcheck disable=SC2016 # for the shell that is root
    engine_pid=$(as_root sh -c 'dockerd --group "$1" >&2 & echo $!' sh "$(id -gn)" 2>"$engine_log")
    tries=0
    until engine_answers; do
        tries=$((tries + 1))
        if [ "$tries" -gt 60 ] || ! as_root kill -0 "$engine_pid" 2>/dev/null; then
            tail -n 5 "$engine_log" >&2 || true
            as_root kill "$engine_pid" 2>/dev/null || true
            engine_pid=
            lacks docker "the engine does not start here (its log: $engine_log)"
            return
        fi
        sleep 0.5
    done
}

engine_answers || start_engine

# A swarm of one node, where the engine is in none; it is left again at the end.
if [ "$(timeout 10 docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null)" = inactive ] &&
    docker swarm init --advertise-addr 127.0.0.1 >/dev/null 2>&1; then
    swarm_made=1
fi
[ "$(timeout 10 docker info --format '{{.Swarm.ControlAvailable}}' 2>/dev/null)" = true ] ||
    lacks swarm "the engine manages no swarm and can not make one"

for tool in Xvfb:window xdotool:window import:window strace:strace faketime:faketime; do
    has "${tool%%:*}" || case ",$without," in
    *",${tool##*:},"*) ;;
    *) lacks "${tool##*:}" "there is no ${tool%%:*}" ;;
    esac
done
bwrap --unshare-all --ro-bind / / true 2>/dev/null || lacks sandbox "bubblewrap can not make a sandbox here (it needs user namespaces)"
has node || lacks node "there is no node"
has haproxy || [ -x /usr/sbin/haproxy ] || lacks haproxy "there is no haproxy"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || lacks postgresql "there is no PostgreSQL"
has openssl || lacks openssl "there is no openssl"
has sshd || lacks sshd "there is no sshd"
has docker-compose || lacks compose "there is no docker-compose"
{ has gnome-keyring-daemon && has dbus-run-session; } || lacks keyring "there is no gnome-keyring, or no dbus-run-session"
if [ "$(id -u)" != 0 ] || ! has dockerd || ! unshare --net true 2>/dev/null; then
    lacks own-engine "an engine of the tests' own needs root, dockerd and network namespaces"
fi
# The first python3 on PATH need not be the one that has pytest.
for python in python3 /usr/bin/python3; do
    if "$python" -m pytest --version >/dev/null 2>&1; then
        CHANTIER_TEST_PYTHON=$(command -v "$python")
        export CHANTIER_TEST_PYTHON
        break
    fi
done
[ -n "${CHANTIER_TEST_PYTHON:-}" ] || lacks pytest "no python3 here has pytest"

# Vitest, Jest, Mocha and tape are not Debian's: npm puts them into a folder of their own, once.
subjects='vitest@3.2.7 jest@29.7.0 mocha@11.7.5 tape@5.9.0'
subjects_in=${XDG_CACHE_HOME:-$HOME/.cache}/chantier-test-subjects
if has node && has npm; then
    # shellcheck disable=SC2086 # one word per package
    [ -x "$subjects_in/node_modules/.bin/jest" ] && [ -x "$subjects_in/node_modules/.bin/tape" ] ||
        npm install --no-fund --no-audit --ignore-scripts --prefix "$subjects_in" $subjects >&2 || true
fi
if [ -x "$subjects_in/node_modules/.bin/jest" ] && [ -x "$subjects_in/node_modules/.bin/tape" ]; then
    CHANTIER_TEST_NODE_MODULES=$subjects_in/node_modules
    export CHANTIER_TEST_NODE_MODULES
else
    lacks vitest "vitest, jest, mocha and tape could not be installed (they come through npm)"
fi
# Prometheus: its program alone, out of Debian's package, which would start a server of the system.
prometheus_in=$subjects_in/prometheus
fetch_prometheus() {
    has apt-get && has dpkg-deb || return 1
    fetched=$(mktemp -d)
    (cd "$fetched" && apt-get -q download prometheus >&2 && dpkg-deb -x prometheus_*.deb "$prometheus_in")
    got=$?
    rm -rf "$fetched"
    return "$got"
}
if has prometheus; then
    CHANTIER_TEST_PROMETHEUS=$(command -v prometheus)
    export CHANTIER_TEST_PROMETHEUS
elif [ -x "$prometheus_in/usr/bin/prometheus" ] || fetch_prometheus || { can_be_root && as_root apt-get -q update >&2 && fetch_prometheus; }; then
    CHANTIER_TEST_PROMETHEUS=$prometheus_in/usr/bin/prometheus
    export CHANTIER_TEST_PROMETHEUS
else
    lacks prometheus "there is no prometheus, and its package could not be had"
fi
for tool in go ctest; do
    has "$tool" || lacks "$tool" "there is no $tool"
done

# A machine with systemd and an SSH server, as an image of the Docker Engine: made once (a minute or two), kept by the engine.
host_image=chantier-test/host:1
make_host_image() {
    # Debian's release where this is Debian, else its stable one; from where this machine takes its own packages.
    # shellcheck disable=SC1091 # there on every system with debootstrap
    suite=$(. /etc/os-release && [ "$ID" = debian ] && printf '%s' "${VERSION_CODENAME:-}")
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: ${suite:-bookworm}" 2>/dev/null | head -n 1)
    host_root=$(mktemp -d)
    say "making a machine with systemd for the tests (once; in $host_root)"
    made=1
    as_root debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,openssh-server,sudo "${suite:-bookworm}" "$host_root" \
        "${mirror:-http://deb.debian.org/debian}" >"$host_root.log" 2>&1 &&
        as_root tar -C "$host_root" -c . | docker import -c 'CMD ["/sbin/init"]' - "$host_image" >/dev/null && made=0
    as_root rm -rf "$host_root"
    return "$made"
}
host_runs() {
    # As tests/deploy/host.rs starts it. With one hierarchy of control groups the container gets its own part of it, with several the
    # machine's, in which systemd makes its own.
    set -- --rm -d --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined --cgroupns=private \
        --tmpfs /run --tmpfs /run/lock --tmpfs /tmp -e container=docker
    if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
        docker run "$@" "$host_image" sh -c 'mount -o remount,rw /sys/fs/cgroup && exec /sbin/init'
    else
        docker run "$@" -v /sys/fs/cgroup:/sys/fs/cgroup:rw "$host_image"
    fi
}
if ! engine_answers; then
    lacks host "it runs in a Docker Engine"
elif ! docker image inspect "$host_image" >/dev/null 2>&1 && { ! has debootstrap || ! can_be_root || ! make_host_image; }; then
    lacks host "a machine with systemd could not be made (debootstrap, as root${host_root:+; $host_root.log})"
elif ! host=$(host_runs 2>/dev/null); then
    lacks host "a machine with systemd does not start in this engine"
else
    # Its own word for it: running, or degraded where a unit of the system can not start in a container.
    timeout 60 docker exec "$host" sh -c \
        'until systemctl is-system-running --wait 2>/dev/null | grep -Eq "running|degraded"; do sleep 0.2; done' ||
        lacks host "systemd does not come up in a container of this engine"
    docker rm -f "$host" >/dev/null 2>&1 || true
fi

CHANTIER_TEST_WITHOUT=$without
export CHANTIER_TEST_WITHOUT

# --- what is checked ---

# Given as an option: in the environment it would reach the programs under test, whose own projects would share one folder.
target=${CARGO_TARGET_DIR:-target}
unset CARGO_TARGET_DIR

step style cargo fmt --all --check
# A newer compiler knows more lints than those the project has met: then they are told, and fail nothing.
case "$(rust_version)" in
"$(rust_wanted)" | "$(rust_wanted)".*) step lints cargo clippy --locked --target-dir "$target" --workspace --all-targets -- -D warnings ;;
*) step lints cargo clippy --locked --target-dir "$target" --workspace --all-targets ;;
esac
step tests cargo test --locked --target-dir "$target" -- "$@"
if cargo deny --version >/dev/null 2>&1; then
    step dependencies cargo deny --offline --config .deny.toml check licenses bans sources
fi

say "after $(($(date +%s) - began)) s:$summary"
[ -z "$without" ] || warn "skipped, for want of what they test: $without"
exit "$failed"
