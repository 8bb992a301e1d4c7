//! Processes that listen on ports, with the folder they work in.

use std::path::PathBuf;

/// A process that listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    pub pid: u32,
    pub name: String,
    /// None when it is another user's.
    pub cwd: Option<PathBuf>,
    pub program: Option<PathBuf>,
    /// TCP, sorted, without doubles.
    pub ports: Vec<u16>,
}

/// Every process of this machine that listens on a TCP port, as far as this user may see. Blocks for some milliseconds.
pub fn listening() -> Result<Vec<Listening>, String> {
    let mut all: Vec<_> = listeners::get_all().map_err(|error| error.to_string())?.into_iter().collect();
    all.sort_by_key(|listener| (listener.process.pid, listener.socket.port()));
    let mut found: Vec<Listening> = Vec::new();
    for listener in all {
        if listener.protocol != listeners::Protocol::TCP || listener.state != listeners::SocketState::Listen {
            continue;
        }
        let (pid, port) = (listener.process.pid, listener.socket.port());
        match found.iter_mut().find(|known| known.pid == pid) {
            Some(known) => known.ports.push(port),
            None => found.push(Listening {
                pid,
                name: listener.process.name,
                cwd: std::fs::read_link(format!("/proc/{pid}/cwd")).ok(),
                program: std::fs::read_link(format!("/proc/{pid}/exe")).ok(),
                ports: vec![port],
            }),
        }
    }
    for known in &mut found {
        known.ports.sort_unstable();
        known.ports.dedup();
    }
    found.sort_by_key(|known| known.pid);
    Ok(found)
}
