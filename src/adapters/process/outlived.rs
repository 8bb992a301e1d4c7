//! What was still alive when its child had ended: who it is, since when, and where it listens.

use super::{Live, group};
use crate::base::{Clock, SafeText, Timestamp};
use crate::masks::Masks;
use crate::ports;
use serde::{Deserialize, Serialize};

/// So many are described; a child may leave any number.
const MAX_DESCRIBED: usize = 50;
/// Of a command line, in bytes.
const MAX_COMMAND: usize = 300;
/// Variables in which test tools tell what they run say so; values in bytes.
const MAX_VALUE: usize = 2000;

/// A process that outlived the child that it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlived {
    pub pid: u32,
    /// Its command line, masked.
    pub command: String,
    pub started_at: Timestamp,
    /// TCP ports on which it listens.
    pub ports: Vec<u16>,
    /// Those variables of its environment that were asked for.
    pub env: Vec<(String, String)>,
}

/// Describes everybody but the child itself. Blocks.
pub(super) fn describe(live: &Live, masks: &Masks, clock: &Clock, names: &[&str]) -> Vec<Outlived> {
    // Both at once: what takes long comes after it.
    let (uptime, now) = (uptime_secs(), clock.now());
    let pids = if live.leaf.is_contained() {
        live.leaf.pids()
    } else {
        live.look_for_family()
    };
    let mut pids: Vec<u32> = pids.into_iter().map(|pid| pid.as_raw_nonzero().get() as u32).collect();
    pids.retain(|pid| *pid != live.pid && group::start_ticks(*pid).is_some());
    pids.sort_unstable();
    pids.truncate(MAX_DESCRIBED);
    let listening = if pids.is_empty() {
        Vec::new()
    } else {
        ports::listening().unwrap_or_default()
    };
    pids.into_iter()
        .filter_map(|pid| {
            let own = listening.iter().find(|listening| listening.pid == pid);
            Some(Outlived {
                pid,
                command: command_of(pid, masks)?,
                started_at: started_at(pid, uptime, now),
                ports: own.map(|own| own.ports.clone()).unwrap_or_default(),
                env: env_of(pid, masks, names),
            })
        })
        .collect()
}

fn command_of(pid: u32, masks: &Masks) -> Option<String> {
    let mut bytes = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    if bytes.is_empty() {
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        return Some(SafeText::new(name.trim()).into_string());
    }
    bytes.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
    let masked = masks.mask_bytes(&bytes);
    let end = masked.len().min(MAX_COMMAND);
    Some(SafeText::from_bytes(&masked[..end]).into_string())
}

fn uptime_secs() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    text.split(' ').next()?.parse().ok()
}

fn started_at(pid: u32, uptime: Option<f64>, now: Timestamp) -> Timestamp {
    let ticks_per_sec = rustix::param::clock_ticks_per_second().max(1) as f64;
    let age = match (uptime, group::start_ticks(pid)) {
        (Some(uptime), Some(ticks)) => (uptime - ticks as f64 / ticks_per_sec).max(0.0),
        _ => 0.0,
    };
    now.checked_sub(std::time::Duration::from_secs_f64(age)).unwrap_or(now)
}

fn env_of(pid: u32, masks: &Masks, names: &[&str]) -> Vec<(String, String)> {
    let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let pairs = environ.split(|byte| *byte == 0).filter_map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        let name = std::str::from_utf8(&pair[..at]).ok().filter(|name| names.contains(name))?;
        let value = masks.mask_bytes(&pair[at + 1..]);
        let end = value.len().min(MAX_VALUE);
        Some((name.to_owned(), String::from_utf8_lossy(&value[..end]).into_owned()))
    });
    pairs.collect()
}
