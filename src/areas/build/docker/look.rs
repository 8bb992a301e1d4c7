//! Looks at what the engine holds: once, or whenever something happens there. An engine that is away is asked again until it is back.

use super::Update;
use crate::adapters::World;
use crate::adapters::docker::Fault;
use crate::areas::JobCtx;
use crate::areas::build;
use crate::base::Problem;
use futures::StreamExt as _;
use std::time::Duration;
use tokio::time::Instant;

/// After something happened: more may follow at once.
const SETTLE: Duration = Duration::from_millis(250);
/// Between two questions to an engine that is away.
const AGAIN: Duration = Duration::from_secs(1);

pub(super) async fn tell(cx: &JobCtx, update: Update) {
    cx.update(build::Update::Docker(update)).await;
}

/// One look, told.
pub(super) async fn once(cx: &JobCtx, world: &World) -> Result<(), Fault> {
    let held = world.docker().holdings().await?;
    let update = Update::Seen {
        at: cx.now(),
        held: Box::new(held),
    };
    tell(cx, update).await;
    Ok(())
}

/// A look that fails is told as such, and as the job's end.
pub(super) async fn look(cx: JobCtx, world: World) -> Result<(), Problem> {
    tell(&cx, Update::Loading).await;
    match cx.until_cancelled(once(&cx, &world)).await? {
        Ok(()) => Ok(()),
        Err(fault) => {
            let problem = fault.problem();
            lost(&cx, &fault).await;
            Err(problem)
        }
    }
}

async fn lost(cx: &JobCtx, fault: &Fault) {
    let problem = fault.problem();
    tell(cx, Update::Lost { problem }).await;
}

/// Looks again and again for so long.
pub(super) async fn watch(cx: JobCtx, world: World, secs: u32) -> Result<(), Problem> {
    let until = Instant::now() + Duration::from_secs(u64::from(secs));
    while Instant::now() < until {
        if let Err(fault) = cx.until_cancelled(follow(&cx, &world, until)).await? {
            lost(&cx, &fault).await;
            cx.sleep(AGAIN.min(until.saturating_duration_since(Instant::now()))).await?;
        }
    }
    Ok(())
}

/// From one loss of the engine to the next. What happens between the two questions is not missed: events are heard before the look.
async fn follow(cx: &JobCtx, world: &World, until: Instant) -> Result<(), Fault> {
    let followed = follow_events(cx, world, until).await;
    match followed {
        Ok(()) => Ok(()),
        // A stream that broke off says little: the engine itself is asked.
        Err(_) => {
            world.docker().info().await?;
            tokio::time::sleep(AGAIN).await;
            Ok(())
        }
    }
}

async fn follow_events(cx: &JobCtx, world: &World, until: Instant) -> Result<(), Fault> {
    let mut events = world.docker().events().await?;
    once(cx, world).await?;
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            () = tokio::time::sleep_until(until) => return Ok(()),
        };
        match event {
            Some(Ok(())) => {}
            Some(Err(fault)) => return Err(fault),
            None => return Err(Fault::Away),
        }
        let settled = tokio::time::sleep(SETTLE);
        tokio::pin!(settled);
        loop {
            tokio::select! {
                () = &mut settled => break,
                event = events.next() => match event {
                    Some(Ok(())) => {}
                    Some(Err(fault)) => return Err(fault),
                    None => return Err(Fault::Away),
                },
            }
        }
        once(cx, world).await?;
    }
}
