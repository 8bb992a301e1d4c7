//! Questions to this machine: processes, units, containers, commands, disks, databases.

use super::compare::wrong;
use super::{Finding, Verdict, no_such, password, revealed, told};
use crate::adapters::database::{Database, Server};
use crate::adapters::docker::Fault as Engine;
use crate::adapters::process::{Cause, Cmd};
use crate::adapters::{World, host};
use crate::areas::devops::project::checks::{
    CommandCheck, ContainerCheck, DiskCheck, PostgresCheck, ProcessCheck, SqliteCheck, UnitCheck,
};
use crate::areas::monitor::Metric;
use crate::areas::operate::containers::is_loop;
use crate::base::docker::Kind;
use crate::base::{Problem, SafeText};
use crate::msg;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const MAX_SAID: usize = 64 * 1024;

pub(super) fn process(check: &ProcessCheck) -> Finding {
    let Some(program) = &check.program else {
        return Finding::down(msg!("probe-dead"));
    };
    let started = Instant::now();
    let counted = host::count(program);
    let n = counted.n_running;
    let finding = if n >= check.at_least.max(1) {
        Finding::good(msg!("ask-n-run", n = n), started.elapsed())
    } else if counted.n_suspended > 0 {
        // They are there, and answer nobody.
        Finding::down(msg!("ask-suspended", n = counted.n_suspended, running = n))
    } else if n == 0 {
        Finding::down(msg!("ask-none-runs", name = SafeText::new(program)))
    } else {
        Finding::wrong(msg!("ask-too-few-run", n = n, wanted = check.at_least))
    };
    finding.value(Metric::Value, f64::from(n))
}

pub(super) async fn unit(world: &World, check: &UnitCheck, timeout: Duration, cancel: &CancellationToken) -> Finding {
    let started = Instant::now();
    let mut cmd = Cmd::new("systemctl");
    if check.user {
        cmd = cmd.arg("--user");
    }
    let keys = ["LoadState", "ActiveState", "SubState", "Result"];
    for key in keys {
        cmd = cmd.arg("-p").arg(key);
    }
    let cmd = cmd.arg("show").arg("--").arg(&check.unit).timeout(timeout);
    let output = match world.processes().output(cmd, cancel, MAX_SAID).await {
        Ok(output) => output,
        Err(error) => return Finding::unasked(&Problem::from(error)),
    };
    let text = output.stdout_text();
    if let Some(problem) = output.exit.problem("systemctl") {
        let said = String::from_utf8_lossy(&output.stderr);
        let problem = if said.trim().is_empty() {
            problem
        } else {
            problem.details(said.trim())
        };
        return Finding::unasked(&problem);
    }
    let of = |key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .unwrap_or_default()
            .to_owned()
    };
    let (load, active, sub, result) = (of("LoadState"), of("ActiveState"), of("SubState"), of("Result"));
    if load == "not-found" {
        return Finding::down(no_such(SafeText::new(&check.unit)));
    }
    match active.as_str() {
        "active" => Finding::good(
            msg!("ask-unit", state = active.as_str(), sub = sub.as_str()),
            started.elapsed(),
        ),
        "activating" | "reloading" => Finding::wrong(msg!("ask-unit", state = active.as_str(), sub = sub.as_str())),
        "failed" => Finding::down(msg!("ask-unit-failed", result = result.as_str())),
        _ => Finding::down(msg!("ask-unit", state = active.as_str(), sub = sub.as_str())),
    }
}

pub(super) async fn container(world: &World, check: &ContainerCheck, timeout: Duration) -> Finding {
    let Some(name) = &check.container else {
        return Finding::down(msg!("probe-dead"));
    };
    let started = Instant::now();
    let engine = world.docker().clone().time_limit(timeout);
    let json = match engine.inspect(Kind::Container, name).await {
        Ok(json) => json,
        Err(Engine::Gone) => return Finding::down(no_such(SafeText::new(name))),
        // Of an engine that does not answer nothing is known of the container.
        Err(fault) => return Finding::unasked(&fault.problem()),
    };
    let state = json
        .pointer("/State/Status")
        .and_then(|state| state.as_str())
        .unwrap_or_default();
    let health = json.pointer("/State/Health/Status").and_then(|state| state.as_str());
    let said = json
        .pointer("/State/Health/Log")
        .and_then(|log| log.as_array()?.last()?.get("Output")?.as_str())
        .and_then(|text| text.lines().rfind(|line| !line.trim().is_empty()))
        .unwrap_or_default();
    let n_restarts = json.pointer("/RestartCount").and_then(serde_json::Value::as_u64).unwrap_or(0) as u32;
    let started_at = json.pointer("/State/StartedAt").and_then(|at| at.as_str()?.parse().ok());
    // In a good moment it runs, in a bad one it does not: neither is what it is.
    if is_loop(state, n_restarts, started_at, world.clock().now()) {
        return Finding::wrong(msg!("ask-container-loop", n = n_restarts));
    }
    if state == "paused" {
        return Finding::down(msg!("ask-container-paused"));
    }
    if state != "running" {
        let code = json
            .pointer("/State/ExitCode")
            .and_then(serde_json::Value::as_i64)
            .unwrap_or(0);
        return Finding::down(msg!(
            "ask-container-state",
            state = SafeText::new(state),
            code = code.to_string()
        ));
    }
    match health.filter(|_| check.healthy) {
        Some("unhealthy") if said.trim().is_empty() => Finding::wrong(msg!("ask-container-unwell")),
        Some("unhealthy") => {
            let said: String = said.trim().chars().take(160).collect();
            Finding::wrong(msg!("ask-container-unhealthy", why = SafeText::new(&said)))
        }
        Some("starting") => Finding::wrong(msg!("ask-container-starting")),
        Some(_) => Finding::good(msg!("ask-container-healthy"), started.elapsed()),
        None => Finding::good(msg!("ask-container-runs"), started.elapsed()),
    }
}

pub(super) async fn command(
    world: &World,
    check: &CommandCheck,
    root: &Path,
    timeout: Duration,
    cancel: &CancellationToken,
) -> Finding {
    let env = match revealed(world, check.env.iter()).await {
        Ok(env) => env,
        Err(problem) => return Finding::unasked(&problem),
    };
    let Some((program, args)) = check.run.split_first() else {
        return Finding::down(msg!("probe-dead"));
    };
    let mut cmd = Cmd::new(program)
        .args(args)
        .cwd(root.join(&check.dir))
        .workspace(root)
        .timeout(timeout);
    for (name, value) in env {
        cmd = cmd.env(name, value);
    }
    let output = match world.processes().output(cmd, cancel, MAX_SAID).await {
        Ok(output) => output,
        Err(error) => return Finding::down(told(&Problem::from(error))),
    };
    let mut said = output.stdout_text();
    if !said.is_empty() && !said.ends_with('\n') {
        said.push('\n');
    }
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    let last: String = said
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or_default()
        .trim()
        .chars()
        .take(160)
        .collect();
    let took = output.exit.wall;
    match output.exit.cause {
        Cause::Exited => {}
        Cause::TimedOut => {
            return Finding::down(msg!("http-timed-out", after = timeout.as_millis() as u64));
        }
        _ => {
            let problem = output.exit.problem(program);
            return Finding::down(problem.map_or_else(|| msg!("probe-dead"), |problem| problem.summary));
        }
    }
    let code = output.exit.code.unwrap_or(-1);
    if code != check.exit_code {
        return Finding::wrong(msg!("probe-exited", code = code.to_string(), words = SafeText::new(&last))).took(took);
    }
    let pattern = check
        .expect_output
        .as_deref()
        // What a command prints is lines: `^` and `$` mean theirs.
        .and_then(|pattern| regex::RegexBuilder::new(pattern).multi_line(true).build().ok());
    if let Some(pattern) = pattern.filter(|pattern| !pattern.is_match(&said)) {
        return Finding::wrong(msg!(
            "ask-output-differs",
            pattern = SafeText::new(pattern.as_str()),
            words = SafeText::new(&last)
        ))
        .took(took);
    }
    let finding = Finding::good(msg!("ask-exited", code = code.to_string()), took);
    // A command that prints one number measures something.
    match said.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => finding.value(Metric::Value, value),
        _ => finding,
    }
}

pub(super) fn disk(check: &DiskCheck, root: &Path) -> Finding {
    let started = Instant::now();
    let path = root.join(&check.path);
    let room = match host::room(&path) {
        Ok(room) => room,
        Err(problem) => return Finding::down(told(&problem)),
    };
    let percent = if room.total_bytes == 0 {
        0.0
    } else {
        room.free_bytes as f64 / room.total_bytes as f64 * 100.0
    };
    let megabytes = |bytes: u64| format!("{:.1} GB", bytes as f64 / 1e9);
    let free = megabytes(room.free_bytes);
    let shown = format!("{percent:.1}");
    let wrong = match (check.min_free_percent, check.min_free) {
        (Some(least), _) if percent < least => Some(msg!(
            "ask-disk-percent",
            free = free.as_str(),
            percent = shown.as_str(),
            wanted = least.to_string()
        )),
        (_, Some(least)) if room.free_bytes < least.0 => Some(msg!(
            "ask-disk-bytes",
            free = free.as_str(),
            percent = shown.as_str(),
            wanted = megabytes(least.0)
        )),
        _ => None,
    };
    let finding = match wrong {
        Some(why) => Finding::new(Verdict::Wrong, why),
        None => Finding::good(msg!("ask-disk", free = free, percent = shown), started.elapsed()),
    };
    finding.value(Metric::Free, room.free_bytes as f64)
}

pub(super) async fn sqlite(
    world: &World,
    check: &SqliteCheck,
    root: &Path,
    timeout: Duration,
    cancel: &CancellationToken,
) -> Finding {
    let started = Instant::now();
    let database = Database::Sqlite(root.join(&check.file));
    let answered = database.value(&check.query, timeout, world.processes(), cancel).await;
    value(answered, check.equals.as_ref(), check.above, check.below, started.elapsed())
}

pub(super) async fn postgres(world: &World, check: &PostgresCheck, timeout: Duration, cancel: &CancellationToken) -> Finding {
    let started = Instant::now();
    let secret = match &check.password {
        Some(reference) => match password(world, reference).await {
            Ok(value) => Some(value),
            Err(problem) => return Finding::unasked(&problem),
        },
        None => None,
    };
    let server = Server {
        host: check.host.clone().unwrap_or_else(|| "127.0.0.1".to_owned()),
        port: check.port.unwrap_or(5432),
        name: check.database.clone(),
        user: check.user.clone(),
        password: secret,
    };
    let answered = Database::Postgres(server)
        .value(&check.query, timeout, world.processes(), cancel)
        .await;
    value(answered, check.equals.as_ref(), check.above, check.below, started.elapsed())
}

fn value(
    answered: Result<Option<String>, Problem>,
    equals: Option<&serde_json::Value>,
    above: Option<f64>,
    below: Option<f64>,
    took: Duration,
) -> Finding {
    let found = match answered {
        Ok(found) => found,
        Err(problem) => return Finding::down(told(&problem)),
    };
    let is_compared = equals.is_some() || above.is_some() || below.is_some();
    let Some(found) = found else {
        return if is_compared {
            Finding::wrong(msg!("ask-no-value")).took(took)
        } else {
            Finding::good(msg!("ask-no-value"), took)
        };
    };
    let shown: String = found.chars().take(120).collect();
    let name = || SafeText::new("SQL");
    let finding = match wrong(&found, equals, above, below, name) {
        Some(why) => Finding::wrong(why).took(took),
        None => Finding::good(msg!("ask-found", found = SafeText::new(&shown)), took),
    };
    match found.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => finding.value(Metric::Value, number),
        _ => finding,
    }
}
