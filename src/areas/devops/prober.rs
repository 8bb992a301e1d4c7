//! Gates of a system that only its own network reaches: this program, started once more inside that network, asks there and tells each try
//! as a line of JSON.

use super::gate::{Counter, Verdict};
use super::probe::{Ready, Tried};
use super::project::Probe;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// One try of one gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// Its place in what was asked.
    pub gate: usize,
    pub tried: Tried,
    pub verdict: Verdict,
    pub n_good: u32,
    /// Since the gate was opened.
    pub after_ms: u64,
}

/// Asks all gates at once until each holds or is given up; true when every one holds.
pub async fn ask(probes: &[Probe], tell: impl Fn(&Told)) -> bool {
    let give_up = CancellationToken::new();
    let asked = probes.iter().enumerate().map(|(gate, probe)| {
        let (tell, give_up) = (&tell, &give_up);
        async move {
            let opened = Instant::now();
            let mut counter = Counter::new(probe.healthy_after, probe.deadline.0);
            loop {
                let left = probe
                    .deadline
                    .0
                    .saturating_sub(opened.elapsed())
                    .max(Duration::from_millis(100));
                let ready = Ready {
                    kind: probe.kind.clone(),
                    timeout: probe.timeout.0.min(left),
                };
                let tried = ready.try_once(std::future::ready(true), give_up).await;
                let elapsed = opened.elapsed();
                let verdict = counter.on(tried.clone(), elapsed);
                tell(&Told {
                    gate,
                    tried,
                    verdict,
                    n_good: counter.n_good,
                    after_ms: elapsed.as_millis() as u64,
                });
                match verdict {
                    Verdict::Holds => return true,
                    Verdict::GivenUp => return false,
                    Verdict::GoOn => tokio::time::sleep(probe.interval.0.max(Duration::from_millis(10))).await,
                }
            }
        }
    });
    join_all(asked).await.into_iter().all(|holds| holds)
}
