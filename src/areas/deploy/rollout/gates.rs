//! The part of a rollout that judges: health gates at every instance, and the proof that what runs is what was asked for.

use super::{LAST_WORDS, Rollout};
use crate::adapters::World;
use crate::adapters::store::instances::{InstanceEnd, InstanceRow};
use crate::areas::deploy::inputs::Inputs;
use crate::areas::deploy::traffic::Front;
use crate::areas::deploy::{Gate, StepName, targets};
use crate::areas::devops::gate::{self, Counter, Verdict};
use crate::areas::devops::probe::Ready;
use crate::areas::devops::project::{Probe, ProbeKind, Span, Words};
use crate::base::{Problem, State};
use crate::msg;
use futures::future::try_join_all;
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

/// Tries of a gate that are shown.
const TRIES_SHOWN: usize = 30;

/// An instance lives when it was found alive so often, one look after the other.
const ALIVE_TRIES: u32 = 4;
const ALIVE_EVERY: Duration = Duration::from_millis(250);

impl Rollout {
    /// Waits until every gate holds at every instance. The first one that does not ends it.
    pub async fn gate(&self, instances: &[InstanceRow]) -> Result<(), Problem> {
        self.gate_within(instances, None, Duration::MAX).await
    }

    /// The same with another deadline than the gates' own, and a limit for all of them.
    pub async fn gate_within(
        &self,
        instances: &[InstanceRow],
        deadline: Option<Duration>,
        limit: Duration,
    ) -> Result<(), Problem> {
        self.guided(instances, &|| Box::pin(self.gate_once(instances, deadline, limit)))
            .await
    }

    async fn gate_once(&self, instances: &[InstanceRow], deadline: Option<Duration>, limit: Duration) -> Result<(), Problem> {
        let mut probes = self.probes();
        for probe in &mut probes {
            probe.deadline.0 = deadline.unwrap_or(probe.deadline.0).min(limit);
        }
        let target = targets::of(&self.site.inputs);
        let mut gates = Vec::new();
        for instance in instances {
            let words = self.words_of(instance);
            for probe in probes.iter().filter(|probe| target.is_asked(instance, &probe.kind)) {
                gates.push((instance, Ready::new(&probe.kind, probe.timeout.0, &words)?, probe));
            }
        }
        self.view().gates = gates
            .iter()
            .map(|(instance, ready, probe)| Gate {
                what: ready.what(),
                instance: instance.name.clone(),
                state: State::InProgress,
                n_good: 0,
                n_needed: probe.healthy_after.max(1),
                n_tries: 0,
                last: None,
                tries: Vec::new(),
                deadline: self.cx.now() + probe.deadline.0,
            })
            .collect();
        let asked: Vec<String> = gates.iter().map(|(_, ready, _)| ready.what()).collect();
        self.step(StepName::Gate, json!({ "gates": asked }), async |_| {
            let waits = gates
                .iter()
                .enumerate()
                .map(|(i, (instance, ready, probe))| self.hold(i, instance, ready, probe));
            try_join_all(waits).await?;
            let n_tries: u32 = self.view().gates.iter().map(|gate| gate.n_tries).sum();
            Ok((
                (),
                json!({ "tries": n_tries }),
                Some(msg!("deploy-note-gate", n = gates.len())),
            ))
        })
        .await
    }

    pub(super) fn probes(&self) -> Vec<Probe> {
        probes_of(&self.site.inputs)
    }

    pub(super) fn words_of(&self, instance: &InstanceRow) -> Words {
        words_at(&self.site.inputs, &self.site.folder, instance)
    }

    async fn hold(&self, i: usize, instance: &InstanceRow, ready: &Ready, probe: &Probe) -> Result<(), Problem> {
        let opened = Instant::now();
        let mut counter = Counter::new(probe.healthy_after, probe.deadline.0);
        loop {
            let begun = opened.elapsed();
            let left = probe.deadline.0.saturating_sub(begun);
            let mut ready = ready.clone();
            ready.timeout = ready.timeout.min(left.max(Duration::from_millis(100)));
            let tried = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(Problem::cancelled()),
                end = targets::ended(self.world(), instance) => return Err(self.dead(i, instance, &end).await),
                tried = targets::of_instance(instance).ask(self.world(), instance, &ready, &self.stop) => tried,
            };
            let took_ms = tried.took_ms();
            let last = tried.msg();
            let verdict = counter.on(tried, begun, opened.elapsed());
            {
                let mut view = self.view();
                let gate = &mut view.gates[i];
                gate.n_good = counter.n_good;
                gate.n_tries = counter.n_tries;
                gate.last = Some(last);
                gate.tries.push(took_ms);
                let over = gate.tries.len().saturating_sub(TRIES_SHOWN);
                gate.tries.drain(..over);
                gate.state = match verdict {
                    Verdict::GoOn => State::InProgress,
                    Verdict::Holds => State::Done,
                    Verdict::GivenUp => State::Failed,
                };
            }
            self.show().await;
            match verdict {
                Verdict::Holds => return Ok(()),
                Verdict::GivenUp => {
                    let words = targets::last_words(self.world(), instance, LAST_WORDS).await;
                    return Err(gate::problem(&ready.what(), &instance.name, &counter).details(words.join("\n")));
                }
                Verdict::GoOn => {}
            }
            tokio::select! {
                () = self.stop.cancelled() => return Err(Problem::cancelled()),
                end = targets::ended(self.world(), instance) => return Err(self.dead(i, instance, &end).await),
                () = tokio::time::sleep(probe.interval.0.max(Duration::from_millis(10))) => {}
            }
        }
    }

    async fn dead(&self, i: usize, instance: &InstanceRow, end: &InstanceEnd) -> Problem {
        {
            let mut view = self.view();
            view.gates[i].state = State::Failed;
            view.gates[i].last = Some(msg!("probe-dead"));
        }
        self.show().await;
        self.died(instance, end).await
    }

    pub(super) async fn died(&self, instance: &InstanceRow, end: &InstanceEnd) -> Problem {
        died(self.world(), instance, end).await
    }

    /// Asks every instance, and whoever stands in front, which version runs; gives what was asked.
    async fn ask_versions(&self, instances: &[InstanceRow]) -> Result<Vec<String>, Problem> {
        let target = targets::of(&self.site.inputs);
        let mut asked = Vec::new();
        for probe in &self.site.inputs.health {
            let mut all = Vec::new();
            for instance in instances.iter().filter(|instance| target.is_asked(instance, &probe.kind)) {
                all.push((Some(instance), self.words_of(instance)));
            }
            let front = self.front.as_ref().and_then(Front::address);
            if let (Some((_, port)), Some((_, first))) = (front, all.first()) {
                all.push((None, first.clone().set("port", port.to_string())));
            }
            for (instance, words) in all {
                let ready = Ready::new(&probe.kind, probe.timeout.0, &words)?;
                if !ready.asks_version() {
                    continue;
                }
                let tried = match instance {
                    Some(instance) => {
                        let target = targets::of_instance(instance);
                        target.ask(self.world(), instance, &ready, &self.stop).await
                    }
                    None => ready.try_once(std::future::ready(true), &self.stop).await,
                };
                self.check_stop()?;
                if !tried.is_good() {
                    return Err(Problem::environment(tried.msg()).code("wrong-version").details(ready.what()));
                }
                asked.push(ready.what());
            }
        }
        Ok(asked)
    }

    /// What runs is what was asked for: every process is the one that was started, from files that are still the right ones.
    pub async fn verify(&self, instances: &[InstanceRow]) -> Result<(), Problem> {
        self.step(StepName::Verify, json!({ "version": self.row.version }), async |_| {
            for instance in instances {
                if !targets::is_alive(self.world(), instance).await {
                    let words = targets::last_words(self.world(), instance, LAST_WORDS).await;
                    return Err(Problem::environment(msg!("deploy-died", instance = &instance.name))
                        .code("died")
                        .details(words.join("\n")));
                }
            }
            targets::of(&self.site.inputs).verify(&self.site, instances).await?;
            let staged = self.site.inputs.again_from(&self.site.folder);
            self.off_thread(move || staged.check_parts()).await?;
            let asked = self.ask_versions(instances).await?;
            let pids: Vec<Option<u32>> = instances.iter().map(|instance| instance.pid).collect();
            Ok((
                (),
                json!({ "pids": pids, "asked": asked }),
                Some(msg!("deploy-note-verify", version = &self.row.version)),
            ))
        })
        .await
    }
}

/// Without any gate of the user's, an instance has to stay alive for a moment.
pub(super) fn probes_of(inputs: &Inputs) -> Vec<Probe> {
    let mut probes = inputs.health.clone();
    if let Some(own) = targets::of(inputs).own_probe()
        && !probes.iter().any(|probe| probe.kind == own.kind)
    {
        probes.push(own);
    }
    // One look says that it was started, not that it lives on.
    for probe in probes.iter_mut().filter(|probe| probe.kind == ProbeKind::Process) {
        probe.interval = Span(probe.interval.0.min(ALIVE_EVERY));
        probe.healthy_after = probe.healthy_after.max(ALIVE_TRIES);
    }
    if !probes.is_empty() {
        return probes;
    }
    vec![Probe {
        kind: ProbeKind::Process,
        interval: Span(ALIVE_EVERY),
        timeout: Span(Duration::from_secs(1)),
        healthy_after: ALIVE_TRIES,
        deadline: Span(Duration::from_secs(10)),
    }]
}

/// What the words of a gate mean at an instance.
pub(super) fn words_at(inputs: &Inputs, folder: &Path, instance: &InstanceRow) -> Words {
    let n = instance.name.rsplit('-').next().unwrap_or("1");
    let words = inputs.words(folder).set("instance", n);
    match instance.port {
        Some(port) => words.set("port", port.to_string()),
        None => words,
    }
}

/// Why an instance is not there any more, with its last words.
pub(super) async fn died(world: &World, instance: &InstanceRow, end: &InstanceEnd) -> Problem {
    let summary = match (end.exit_code, end.signal) {
        (_, Some(signal)) => {
            let signal = crate::adapters::process::signal_name(signal);
            msg!("deploy-died-signal", instance = &instance.name, signal = signal)
        }
        (Some(code), None) => msg!("deploy-died-code", instance = &instance.name, code = code.to_string()),
        (None, None) => msg!("deploy-died", instance = &instance.name),
    };
    let words = targets::last_words(world, instance, LAST_WORDS).await;
    Problem::environment(summary).code("died").details(words.join("\n"))
}
