//! Keeps what the container engine tells for later: the engine itself remembers its last 256 events, which beside one container with a
//! health check are minutes.

use super::events::of_engine;
use super::watch;
use super::whose::Whose;
use crate::adapters::World;
use crate::adapters::docker::{EngineEvent, Fault};
use crate::base::happening::Happening;
use crate::base::{Problem, Timestamp};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use std::time::Duration;
use tokio::time::Instant;

/// An engine that is away is asked again after this.
const REST: Duration = Duration::from_secs(15);
/// Who owns what is looked up again after this.
const KNOWN_FOR: Duration = Duration::from_secs(5);
/// What the engine still knows of the time in which nobody watched.
const BEFORE_SECS: i64 = 24 * 3600;

/// The events of the engine, one after the other.
#[derive(Default)]
pub struct Keeper {
    told: Option<BoxStream<'static, Result<EngineEvent, Fault>>>,
    rests_until: Option<Instant>,
    /// What came last.
    last: Option<Timestamp>,
    /// To whom containers belong, as it was looked up a moment ago.
    whose: Option<(Instant, Whose)>,
}

impl Keeper {
    /// What the engine tells next; waits for it, and for an engine. Nothing is lost where the wait is given up.
    pub async fn next(&mut self, world: &World) -> EngineEvent {
        loop {
            if let Some(until) = self.rests_until {
                tokio::time::sleep_until(until).await;
                self.rests_until = None;
            }
            if self.told.is_none() {
                let now = world.clock().now();
                let first = Timestamp::from_second(now.as_second() - BEFORE_SECS).unwrap_or(now);
                self.told = world.docker().happenings(self.last.unwrap_or(first), None).await.ok();
            }
            let next = match &mut self.told {
                Some(told) => told.next().await,
                None => None,
            };
            if let Some(Ok(event)) = next {
                self.last = Some(event.at);
                return event;
            }
            self.told = None;
            self.rests_until = Some(Instant::now() + REST);
        }
    }

    /// Writes down what an event means, with the workspace whose container it is about.
    pub async fn keep(&mut self, world: &World, event: EngineEvent) -> Result<(), Problem> {
        if of_engine(event.clone()).is_none() {
            return Ok(());
        }
        let known = self.whose.take().filter(|(at, _)| at.elapsed() < KNOWN_FOR);
        let (at, whose) = match known {
            Some(known) => known,
            None => {
                let mut whose = Whose::new(watch::of_all(world, &[]).await?, true);
                whose.look(world).await?;
                (Instant::now(), whose)
            }
        };
        let happening = whose.of_engine(event, of_engine);
        self.whose = Some((at, whose));
        world.store().happenings().keep(happening.into_iter().collect()).await
    }
}

/// What was kept since then of these workspaces; with `is_all` also what belongs to none.
pub(super) async fn kept(world: &World, whose: &Whose, since: Timestamp, limit: u32) -> Result<Vec<Happening>, Problem> {
    let all = world.store().happenings().since(since, limit).await?;
    Ok(all.into_iter().filter(|one| whose.is_shown(one.workspace.as_ref())).collect())
}
