//! Instances: programs that go on when Chantier ends. Own session, own control group, output appended to a file,
//! found again by pid, start time and boot.

use super::group::{self, Leaf};
use super::supervise::ExitWatch;
use super::{Cmd, ProcessError, Processes, lock, spawn_error};
use crate::base::Hidden;
use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// The variable that marks an instance and all its descendants.
const INSTANCE_VAR: &str = "CHANTIER_INSTANCE";
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What is needed to find an instance again, in this program or the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detached {
    pub pid: u32,
    /// Clock ticks since boot; with `boot_id` it makes the pid unique.
    pub start_ticks: u64,
    pub boot_id: String,
    /// The process group; equal to the pid.
    pub pgid: u32,
    pub cgroup: Option<PathBuf>,
    /// The value of `CHANTIER_INSTANCE` in the environment of the instance and its descendants.
    pub tag: String,
    /// Bytes that stood in its log before it wrote there; None where that was not noted.
    #[serde(default)]
    pub log_from: Option<u64>,
}

/// How an instance ended, as far as this program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetachedEnd {
    pub code: Option<i32>,
    pub signal: Option<i32>,
}

/// What stopping an instance took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    Already,
    /// TERM was enough.
    Politely,
    Killed,
    /// Somebody is still alive: it belongs to another user, or hangs in the kernel.
    Failed,
}

/// Ends of the instances that this program has started.
#[derive(Default)]
pub(super) struct Register(Mutex<BTreeMap<(u32, u64), watch::Receiver<Option<DetachedEnd>>>>);

impl Processes {
    /// Starts an instance whose output is appended to `log`. Timeout, input, limits on lines and masks do not apply: nobody reads
    /// in between, so the log holds what the instance prints.
    pub fn start_detached(&self, cmd: Cmd, log: &Path) -> Result<Detached, ProcessError> {
        self.start_detached_masked(cmd, log, &[])
    }

    /// The same for one that was given secrets: the log gets its output without them.
    pub fn start_detached_masked(&self, cmd: Cmd, log: &Path, secrets: &[Hidden]) -> Result<Detached, ProcessError> {
        let log_error = |source| ProcessError::Log {
            path: log.to_path_buf(),
            source,
        };
        let file = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(log)
            .map_err(log_error)?;
        let log_from = file.metadata().ok().map(|meta| meta.len());
        let tag = format!("{:016x}", fastrand::u64(..));
        let leaf = self.shared.hierarchies.leaf(&format!("chantier-instance-{tag}"), &cmd.limits);
        let cmd = cmd.env(INSTANCE_VAR, &tag);
        let file = if secrets.is_empty() {
            Ok(file)
        } else {
            // It belongs to the instance, and ends with it.
            self.start_filter(log, secrets, &leaf.entries(), (INSTANCE_VAR, &tag))
        };
        let file = match file {
            Ok(file) => file,
            Err(error) => {
                leaf.remove();
                return Err(error);
            }
        };
        let spawned = self
            .command(&cmd, None, &leaf.entries(), true)
            .and_then(|(program, mut command)| {
                command
                    .stdin(Stdio::null())
                    .stdout(file.try_clone().map_err(log_error)?)
                    .stderr(file);
                super::start::spawn(&mut command, &program).map_err(|source| spawn_error(program, source))
            });
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => {
                leaf.remove();
                return Err(error);
            }
        };
        let pid = child.id();
        let start_ticks = group::start_ticks_of_any(pid).unwrap_or(0);
        let (sender, receiver) = watch::channel(None);
        lock(&self.shared.reaped.0).insert((pid, start_ticks), receiver);
        let exit_watch = ExitWatch::new(pid);
        let cgroup = leaf.v2.clone();
        tokio::spawn(async move {
            exit_watch.wait(pid).await;
            let status = child.try_wait().ok().flatten();
            sender.send_replace(Some(DetachedEnd {
                code: status.and_then(|status| status.code()),
                signal: status.and_then(|status| status.signal()),
            }));
            if !leaf.is_populated() {
                tokio::task::spawn_blocking(move || leaf.remove()).await.ok();
            }
        });
        Ok(Detached {
            pid,
            start_ticks,
            boot_id: boot_id(),
            pgid: pid,
            cgroup,
            tag,
            log_from,
        })
    }

    /// The instance's own process is alive and is still the one that was started.
    #[expect(clippy::unused_self, reason = "asked like everything else about an instance")]
    pub fn is_alive(&self, detached: &Detached) -> bool {
        detached.boot_id == boot_id() && group::start_ticks(detached.pid) == Some(detached.start_ticks)
    }

    /// How it ended; None while it lives, and for instances that another program has started.
    pub fn detached_end(&self, detached: &Detached) -> Option<DetachedEnd> {
        *lock(&self.shared.reaped.0)
            .get(&(detached.pid, detached.start_ticks))?
            .borrow()
    }

    /// Waits until the instance's own process has ended.
    pub async fn wait_detached(&self, detached: &Detached) -> Option<DetachedEnd> {
        let known = lock(&self.shared.reaped.0)
            .get(&(detached.pid, detached.start_ticks))
            .cloned();
        if let Some(mut receiver) = known {
            return receiver.wait_for(Option::is_some).await.ok().and_then(|end| *end);
        }
        let exit_watch = ExitWatch::new(detached.pid);
        if self.is_alive(detached) {
            exit_watch.wait(detached.pid).await;
        }
        None
    }

    /// The command with this variable, so that `detached_with` finds it when the program that started it was killed.
    pub fn findable(cmd: Cmd, name: &str, value: &str) -> Cmd {
        let tag = format!("{:016x}", fastrand::u64(..));
        cmd.env(name, value).env(INSTANCE_VAR, tag)
    }

    /// Living instances that were started with this variable: found again although nobody could write down that they were started.
    pub fn detached_with(&self, name: &str, value: &str) -> Vec<Detached> {
        let wanted = format!("{name}={value}");
        of_pids(group::with_environment(|var| var == wanted.as_bytes()))
    }

    /// The same where the variable begins so.
    pub fn detached_below(&self, name: &str, begins: &str) -> Vec<Detached> {
        let wanted = format!("{name}={begins}");
        of_pids(group::with_environment(|var| var.starts_with(wanted.as_bytes())))
    }

    /// Every living process of the instance.
    pub fn detached_pids(&self, detached: &Detached) -> Vec<u32> {
        if detached.boot_id != boot_id() {
            return Vec::new();
        }
        let mut pids: Vec<_> = members(detached)
            .into_iter()
            .map(|pid| pid.as_raw_nonzero().get() as u32)
            .collect();
        if self.is_alive(detached) && !pids.contains(&detached.pid) {
            pids.push(detached.pid);
        }
        pids
    }

    /// A signal to every process of the instance; none when it is not the one that was started.
    pub fn signal_detached(&self, detached: &Detached, signal: Signal) {
        for pid in self.detached_pids(detached) {
            if let Some(pid) = Pid::from_raw(pid as i32) {
                rustix::process::kill_process(pid, signal).ok();
            }
        }
    }

    /// TERM, `grace`, KILL; returns when nobody of the instance is alive.
    pub async fn stop_detached(&self, detached: &Detached, grace: Duration) -> Stopped {
        let mut outcome = Stopped::Already;
        let phases = [
            (Signal::TERM, Stopped::Politely, grace),
            (Signal::KILL, Stopped::Killed, Duration::from_secs(5)),
        ];
        for (signal, word, patience) in phases {
            if self.n_alive(detached).await == 0 {
                break;
            }
            outcome = word;
            let until = Instant::now() + patience;
            self.signal_detached(detached, signal);
            self.signal_detached(detached, Signal::CONT);
            while self.n_alive(detached).await > 0 && Instant::now() < until {
                if signal == Signal::KILL {
                    if let Some(dir) = detached.cgroup.clone() {
                        Leaf::of_dir(dir).kill();
                    }
                    self.signal_detached(detached, Signal::KILL);
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        if self.n_alive(detached).await > 0 {
            return Stopped::Failed;
        }
        if let Some(dir) = detached.cgroup.clone().filter(|_| detached.boot_id == boot_id()) {
            tokio::task::spawn_blocking(move || Leaf::of_dir(dir).remove()).await.ok();
        }
        outcome
    }

    async fn n_alive(&self, detached: &Detached) -> usize {
        let (processes, detached) = (self.clone(), Arc::new(detached.clone()));
        tokio::task::spawn_blocking(move || processes.detached_pids(&detached).len())
            .await
            .unwrap_or(0)
    }
}

/// By control group where there is one, and by tag: the one can not be left, the other is there without groups.
fn members(detached: &Detached) -> Vec<Pid> {
    let needle = format!("{INSTANCE_VAR}={}", detached.tag);
    let mut pids = group::with_environment(|var| var == needle.as_bytes());
    if let Some(dir) = detached.cgroup.clone() {
        for pid in Leaf::of_dir(dir).pids() {
            if !pids.contains(&pid) && group::start_ticks(pid.as_raw_nonzero().get() as u32).is_some() {
                pids.push(pid);
            }
        }
    }
    pids
}

fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// What was started, of processes that may be its children.
fn of_pids(pids: Vec<Pid>) -> Vec<Detached> {
    let mut found: BTreeMap<String, Detached> = BTreeMap::new();
    for pid in pids {
        let pid = pid.as_raw_nonzero().get() as u32;
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let prefix = format!("{INSTANCE_VAR}=");
        let tag = environment
            .split(|byte| *byte == 0)
            .find_map(|var| var.strip_prefix(prefix.as_bytes()));
        let (Some(tag), Some(start_ticks)) = (tag, group::start_ticks(pid)) else {
            continue;
        };
        let tag = String::from_utf8_lossy(tag).into_owned();
        let one = Detached {
            pid,
            start_ticks,
            boot_id: boot_id(),
            pgid: pid,
            cgroup: None,
            tag: tag.clone(),
            log_from: None,
        };
        // The first one that was started is the instance itself, the others are its children.
        let older = |known: &Detached| (known.start_ticks, known.pid) <= (start_ticks, pid);
        if !found.get(&tag).is_some_and(older) {
            found.insert(tag, one);
        }
    }
    found.into_values().collect()
}
