//! What is run on the host: small programs for its POSIX shell that get everything as arguments, never by their text. Those that change
//! something hold a lock there, so that one whose caller has died is waited for before anybody looks; and each holds the turn that its
//! caller took, so that one that was on its way while the host hung does nothing any more once somebody else has looked.

/// Runs the script that follows as root: as it is for root, else through sudo, which must ask nothing.
pub(super) const AS_ROOT: &str = r#"if [ "$(id -u)" = 0 ]; then exec sh -euc "$@"; fi
command -v sudo >/dev/null 2>&1 || { echo 'no sudo' >&2; exit 126; }
sudo -n true 2>/dev/null || { echo 'sudo wants a password' >&2; exit 126; }
exec sudo -n sh -euc "$@""#;

/// Changes nothing. Arguments: folder, unit, port or nothing, mark of the unit's file.
pub(super) const CHECK: &str = r#"dir=$1 unit=$2 port=$3 mark=$4
[ -d /run/systemd/system ] || { echo systemd=no; exit 0; }
there=$dir
while [ ! -d "$there" ]; do there=$(dirname -- "$there"); done
[ -w "$there" ] || echo "readonly=$there"
echo "free=$(df -k --output=avail -- "$there" | tail -n 1)"
[ ! -f "$dir/.chantier" ] || echo "owner=$(head -n 1 -- "$dir/.chantier")"
at=$(systemctl show -p FragmentPath --value -- "$unit")
if [ -n "$at" ]; then
    if head -n 1 -- "$at" | grep -Fqx -- "$mark"; then echo "mine=$at"; else echo "foreign=$at"; fi
fi
if [ -n "$port" ]; then
    hex=$(printf ':%04X' "$port")
    ! grep -Eqs "^ *[0-9]+: [0-9A-F]+$hex [0-9A-F]+:0000 0A" /proc/net/tcp /proc/net/tcp6 || echo "taken=$port"
fi
echo "active=$(systemctl show -p ActiveState --value -- "$unit")"
"#;

/// Which of the files are not there as they must be. Arguments: release folder, then pairs of sum and path below it.
pub(super) const MISSING: &str = r#"here=$1; shift
n=0
while [ $# -gt 0 ]; do
    [ -f "$here/$2" ] && [ "$(sha256sum <"$here/$2" | cut -c 1-64)" = "$1" ] || echo "$n"
    n=$((n + 1)); shift 2
done
"#;

/// Takes the folder and the unit that `SHOW` is asked for out of the arguments of what stands between.
pub(super) const ASIDE: &str = "of_dir=$1 of_unit=$2; shift 2\n";

/// Puts them back for `SHOW`.
pub(super) const BACK: &str = r#"set -- "$of_dir" "$of_unit"
"#;

/// Takes files from the input, one behind the other; each is whole and what it must be, or not there. Arguments: folder, mark of the
/// folder, then path, sum, mode and number of bytes of each; without a number it is the rest.
pub(super) const TAKE: &str = r#"dir=$1 mark=$2; shift 2
while [ $# -gt 0 ]; do
    to=$1 sum=$2 mode=$3 size=$4; shift 4
    umask 022
    mkdir -p -- "$(dirname -- "$to")"
    [ -f "$dir/.chantier" ] || printf '%s\n' "$mark" >"$dir/.chantier"
    umask 077
    part=$to.part-$$
    trap 'rm -f -- "$part"' EXIT
    if [ -n "$size" ]; then head -c "$size" >"$part"; else cat >"$part"; fi
    [ "$(sha256sum <"$part" | cut -c 1-64)" = "$sum" ] || { echo "other=$to"; exit 0; }
    chmod -- "$mode" "$part"
    sync -- "$part"
    mv -T -- "$part" "$to"
done
echo taken
"#;

/// Takes what only root may read from the input, whole or not at all. Arguments: path, number of bytes.
pub(super) const GIVE: &str = r#"to=$1 size=$2
umask 077
part=$to.part-$$
trap 'rm -f -- "$part"' EXIT
cat >"$part"
[ "$(wc -c <"$part")" -eq "$size" ] || { echo other; exit 0; }
sync -- "$part"
mv -T -- "$part" "$to"
echo taken
"#;

/// Makes a release the current one and starts the unit; A unit that the folder
/// belonged to under another name is ended and taken away before. `SHOW` follows. Arguments: folder, turn, release, unit, mark of the
/// unit's file, then pairs of sum and path below the release.
pub(super) const START: &str = r#"dir=$1 turn=$2 release=$3 unit=$4 mark=$5; shift 5
exec 9>"$dir/.lock"
flock -w 120 9
[ "$(cat -- "$dir/.turn")" = "$turn" ] || { echo late=yes; exit 0; }
here=$dir/releases/$release
while [ $# -gt 0 ]; do
    [ -f "$here/$2" ] && [ "$(sha256sum <"$here/$2" | cut -c 1-64)" = "$1" ] || { echo "other=$2"; exit 0; }
    shift 2
done
touch -- "$here"
at=/etc/systemd/system/$unit
changed=
own=$(head -n 1 -- "$dir/.chantier" 2>/dev/null || true)
if [ -n "$own" ] && [ "$own" != "$mark" ]; then
    was=${own#'# Chantier: '}
    was=${was%%, *}
    case $was in ''|*/*|-*|"$unit") ;; *)
        if head -n 1 -- "/etc/systemd/system/$was" 2>/dev/null | grep -Fqx -- "$own"; then
            systemctl stop -- "$was" 9>&- || true
            systemctl disable --quiet -- "$was" 2>/dev/null || true
            rm -f -- "/etc/systemd/system/$was"
            changed=yes
        fi ;;
    esac
    printf '%s\n' "$mark" >"$dir/.chantier"
fi
if ! cmp -s -- "$here/$unit" "$at"; then
    cp -- "$here/$unit" "$at.chantier-new"
    chmod 644 -- "$at.chantier-new"
    mv -T -- "$at.chantier-new" "$at"
    changed=yes
fi
ln -sfn -- "releases/$release" "$dir/.current-new"
mv -T -- "$dir/.current-new" "$dir/current"
sync -f -- "$dir" 2>/dev/null || true
systemctl is-enabled --quiet -- "$unit" 2>/dev/null || { systemctl enable --quiet --no-reload -- "$unit" 2>/dev/null || true; changed=yes; }
[ -z "$changed" ] && [ "$(systemctl show -p NeedDaemonReload --value -- "$unit")" = no ] || systemctl daemon-reload
systemctl reset-failed -- "$unit" 2>/dev/null || true
systemctl restart -- "$unit" 9>&- || {
    refused=$?
    # EXIT_CGROUP: the group of the processes before was still being taken away. Once more.
    if [ "$(systemctl show -p ExecMainStatus --value -- "$unit")" = 219 ]; then
        sleep 1
        systemctl reset-failed -- "$unit" 2>/dev/null || true
        refused=0
        systemctl restart -- "$unit" 9>&- || refused=$?
    fi
    [ "$refused" = 0 ] || echo "refused=$refused"
}
set -- "$dir" "$unit"
"#;

/// Ends the unit when it still runs this release; unless another release follows, it does not come back with the machine either.
/// `SHOW` follows. Arguments: folder, turn, release, unit, `follows` or nothing.
pub(super) const STOP: &str = r#"dir=$1 turn=$2 release=$3 unit=$4 next=$5
[ -d "$dir" ] || exit 0
exec 9>"$dir/.lock"
flock -w 120 9
[ "$(cat -- "$dir/.turn")" = "$turn" ] || { echo late=yes; exit 0; }
[ "$(readlink -- "$dir/current" || true)" = "releases/$release" ] || exit 0
systemctl stop -- "$unit" 9>&- || true
[ -n "$next" ] || systemctl disable --quiet -- "$unit" 2>/dev/null || true
set -- "$dir" "$unit"
"#;

/// Waits until nobody changes anything, and takes the turn. Arguments: turn, folder.
pub(super) const SETTLED: &str = r#"if [ -d "$2" ]; then
    exec 9>"$2/.lock"
    flock -w 120 9
    printf '%s\n' "$1" >"$2/.turn"
fi
shift
"#;

/// What the unit does now. Arguments: folder, unit.
pub(super) const SHOW: &str = r#"systemctl show -p LoadState -p ActiveState -p SubState -p MainPID -p InvocationID -p NRestarts \
    -p ExecMainCode -p ExecMainStatus -p MemoryCurrent -p TasksCurrent -- "$2"
pid=$(systemctl show -p MainPID --value -- "$2")
echo "Current=$(readlink -- "$1/current" || true)"
echo "Exe=$(readlink -- "/proc/$pid/exe" 2>/dev/null || true)"
"#;

/// Removes releases, the oldest first; the current one stays. Arguments: folder, how many others stay.
pub(super) const FORGET: &str = r#"dir=$1 keep=$2
exec 9>"$dir/.lock"
flock -w 120 9
now=$(basename -- "$(readlink -- "$dir/current" || echo none)")
cd -- "$dir/releases"
n=0
ls -1t | while read -r one; do
    [ "$one" != "$now" ] || continue
    n=$((n + 1))
    [ "$n" -le "$keep" ] || rm -rf -- "./$one"
done
"#;

/// One question over TCP, from the host itself. Arguments: seconds, address, port, question.
pub(super) const ASK: &str = r#"exec timeout "$1" bash -c 'exec 3<>"/dev/tcp/$1/$2" || exit 7; printf %s "$3" | cat >&3; head -c 300000 <&3' bash "$2" "$3" "$4""#;

/// Only whether somebody listens. Arguments: seconds, address, port.
pub(super) const KNOCK: &str = r#"exec timeout "$1" bash -c 'exec 3<>"/dev/tcp/$1/$2" || exit 7' bash "$2" "$3""#;
