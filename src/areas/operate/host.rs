//! This machine as a whole, looked at again and again; and signals to its processes, looked at afterwards.

use super::Update;
use crate::adapters::World;
use crate::adapters::machine::MachineLooks;
use crate::adapters::store::holder;
use crate::areas::JobCtx;
use crate::base::Problem;
use crate::base::host::{HostLook, HostSignal};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(2);
/// Between the two looks that rates take, where nobody watches.
const BETWEEN: Duration = Duration::from_millis(500);
/// How long a process that was told to end may take before it is said to run on.
const PATIENCE: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What became of a process that was told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterSignal {
    Ended,
    /// It stands still.
    Stopped,
    Runs,
}

impl AfterSignal {
    /// The key of its word in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Ended => "host-after-ended",
            Self::Stopped => "host-after-stopped",
            Self::Runs => "host-after-runs",
        }
    }
}

async fn look(cx: &JobCtx, world: &World, mut looks: MachineLooks) -> Result<(MachineLooks, HostLook), Problem> {
    let (host, masks, now) = (world.host().clone(), world.masks().clone(), cx.now());
    cx.blocking(move |_| {
        let look = looks.look(&host, &masks, now);
        Ok((looks, look))
    })
    .await
}

async fn tell(cx: &JobCtx, look: HostLook) {
    cx.update(Update::HostSeen { look: Box::new(look) }).await;
}

/// Two looks: what takes two is known then.
pub async fn once(cx: &JobCtx, world: &World) -> Result<(), Problem> {
    let (looks, _) = look(cx, world, MachineLooks::default()).await?;
    cx.sleep(BETWEEN).await?;
    let (_, seen) = look(cx, world, looks).await?;
    tell(cx, seen).await;
    Ok(())
}

/// Until it is stopped, or for so many seconds: a page that is looked at asks again.
pub async fn watch(cx: &JobCtx, world: &World, secs: Option<u32>) -> Result<(), Problem> {
    let since = Instant::now();
    let mut looks = MachineLooks::default();
    let mut pause = BETWEEN;
    while secs.is_none_or(|secs| since.elapsed() < Duration::from_secs(u64::from(secs))) {
        let (kept, seen) = look(cx, world, looks).await?;
        looks = kept;
        tell(cx, seen).await;
        cx.sleep(pause).await?;
        pause = EVERY;
    }
    Ok(())
}

/// Sends a signal to a process, if it is still the same one, and says what became of it.
pub async fn signal(cx: &JobCtx, world: &World, pid: u32, start: Option<u64>, signal: HostSignal) -> Result<(), Problem> {
    let gone = || {
        Problem::user(msg!("host-no-process", pid = pid.to_string()))
            .code("not-found")
            .hint(msg!("host-no-process-hint"))
    };
    if pid <= 1 || pid == std::process::id() {
        return Err(Problem::user(msg!("host-not-this-one", pid = pid.to_string())).hint(msg!("host-not-this-one-hint")));
    }
    let start = match start {
        Some(start) => start,
        None => holder::start_of(pid).ok_or_else(gone)?,
    };
    world.processes().signal_foreign(pid, start, signal).map_err(|error| {
        if error.kind() == std::io::ErrorKind::PermissionDenied {
            Problem::environment(msg!("host-may-not", pid = pid.to_string(), signal = signal.word()))
                .hint(msg!("host-may-not-hint"))
        } else if error.kind() == std::io::ErrorKind::NotFound || error.raw_os_error() == Some(3) {
            gone()
        } else {
            Problem::environment(msg!("host-signal-failed", pid = pid.to_string(), signal = signal.word())).details(error)
        }
    })?;
    let after = settled(cx, pid, start, signal).await?;
    cx.update(Update::Signalled { pid, signal, after }).await;
    if signal == HostSignal::Kill && after != AfterSignal::Ended {
        return Err(Problem::environment(msg!("host-lives-on", pid = pid.to_string())).hint(msg!("host-lives-on-hint")));
    }
    Ok(())
}

/// What was asked for is waited for, a little.
async fn settled(cx: &JobCtx, pid: u32, start: u64, signal: HostSignal) -> Result<AfterSignal, Problem> {
    let since = Instant::now();
    loop {
        let after = match crate::adapters::sampler::state_of(pid, start) {
            None => AfterSignal::Ended,
            Some(b'T' | b't') => AfterSignal::Stopped,
            Some(_) => AfterSignal::Runs,
        };
        let is_so = match signal {
            HostSignal::Stop => after != AfterSignal::Runs,
            HostSignal::Cont => after != AfterSignal::Stopped,
            HostSignal::Term | HostSignal::Kill | HostSignal::Int => after == AfterSignal::Ended,
            HostSignal::Hup | HostSignal::Usr1 | HostSignal::Usr2 => since.elapsed() >= LOOK_EVERY * 4,
        };
        if is_so || since.elapsed() >= PATIENCE {
            return Ok(after);
        }
        cx.sleep(LOOK_EVERY).await?;
    }
}
