//! Instances as systemd units on another machine: release folders with a `current` link, the unit made, started and asked over the
//! user's own ssh. Of a host that does not answer nothing is assumed.

mod ask;
mod place;
mod scripts;
pub mod seen;
mod unit;

pub(super) use ask::at as ask_at;
pub use place::{Handle, complete};
pub use unit::PART as UNIT_PART;

use super::{REPLACED, Site, Target};
use crate::adapters::World;
use crate::adapters::ssh::Connection;
use crate::adapters::store::instances::{InstanceEnd, InstanceRow};
use crate::areas::JobCtx;
use crate::areas::devops::probe::{Ready, Tried};
use crate::base::{Problem, Progress, SafeText, State, Unit};
use crate::msg;
use futures::future::BoxFuture;
use place::{Place, as_root, connect};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// As it stands in the ledger.
pub(super) const KIND: &str = "unit";
/// Left free on the host's disk.
const SPARE_KB: u64 = 64 * 1024;
const SHORT: Duration = Duration::from_secs(30);
/// While another change of the host goes on.
const PATIENT: Duration = Duration::from_mins(4);
/// How old an answer of systemd may be while a gate waits.
const FRESH: Duration = Duration::from_millis(800);
/// How old it may be where it is only shown.
const LOOKED: Duration = Duration::from_secs(3);
/// How long somebody who only looks waits.
const GLANCE: Duration = Duration::from_secs(3);

pub(super) struct SshTarget;

/// What systemd says of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Shown(BTreeMap<String, String>);

impl Shown {
    fn of(text: &str) -> Self {
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        Self(
            pairs
                .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
                .collect(),
        )
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn runs(&self, release: &str) -> bool {
        let is_up =
            matches!(self.get("ActiveState"), "active" | "reloading" | "activating") && self.get("SubState") != "auto-restart";
        is_up && self.get("Current") == format!("releases/{release}")
    }

    /// This start of the unit is over, with what is known of its end.
    fn end_of(&self, handle: &Handle) -> Option<InstanceEnd> {
        if self.runs(&handle.release) && self.get("InvocationID") == handle.invocation {
            return None;
        }
        let is_same = self.get("InvocationID") == handle.invocation;
        let status = self.get("ExecMainStatus").parse::<i32>().ok().filter(|_| is_same);
        let is_signal = matches!(self.get("ExecMainCode"), "2" | "3");
        Some(InstanceEnd::crashed(
            status.filter(|_| !is_signal),
            status.filter(|_| is_signal),
        ))
    }
}

impl Target for SshTarget {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn check<'a>(&'a self, site: &'a Site, ours: &'a [InstanceRow]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let place = Place::of(site)?;
            let host = connect(&site.world, &place.host, &site.stop).await?;
            let port = site.inputs.target.port();
            let port_text = port.map(|port| port.to_string()).unwrap_or_default();
            let args = [&*place.dir, &*place.unit, &*port_text, &*place.mark];
            let found = Shown::of(&as_root(&host, scripts::CHECK, &args, SHORT, &site.stop).await?);
            let name = host.host();
            if found.get("systemd") == "no" {
                return Err(Problem::environment(msg!("ssh-no-systemd", host = name)).code("no-systemd"));
            }
            if !found.get("readonly").is_empty() {
                return Err(
                    Problem::environment(msg!("ssh-read-only", host = name, path = found.get("readonly"))).code("read-only"),
                );
            }
            let owner = found.get("owner");
            let is_renamed = !owner.is_empty() && owner != place.mark;
            if is_renamed && !place.was_marked(site, owner).await? {
                return Err(foreign(name, &place.dir, owner));
            }
            if !found.get("foreign").is_empty() {
                return Err(foreign(name, found.get("foreign"), ""));
            }
            let wanted = site.inputs.parts.iter().map(|part| part.bytes).sum::<u64>() / 1024;
            let free: u64 = found.get("free").parse().unwrap_or(0);
            if free < wanted + SPARE_KB {
                return Err(Problem::environment(msg!("ssh-disk-full", host = name))
                    .code("disk-full")
                    .details(format!("{} kB < {} kB", free, wanted + SPARE_KB))
                    .hint(msg!("ssh-disk-full-hint")));
            }
            // Also one that was started from another machine: folder and unit say whose they are, and it is replaced like any other.
            let is_marked = owner == place.mark && !found.get("mine").is_empty();
            let is_up = is_renamed || found.get("active") == "active";
            let is_ours = is_up && (is_marked || ours.iter().any(|row| row.port == port));
            if !found.get("taken").is_empty() && !is_ours {
                return Err(
                    Problem::environment(msg!("ssh-port-taken", host = name, port = port_text.as_str()))
                        .code("port-taken")
                        .hint(msg!("ssh-port-taken-hint", host = name, port = port_text.as_str())),
                );
            }
            Ok(())
        })
    }

    fn stage<'a>(&'a self, site: &'a Site, cx: &'a JobCtx) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let place = Place::of(site)?;
            let host = connect(&site.world, &place.host, &site.stop).await?;
            let missing = place.missing(&host, &site.stop).await?;
            cx.note(format!(
                "{}: {} of {} files go to {}",
                host.host(),
                missing.len(),
                place.files.len(),
                place.folder()
            ));
            let mut n_sent = 0;
            for load in Place::loads(&missing) {
                cx.progress(Progress::of(n_sent, missing.len() as u64, Unit::Files));
                place.send(&host, &load, &site.stop).await?;
                n_sent += load.len() as u64;
            }
            Ok(())
        })
    }

    /// systemd is back when all processes of the unit are gone, and their ports with them.
    fn settle<'a>(&'a self, _site: &'a Site, _numbers: &'a [u32]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async { Ok(()) })
    }

    fn start<'a>(&'a self, site: &'a Site, _n: u32) -> BoxFuture<'a, Result<InstanceRow, Problem>> {
        Box::pin(async move {
            let place = Place::of(site)?;
            let never = CancellationToken::new();
            let host = connect(&site.world, &place.host, &never).await?;
            let _alone = host.alone(&place.dir).await;
            let any = place.handle("");
            // The turn of the stop before is still ours, or nothing is started by it.
            let (turn, is_kept) = match host.heard(&turn_of(&any)) {
                Some((_, turn)) => (turn, true),
                None => (settled(&host, &any, &never).await?.1.into(), false),
            };
            place.hand_over(site, &host, &never).await?;
            let mut shown = begin(&host, &place, &any, &turn).await?;
            if is_kept && !shown.get("late").is_empty() {
                let (_, turn) = settled(&host, &any, &never).await?;
                shown = begin(&host, &place, &any, &turn).await?;
            }
            check_turn(&host, &shown)?;
            let other = shown.get("other");
            if !other.is_empty() {
                let problem = msg!("ssh-file-differs", host = host.host(), path = other);
                return Err(Problem::environment(problem).code("artifact-changed"));
            }
            if !shown.get("refused").is_empty() || !shown.runs(&place.release) {
                let words = words_of(&host, &place.handle(shown.get("InvocationID")), 15).await;
                let told: Vec<String> = words.iter().map(|line| SafeText::from_bytes(line).into_string()).collect();
                return Err(
                    Problem::environment(msg!("ssh-not-started", host = host.host(), unit = place.unit.as_str()))
                        .code("died")
                        .details(told.join("\n")),
                );
            }
            let row = row(site, &place, &shown);
            site.world.store().instances().started(row).await
        })
    }

    fn unwritten<'a>(&'a self, site: &'a Site, written: &'a [InstanceRow]) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>> {
        Box::pin(async move {
            let place = Place::of(site)?;
            let never = CancellationToken::new();
            let host = connect(&site.world, &place.host, &never).await?;
            let _alone = host.alone(&place.dir).await;
            let (shown, _) = settled(&host, &place.handle(""), &never).await?;
            if !shown.runs(&place.release) {
                return Ok(Vec::new());
            }
            // The same release may have been started by a deployment before; and there is one unit, however often systemd starts it again.
            let all = site.world.store().instances().running(Some(&site.workspace)).await?;
            let is_known = all
                .iter()
                .filter_map(handle)
                .any(|known| known.invocation == shown.get("InvocationID"));
            let is_written = written
                .iter()
                .filter(|row| row.ended_at.is_none())
                .filter_map(handle)
                .any(|known| known.release == place.release && known.unit == place.unit);
            if is_known || is_written {
                return Ok(Vec::new());
            }
            let row = row(site, &place, &shown);
            Ok(vec![site.world.store().instances().started(row).await?])
        })
    }

    fn is_whole<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let place = Place::of(site)?;
            let never = CancellationToken::new();
            let host = connect(&site.world, &place.host, &never).await?;
            match place.missing(&host, &never).await?.first() {
                Some(file) => {
                    let problem = msg!("ssh-file-differs", host = host.host(), path = file.path.as_str());
                    let hint = msg!("ssh-file-differs-hint", environment = &site.inputs.environment);
                    Err(Problem::environment(problem).code("artifact-changed").hint(hint))
                }
                None => Ok(()),
            }
        })
    }

    fn verify<'a>(&'a self, site: &'a Site, instances: &'a [InstanceRow]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let place = Place::of(site)?;
            let never = CancellationToken::new();
            let host = connect(&site.world, &place.host, &never).await?;
            let (missing, shown) = place.looked(&host, &never).await?;
            if let Some(file) = missing.first() {
                let problem = msg!("ssh-file-differs", host = host.host(), path = file.path.as_str());
                return Err(Problem::environment(problem).code("artifact-changed"));
            }
            let is_written = instances
                .iter()
                .filter_map(handle)
                .any(|known| known.invocation == shown.get("InvocationID"));
            let runs_file = place
                .program
                .as_ref()
                .filter(|program| place.is_native(program))
                .is_none_or(|program| shown.get("Exe") == format!("{}/{program}", place.folder()));
            if is_written && runs_file && shown.runs(&place.release) {
                return Ok(());
            }
            let words = msg!("ssh-runs-other", host = host.host(), unit = place.unit.as_str());
            Err(Problem::environment(words).code("other-version").details(shown.get("Exe")))
        })
    }

    fn is_alive<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let Some(handle) = handle(instance) else { return false };
            match recent(world, &handle, Duration::ZERO).await {
                Ok(shown) => shown.runs(&handle.release),
                // Not known is not gone.
                Err(_) => true,
            }
        })
    }

    fn state<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, State> {
        Box::pin(async move {
            let Some(handle) = handle(instance) else {
                return State::Unknown;
            };
            // A host that hangs or is away must hold up nobody who only looks.
            if !world.ssh().is_likely(&handle.host) {
                return State::Unknown;
            }
            let (world, asked) = (world.clone(), handle.clone());
            let asking = tokio::spawn(async move { recent(&world, &asked, LOOKED).await });
            match tokio::time::timeout(GLANCE, asking).await {
                Ok(Ok(Ok(shown))) if shown.runs(&handle.release) => State::Running,
                Ok(Ok(Ok(_))) => State::Failed,
                _ => State::Unknown,
            }
        })
    }

    /// As systemd has started it last.
    fn as_now<'a>(&'a self, world: &'a World, instance: InstanceRow) -> BoxFuture<'a, InstanceRow> {
        Box::pin(async move {
            let Some(known) = handle(&instance) else { return instance };
            match recent(world, &known, LOOKED).await {
                Ok(shown) if shown.runs(&known.release) && !shown.get("InvocationID").is_empty() => {
                    let invocation = shown.get("InvocationID").to_owned();
                    InstanceRow {
                        handle: serde_json::to_value(Handle { invocation, ..known }).unwrap_or_default(),
                        ..instance
                    }
                }
                _ => instance,
            }
        })
    }

    fn ended<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, InstanceEnd> {
        Box::pin(async move {
            let Some(handle) = handle(instance) else {
                return std::future::pending().await;
            };
            loop {
                if let Ok(shown) = recent(world, &handle, FRESH).await
                    && let Some(end) = shown.end_of(&handle)
                {
                    return end;
                }
                tokio::time::sleep(FRESH).await;
            }
        })
    }

    fn stop<'a>(
        &'a self,
        world: &'a World,
        instance: &'a InstanceRow,
        grace: Duration,
        cause: &'a str,
    ) -> BoxFuture<'a, Result<InstanceRow, Problem>> {
        Box::pin(async move {
            let mut end = InstanceEnd::by(cause);
            if let Some(handle) = handle(instance) {
                let never = CancellationToken::new();
                let host = connect(world, &handle.host, &never).await?;
                let _alone = host.alone(&handle.dir).await;
                let (before, turn) = settled(&host, &handle, &never).await?;
                // Also one that has ended: systemd must not start it again.
                let follows = if cause == REPLACED { "follows" } else { "" };
                let args = [&*handle.dir, &*turn, &*handle.release, &*handle.unit, follows];
                let both = format!("{}{}", scripts::STOP, scripts::SHOW);
                let after = Shown::of(&as_root(&host, &both, &args, PATIENT + grace, &never).await?);
                check_turn(&host, &after)?;
                if !before.runs(&handle.release) {
                    end = before.end_of(&handle).unwrap_or(end);
                } else if after.runs(&handle.release) {
                    let words = msg!("ssh-not-stopped", host = host.host(), unit = handle.unit.as_str());
                    return Err(Problem::environment(words).code("stop-failed"));
                }
            }
            world.store().instances().ended(instance.id, end).await
        })
    }

    fn last_words<'a>(&'a self, world: &'a World, instance: &'a InstanceRow, n_lines: usize) -> BoxFuture<'a, Vec<Vec<u8>>> {
        Box::pin(async move {
            let Some(handle) = handle(instance) else { return Vec::new() };
            let Ok(host) = connect(world, &handle.host, &CancellationToken::new()).await else {
                return Vec::new();
            };
            words_of(&host, &handle, n_lines).await
        })
    }

    /// Only its host knows whether others reach it.
    fn address(&self, _instance: &InstanceRow) -> Option<(String, u16)> {
        None
    }

    /// On the host, as the user of ssh.
    fn command<'a>(
        &'a self,
        world: &'a World,
        instance: &'a InstanceRow,
        run: &'a [String],
        timeout: Duration,
        give_up: &'a CancellationToken,
    ) -> BoxFuture<'a, Tried> {
        Box::pin(ask::command(world, instance, run, timeout, give_up))
    }

    fn ask<'a>(
        &'a self,
        world: &'a World,
        instance: &'a InstanceRow,
        ready: &'a Ready,
        give_up: &'a CancellationToken,
    ) -> BoxFuture<'a, Tried> {
        Box::pin(ask::once(world, instance, ready, give_up))
    }

    fn forget<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let place = Place::of(site)?;
            let never = CancellationToken::new();
            let host = connect(&site.world, &place.host, &never).await?;
            let keep = place.keep.to_string();
            as_root(&host, scripts::FORGET, &[&*place.dir, &*keep], PATIENT, &never)
                .await
                .map(drop)
        })
    }
}

/// What a unit is found by; None for instances of another kind.
pub fn handle(instance: &InstanceRow) -> Option<Handle> {
    if instance.kind != KIND {
        return None;
    }
    serde_json::from_value(instance.handle.clone()).ok()
}

fn row(site: &Site, place: &Place, shown: &Shown) -> InstanceRow {
    InstanceRow {
        id: 0,
        name: format!("{}-{}-1", site.workspace_name, site.inputs.environment),
        workspace: Some(site.workspace.clone()),
        environment: Some(site.inputs.environment.clone()),
        deployment: Some(site.deployment),
        kind: KIND.to_owned(),
        version: Some(site.inputs.label.clone()),
        // A number of another machine means nothing here.
        pid: None,
        pid_start: None,
        container: None,
        handle: serde_json::to_value(place.handle(shown.get("InvocationID"))).unwrap_or_default(),
        port: site.inputs.target.port(),
        log_path: None,
        started_at: site.world.clock().now(),
        ended_at: None,
        exit_code: None,
        signal: None,
        cause: String::new(),
    }
}

fn foreign(host: &str, what: &str, owner: &str) -> Problem {
    Problem::environment(msg!("ssh-foreign", host = host, path = what))
        .code("foreign")
        .details(SafeText::new(owner).into_string())
        .hint(msg!("ssh-foreign-hint"))
}

/// Asks systemd now.
async fn show(host: &Connection, handle: &Handle, cancel: &CancellationToken) -> Result<Shown, Problem> {
    let text = as_root(host, scripts::SHOW, &[&*handle.dir, &*handle.unit], SHORT, cancel).await?;
    host.remember(&question(handle), &text);
    Ok(Shown::of(&text))
}

/// Makes the release the current one and starts it, unless somebody else has taken the turn; gives what systemd says then.
async fn begin(host: &Connection, place: &Place, handle: &Handle, turn: &str) -> Result<Shown, Problem> {
    let mut args = vec![&*place.dir, turn, &*place.release, &*place.unit, &*place.mark];
    args.extend(place.sums());
    let both = format!("{}{}", scripts::START, scripts::SHOW);
    let text = as_root(host, &both, &args, PATIENT, &CancellationToken::new()).await?;
    host.remember(&question(handle), &text);
    Ok(Shown::of(&text))
}

/// Asks systemd when nobody changes anything any more, and takes the turn for what is done next.
async fn settled(host: &Connection, handle: &Handle, cancel: &CancellationToken) -> Result<(Shown, String), Problem> {
    let turn = format!("{:016x}", fastrand::u64(..));
    let both = format!("{}{}", scripts::SETTLED, scripts::SHOW);
    let text = as_root(host, &both, &[&*turn, &*handle.dir, &*handle.unit], PATIENT, cancel).await?;
    host.remember(&question(handle), &text);
    host.remember(&turn_of(handle), &turn);
    Ok((Shown::of(&text), turn))
}

/// Somebody else has taken the turn since.
fn check_turn(host: &Connection, told: &Shown) -> Result<(), Problem> {
    if told.get("late").is_empty() {
        return Ok(());
    }
    Err(Problem::environment(msg!("ssh-late", host = host.host())).code("locked"))
}

/// What systemd said not longer than this ago, or says now.
async fn recent(world: &World, handle: &Handle, max_age: Duration) -> Result<Shown, Problem> {
    let never = CancellationToken::new();
    let host = connect(world, &handle.host, &never).await?;
    match host.heard(&question(handle)) {
        Some((age, text)) if age < max_age => Ok(Shown::of(&text)),
        _ => show(&host, handle, &never).await,
    }
}

fn turn_of(handle: &Handle) -> String {
    format!("turn {}", handle.dir)
}

fn question(handle: &Handle) -> String {
    format!("{} {}", handle.unit, handle.dir)
}

/// What this start of the unit wrote, and what systemd wrote of it.
async fn words_of(host: &Connection, handle: &Handle, n_lines: usize) -> Vec<Vec<u8>> {
    let n = n_lines.to_string();
    let (own, about) = (
        format!("_SYSTEMD_INVOCATION_ID={}", handle.invocation),
        format!("INVOCATION_ID={}", handle.invocation),
    );
    let script = r#"journalctl --quiet --no-pager --output=cat --lines "$1" "$2" + "$3" _PID=1"#;
    let said = as_root(host, script, &[&n, &own, &about], SHORT, &CancellationToken::new()).await;
    let said = said.unwrap_or_default();
    said.lines().map(|line| line.as_bytes().to_vec()).collect()
}
