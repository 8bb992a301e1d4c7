//! One instance that is ended and started again outside of a deployment: whether it can be, before it ends, and whether it is well,
//! afterwards.

use super::LAST_WORDS;
use super::gates::{died, probes_of, words_at};
use crate::adapters::World;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::inputs::Inputs;
use crate::areas::deploy::{settings, targets};
use crate::areas::devops::gate;
use crate::areas::devops::probe::{Ready, Tried};
use crate::areas::devops::prober;
use crate::areas::devops::project::{Probe, Target};
use crate::base::Problem;
use crate::msg;
use futures::future::{BoxFuture, try_join_all};
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Nothing is ended before it is known that it can be started again: its secrets are given, and the files that it runs from are there.
pub async fn check(world: &World, inputs: &Inputs, folder: &Path) -> Result<(), Problem> {
    settings::resolve(world, inputs).await?;
    if !matches!(inputs.target, Target::Process { .. }) {
        // It runs from an image, or from what was brought to its machine.
        return Ok(());
    }
    let staged = inputs.again_from(folder);
    let looked = tokio::task::spawn_blocking(move || staged.check_parts()).await;
    looked.unwrap_or_else(|_| Err(Problem::cancelled())).map_err(|problem| {
        if problem.is_cancelled() {
            return problem;
        }
        problem.hint(msg!("deploy-staged-gone-hint", environment = &inputs.environment))
    })
}

/// Waits until the gates of the environment hold at the instance; one that ends meanwhile is told with its last words.
pub async fn hold(
    world: &World,
    inputs: &Inputs,
    folder: &Path,
    instance: &InstanceRow,
    stop: &CancellationToken,
) -> Result<(), Problem> {
    let words = words_at(inputs, folder, instance);
    let target = targets::of(inputs);
    let probes = probes_of(inputs);
    let mut gates = Vec::new();
    for probe in probes.iter().filter(|probe| target.is_asked(instance, &probe.kind)) {
        gates.push((Ready::new(&probe.kind, probe.timeout.0, &words)?, probe));
    }
    try_join_all(
        gates
            .iter()
            .map(|(ready, probe)| hold_one(world, instance, ready, probe, stop)),
    )
    .await?;
    Ok(())
}

async fn hold_one(
    world: &World,
    instance: &InstanceRow,
    ready: &Ready,
    probe: &Probe,
    stop: &CancellationToken,
) -> Result<(), Problem> {
    let try_once = |timeout| -> BoxFuture<'_, Result<Tried, Problem>> {
        let kind = ready.kind.clone();
        Box::pin(async move {
            let ready = Ready { kind, timeout };
            Ok(targets::of_instance(instance).ask(world, instance, &ready, stop).await)
        })
    };
    let mut last = None;
    let asked = prober::hold(probe, try_once, |counter, _, _| last = Some(counter.clone()));
    let holds = tokio::select! {
        biased;
        () = stop.cancelled() => return Err(Problem::cancelled()),
        end = targets::ended(world, instance) => return Err(died(world, instance, &end).await),
        holds = asked => holds?,
    };
    let Some(counter) = last.filter(|_| !holds) else {
        return Ok(());
    };
    let words = targets::last_words(world, instance, LAST_WORDS).await;
    Err(gate::problem(&ready.what(), &instance.name, &counter).details(words.join("\n")))
}
