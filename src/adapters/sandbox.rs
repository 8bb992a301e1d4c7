//! A simulation of another system around one program: bubblewrap gives it a root folder put together from a base, its own processes, and
//! no network but loopback. Who looks at it from outside steps into its namespaces with nsenter.

use super::process::Cmd;
use crate::base::Problem;
use crate::msg;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// What of this machine's `/etc` a program needs to be itself: names of users, time, certificates, the linker's list.
const ETC: [&str; 12] = [
    "alternatives",
    "ca-certificates",
    "group",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "nsswitch.conf",
    "passwd",
    "pki",
    "ssl",
    "timezone",
];
/// Of a base folder these are never taken: they are made anew.
const MADE: [&str; 6] = ["dev", "proc", "run", "sys", "tmp", "lost+found"];
/// Where programs are looked for inside.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The system that is simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// The programs and libraries of this machine, read only.
    Here,
    /// A folder that holds a root file system, read only.
    Folder(PathBuf),
}

/// One simulated system.
#[derive(Clone, Debug)]
pub struct Sandbox {
    pub base: Base,
    /// Shown read only at the same path.
    pub shown: Vec<PathBuf>,
    /// Folders and where they stand inside; what is written there is written here.
    pub lent: Vec<(PathBuf, PathBuf)>,
    /// Empty and writable, gone at the end.
    pub writable: Vec<PathBuf>,
    /// Where the program begins, inside.
    pub cwd: PathBuf,
    /// All of the program's environment, beside `PATH`, `HOME` and `LANG`.
    pub env: BTreeMap<String, String>,
}

impl Sandbox {
    /// bubblewrap around this program. `base_env` is what Chantier would hand on: none of it reaches the program.
    pub fn cmd(&self, argv: &[String], base_env: &BTreeMap<OsString, OsString>) -> Cmd {
        let mut args: Vec<OsString> = Vec::new();
        let mut say = |words: &[&dyn AsRef<std::ffi::OsStr>]| args.extend(words.iter().map(|word| word.as_ref().to_owned()));
        say(&[&"--unshare-all", &"--new-session", &"--hostname", &"rehearsal"]);
        for (from, to) in self.parts() {
            match from {
                Part::Shown(path) => say(&[&"--ro-bind", &path, &to]),
                Part::Link(target) => say(&[&"--symlink", &target, &to]),
            }
        }
        say(&[&"--proc", &"/proc"]);
        for folder in ["/tmp", "/run", "/dev", "/dev/shm"] {
            say(&[&"--tmpfs", &folder]);
        }
        // Not bubblewrap's own /dev: for its terminals it takes a second user namespace, which does not own the network.
        for name in ["null", "zero", "full", "random", "urandom"] {
            let device = format!("/dev/{name}");
            say(&[&"--dev-bind", &device, &device]);
        }
        for (target, link) in [
            ("/proc/self/fd", "fd"),
            ("fd/0", "stdin"),
            ("fd/1", "stdout"),
            ("fd/2", "stderr"),
        ] {
            say(&[&"--symlink", &target, &format!("/dev/{link}")]);
        }
        if matches!(self.base, Base::Here) {
            say(&[&"--tmpfs", &"/var/tmp", &"--symlink", &"../run", &"/var/run"]);
        }
        for folder in &self.writable {
            say(&[&"--tmpfs", folder]);
        }
        for (from, to) in &self.lent {
            say(&[&"--bind", from, to]);
        }
        for path in &self.shown {
            say(&[&"--ro-bind", path, path]);
        }
        say(&[&"--chdir", &self.cwd, &"--"]);
        args.extend(argv.iter().map(OsString::from));
        self.with_env(Cmd::new("bwrap").args(args), base_env).cwd("/")
    }

    /// A further program in the same system, seen as those inside see it. `inner` is a process of it.
    pub fn cmd_beside(&self, inner: u32, argv: &[String], base_env: &BTreeMap<OsString, OsString>) -> Cmd {
        let cwd = format!("--wdns={}", self.cwd.display());
        let cmd = enter(inner).args(["--mount", "--pid", "--ipc", "--uts", cwd.as_str(), "--"]);
        self.with_env(cmd.args(argv), base_env).cwd("/")
    }

    fn with_env(&self, mut cmd: Cmd, base_env: &BTreeMap<OsString, OsString>) -> Cmd {
        let own = [("PATH", PATH), ("HOME", "/tmp"), ("LANG", "C.UTF-8")];
        let mut env: BTreeMap<&str, &str> = own.into_iter().collect();
        env.extend(self.env.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        for name in base_env
            .keys()
            .filter(|name| name.to_str().is_none_or(|name| !env.contains_key(name)))
        {
            cmd = cmd.env_remove(name);
        }
        for (name, value) in env {
            cmd = cmd.env(name, value);
        }
        cmd
    }

    /// The root folder, entry by entry: what is not of the base can be made beside it.
    fn parts(&self) -> Vec<(Part, PathBuf)> {
        let mut parts = Vec::new();
        match &self.base {
            Base::Here => {
                for name in ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
                    parts.extend(part(Path::new("/"), name));
                }
                parts.extend(
                    ETC.iter()
                        .filter_map(|name| part_below(Path::new("/etc"), name, Path::new("/etc"))),
                );
            }
            Base::Folder(root) => {
                let Ok(entries) = fs::read_dir(root) else { return parts };
                let mut names: Vec<String> = entries
                    .flatten()
                    .filter_map(|entry| entry.file_name().into_string().ok())
                    .filter(|name| !MADE.contains(&name.as_str()))
                    .collect();
                names.sort();
                parts.extend(names.iter().filter_map(|name| part(root, name)));
            }
        }
        parts
    }
}

enum Part {
    Shown(PathBuf),
    Link(PathBuf),
}

fn part(root: &Path, name: &str) -> Option<(Part, PathBuf)> {
    part_below(root, name, Path::new("/"))
}

fn part_below(folder: &Path, name: &str, inside: &Path) -> Option<(Part, PathBuf)> {
    let path = folder.join(name);
    let kind = fs::symlink_metadata(&path).ok()?.file_type();
    let part = if kind.is_symlink() {
        Part::Link(fs::read_link(&path).ok()?)
    } else {
        Part::Shown(path)
    };
    Some((part, inside.join(name)))
}

/// Steps into the network of a sandbox and into what is needed for it.
fn enter(inner: u32) -> Cmd {
    Cmd::new("nsenter").args(["--target", &inner.to_string(), "--user", "--preserve-credentials", "--net"])
}

/// A program of this machine, with this machine's files, in the network of the sandbox.
pub fn cmd_in_network(inner: u32, program: &Path, args: &[&str]) -> Cmd {
    enter(inner).arg("--").arg(program).args(args)
}

/// Chantier's own file. Its link in /proc can not be followed from a user namespace below.
pub fn this_program() -> Result<PathBuf, Problem> {
    std::env::current_exe()
        .ok()
        .filter(|path| path.is_file())
        .ok_or_else(|| Problem::environment(msg!("sandbox-no-program")).hint(msg!("sandbox-no-program-hint")))
}

/// The program inside, once it runs: the child of the first process that has another network than ours.
pub fn inner_pid(outer: u32) -> Option<u32> {
    let ours = fs::read_link("/proc/self/ns/net").ok()?;
    let mut pids = vec![outer];
    while let Some(pid) = pids.pop() {
        let below = children(pid);
        let is_inside = fs::read_link(format!("/proc/{pid}/ns/net")).is_ok_and(|theirs| theirs != ours);
        if is_inside {
            return below.into_iter().next();
        }
        pids.extend(below);
    }
    None
}

/// What the program inside is called, once it is no longer bubblewrap itself.
pub fn is_started(inner: u32) -> bool {
    fs::read_to_string(format!("/proc/{inner}/comm")).is_ok_and(|name| name.trim_end() != "bwrap")
}

/// Asks the program inside to end.
pub fn terminate(inner: u32) {
    if let Some(pid) = rustix::process::Pid::from_raw(inner as i32) {
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).ok();
    }
}

/// Addresses on which somebody listens inside: `127.0.0.1:8080`, sorted (`/proc/PID/net/tcp`, proc(5)).
pub fn listening(inner: u32) -> Vec<String> {
    let mut found = Vec::new();
    for file in ["tcp", "tcp6"] {
        let text = fs::read_to_string(format!("/proc/{inner}/net/{file}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let mut words = line.split_whitespace().skip(1);
            let (address, state) = (words.next().unwrap_or_default(), words.nth(1));
            if state == Some("0A") {
                found.extend(address_of(address));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn address_of(word: &str) -> Option<String> {
    let (host, port) = word.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    // Words of four bytes in the order of this machine.
    let mut bytes = Vec::new();
    for at in (0..host.len()).step_by(8) {
        bytes.extend(u32::from_str_radix(host.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    }
    let ip: std::net::IpAddr = match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok()?.into(),
        _ => <[u8; 16]>::try_from(bytes).ok()?.into(),
    };
    Some(std::net::SocketAddr::new(ip, port).to_string())
}

fn children(pid: u32) -> Vec<u32> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let mut pids = Vec::new();
    for task in tasks.flatten() {
        let text = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        pids.extend(text.split_whitespace().filter_map(|word| word.parse::<u32>().ok()));
    }
    pids
}
