//! Processes that listen on ports, with the folder they work in.

use super::process::{argv_of, name_of, output_of, parent_of};
use super::store::holder;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Nothing is believed longer than this: a process may have handed its socket on.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// The kernel goes through all its sockets for every question, so that it is asked every other second at most.
const BELIEVED_FOR: Duration = Duration::from_millis(1900);

/// A process that listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    pub pid: u32,
    pub name: String,
    /// None when it is another user's.
    pub cwd: Option<PathBuf>,
    pub program: Option<PathBuf>,
    /// Program and arguments, as they were handed over.
    pub argv: Vec<String>,
    /// The plain file that its output goes to, where it does.
    pub output: Option<PathBuf>,
    /// TCP, sorted, without doubles.
    pub ports: Vec<u16>,
    /// Each port with the addresses that it is open at, sorted, without doubles.
    pub sockets: BTreeMap<u16, BTreeSet<IpAddr>>,
}

/// Who listens, kept from look to look: the descriptors of all processes are searched only when sockets came or went.
#[derive(Debug)]
pub struct Listeners {
    believed_for: Duration,
    known: Option<Known>,
}

impl Default for Listeners {
    fn default() -> Self {
        Self::new(BELIEVED_FOR)
    }
}

#[derive(Debug)]
struct Known {
    /// When all was searched, and when the sockets were last asked for.
    at: Instant,
    asked_at: Instant,
    sockets: Vec<u64>,
    found: Vec<Listening>,
    /// When each of the found was started.
    starts: Vec<Option<u64>>,
}

impl Listeners {
    /// A socket that is new is seen after this time at the latest; a process that has ended is missed at once.
    pub fn new(believed_for: Duration) -> Self {
        Self {
            believed_for,
            known: None,
        }
    }

    /// Every process of this machine that listens on a TCP port, as far as this user may see. Blocks for some milliseconds.
    pub fn look(&mut self) -> Result<Vec<Listening>, String> {
        let live = self.known.take().filter(Known::lives);
        if let Some(known) = live.as_ref().filter(|known| known.asked_at.elapsed() < self.believed_for) {
            let found = known.found.clone();
            self.known = live;
            return Ok(found);
        }
        let sockets = listening_sockets();
        if let Some(mut known) = live
            && known.at.elapsed() < AGAIN_AFTER
            && sockets.as_ref() == Some(&known.sockets)
        {
            known.asked_at = Instant::now();
            let found = known.found.clone();
            self.known = Some(known);
            return Ok(found);
        }
        let found = listening()?;
        self.known = sockets.map(|sockets| Known {
            at: Instant::now(),
            asked_at: Instant::now(),
            sockets,
            starts: found.iter().map(|found| holder::start_of(found.pid)).collect(),
            found: found.clone(),
        });
        Ok(found)
    }
}

impl Known {
    /// All that were found are still there.
    fn lives(&self) -> bool {
        let mut all = self.found.iter().zip(&self.starts);
        all.all(|(found, start)| holder::start_of(found.pid) == *start)
    }
}

/// The numbers of the sockets that listen (proc_net(5)); None where the system does not tell.
fn listening_sockets() -> Option<Vec<u64>> {
    const LISTEN: &str = "0A";
    let mut sockets = Vec::new();
    for (file, is_needed) in [("/proc/net/tcp", true), ("/proc/net/tcp6", false)] {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(_) if !is_needed => continue,
            Err(_) => return None,
        };
        let listen = text.lines().skip(1).filter_map(|line| {
            let mut fields = line.split_ascii_whitespace();
            let is_listening = fields.nth(3)? == LISTEN;
            let inode = fields.nth(5)?;
            if is_listening { inode.parse::<u64>().ok() } else { None }
        });
        sockets.extend(listen);
    }
    sockets.sort_unstable();
    Some(sockets)
}

/// Of several processes that share a socket, as a server and its workers do, the one that all others come from: its workers come
/// and go, and what is told to one of them is not told to the server.
fn leader(pid: u32, listening: &BTreeSet<u64>) -> u32 {
    let mut leader = pid;
    let shared = sockets_of(pid, listening);
    while let Some(parent) = parent_of(leader).filter(|parent| *parent > 1) {
        // A manager of services that opens sockets for others is none of them.
        if sockets_of(parent, listening).is_disjoint(&shared) || name_of(parent) == "systemd" {
            break;
        }
        leader = parent;
    }
    leader
}

/// The listening sockets that a process holds; none of another user's.
fn sockets_of(pid: u32, listening: &BTreeSet<u64>) -> BTreeSet<u64> {
    let held = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    held.filter_map(|entry| {
        let link = std::fs::read_link(entry.path()).ok()?;
        link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    })
    .filter(|socket| listening.contains(socket))
    .collect()
}

/// Everybody who listens, looked for anew.
pub(super) fn listening() -> Result<Vec<Listening>, String> {
    let mut all: Vec<_> = listeners::get_all().map_err(|error| error.to_string())?.into_iter().collect();
    all.sort_by_key(|listener| (listener.process.pid, listener.socket.port()));
    let sockets: BTreeSet<u64> = listening_sockets().unwrap_or_default().into_iter().collect();
    let mut leaders: BTreeMap<u32, u32> = BTreeMap::new();
    let mut found: Vec<Listening> = Vec::new();
    for listener in all {
        if listener.protocol != listeners::Protocol::TCP || listener.state != listeners::SocketState::Listen {
            continue;
        }
        let (one, port, address) = (listener.process.pid, listener.socket.port(), listener.socket.ip());
        let pid = *leaders.entry(one).or_insert_with(|| leader(one, &sockets));
        let at = found.iter().position(|known| known.pid == pid).unwrap_or_else(|| {
            found.push(Listening {
                pid,
                name: if pid == one { listener.process.name } else { name_of(pid) },
                cwd: std::fs::read_link(format!("/proc/{pid}/cwd")).ok(),
                program: std::fs::read_link(format!("/proc/{pid}/exe")).ok(),
                argv: argv_of(pid),
                output: output_of(pid),
                ports: Vec::new(),
                sockets: BTreeMap::new(),
            });
            found.len() - 1
        });
        found[at].ports.push(port);
        found[at].sockets.entry(port).or_default().insert(address.to_canonical());
    }
    for known in &mut found {
        known.ports.sort_unstable();
        known.ports.dedup();
    }
    found.sort_by_key(|known| known.pid);
    Ok(found)
}
