//! Ends a process that Chantier did not start: politely, then hard, and only if it is still the same one.

use super::{Processes, Stopped};
use crate::adapters::sampler::family;
use crate::adapters::store::holder::is_running;
use rustix::process::{Pid, Signal, kill_process};
use std::time::Duration;
use tokio::time::Instant;

const LOOK_EVERY: Duration = Duration::from_millis(50);
const HARD_WAIT: Duration = Duration::from_secs(5);

impl Processes {
    /// TERM to the process, `grace`, KILL to it and all below it. `start` is its start time in clock ticks since boot.
    /// The process group is left alone: it may be the user's own shell.
    pub async fn stop_foreign(&self, pid: u32, start: u64, grace: Duration) -> Stopped {
        if !is_running(pid, start) {
            return Stopped::Already;
        }
        let phases = [
            (Signal::TERM, Stopped::Politely, grace),
            (Signal::KILL, Stopped::Killed, HARD_WAIT),
        ];
        for (signal, word, patience) in phases {
            let members = if signal == Signal::KILL { family(pid) } else { vec![pid] };
            for member in members.into_iter().rev() {
                if let (Some(member), true) = (Pid::from_raw(member as i32), is_running(pid, start)) {
                    kill_process(member, signal).ok();
                }
            }
            let until = Instant::now() + patience;
            while Instant::now() < until {
                if !is_running(pid, start) {
                    return word;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        Stopped::Failed
    }
}
