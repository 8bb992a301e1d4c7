//! Ends a process that Chantier did not start: politely, then hard, and only if it is still the same one.

use super::Processes;
use crate::base::host::HostSignal;
use crate::sampler::family;
use crate::store::holder::is_running;
use rustix::process::{Pid, Signal, kill_process};
use std::time::Duration;
use tokio::time::Instant;

const LOOK_EVERY: Duration = Duration::from_millis(50);

impl Processes {
    /// A signal to one process, if it is still the same one. `start` as below.
    pub fn signal_foreign(&self, pid: u32, start: u64, signal: HostSignal) -> std::io::Result<()> {
        let signal = match signal {
            HostSignal::Term => Signal::TERM,
            HostSignal::Kill => Signal::KILL,
            HostSignal::Stop => Signal::STOP,
            HostSignal::Cont => Signal::CONT,
            HostSignal::Hup => Signal::HUP,
            HostSignal::Int => Signal::INT,
            HostSignal::Usr1 => Signal::USR1,
            HostSignal::Usr2 => Signal::USR2,
        };
        let gone = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let target = Pid::from_raw(pid as i32)
            .filter(|_| is_running(pid, start))
            .ok_or_else(gone)?;
        Ok(kill_process(target, signal)?)
    }

    /// TERM to the process, or KILL to it and all below it, and whether it was gone in time. `start` is its start time in clock ticks
    /// since boot. The process group is left alone: it may be the user's own shell.
    pub async fn end_foreign(&self, pid: u32, start: u64, is_hard: bool, patience: Duration) -> bool {
        let (signal, members) = if is_hard {
            (Signal::KILL, family(pid))
        } else {
            (Signal::TERM, vec![pid])
        };
        for member in members.into_iter().rev() {
            if let (Some(member), true) = (Pid::from_raw(member as i32), is_running(pid, start)) {
                kill_process(member, signal).ok();
            }
        }
        let until = Instant::now() + patience;
        while is_running(pid, start) {
            if Instant::now() >= until {
                return false;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        true
    }
}
