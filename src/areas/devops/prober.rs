//! Gates of a system that only its own network reaches: this program, started once more inside that network, asks there and tells each try
//! as a line of JSON.

use super::gate::{Counter, Verdict};
use super::probe::{Ready, Tried};
use super::project::Probe;
use futures::future::{BoxFuture, join_all};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const SHORTEST_TRY: Duration = Duration::from_millis(100);
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);

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

/// Tries until the gate holds or is given up; true when it holds. `try_once` gets how long one try may take, `told` the counts after each.
pub async fn hold<'a, E>(
    probe: &Probe,
    mut try_once: impl FnMut(Duration) -> BoxFuture<'a, Result<Tried, E>>,
    mut told: impl FnMut(&Counter, Verdict, Duration),
) -> Result<bool, E> {
    let opened = Instant::now();
    let mut counter = Counter::new(probe.healthy_after, probe.deadline.0);
    loop {
        let begun = opened.elapsed();
        let left = probe.deadline.0.saturating_sub(begun).max(SHORTEST_TRY);
        let tried = try_once(probe.timeout.0.min(left)).await?;
        let elapsed = opened.elapsed();
        let verdict = counter.on(tried, begun, elapsed);
        told(&counter, verdict, elapsed);
        match verdict {
            Verdict::Holds => return Ok(true),
            Verdict::GivenUp => return Ok(false),
            Verdict::GoOn => tokio::time::sleep(probe.interval.0.max(SHORTEST_PAUSE)).await,
        }
    }
}

/// Asks all gates at once until each holds or is given up; true when every one holds.
pub async fn ask(probes: &[Probe], tell: impl Fn(&Told)) -> bool {
    let give_up = CancellationToken::new();
    let asked = probes.iter().enumerate().map(|(gate, probe)| {
        let (tell, give_up) = (&tell, &give_up);
        async move {
            let try_once = |timeout| -> BoxFuture<'_, Result<Tried, Infallible>> {
                let kind = probe.kind.clone();
                Box::pin(async move { Ok(Ready { kind, timeout }.try_once(std::future::ready(true), give_up).await) })
            };
            let held = hold(probe, try_once, |counter, verdict, elapsed| {
                let Some(tried) = counter.last.clone() else { return };
                tell(&Told {
                    gate,
                    tried,
                    verdict,
                    n_good: counter.n_good,
                    after_ms: elapsed.as_millis() as u64,
                });
            });
            held.await.unwrap_or(false)
        }
    });
    join_all(asked).await.into_iter().all(|holds| holds)
}
