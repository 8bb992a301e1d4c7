//! The part of a rehearsal in which the program runs: started, asked, tried, ended.

use super::base::{self, Root};
use super::run::{Place, Play, told};
use super::staged::Staged;
use super::{End, Rehearsal};
use crate::adapters::process::{Exit, Running, Stdin};
use crate::adapters::sandbox::{self, Sandbox};
use crate::adapters::{World, process};
use crate::areas::JobCtx;
use crate::areas::devops::gate::{self, Counter, Verdict};
use crate::areas::devops::probe::Tried;
use crate::areas::devops::prober::{self, Told};
use crate::areas::devops::project::{Probe, ProbeKind};
use crate::base::{LogLine, Problem, State, Workspace};
use crate::msg;
use futures::future::BoxFuture;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long the end of the program may take to be heard of.
const HEARD_WITHIN: Duration = Duration::from_secs(1);
/// Until the program inside is there.
const START_LIMIT: Duration = Duration::from_secs(10);
/// Of one program that is run beside it, where nothing else is said.
const SMOKE_LIMIT: Duration = Duration::from_mins(1);
/// Without any gate it has to stay alive so long.
const ALIVE_FOR: Duration = Duration::from_secs(1);
const LAST_WORDS: usize = 15;
/// What is kept of a command that is a gate.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// How often the lists are told and written while gates are asked.
const TELL_EVERY: Duration = Duration::from_millis(200);

type LastWords = Arc<Mutex<VecDeque<String>>>;

pub(super) async fn run(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    staged: &Staged,
    play: Play,
    rehearsal: &mut Rehearsal,
) -> Result<(), Problem> {
    let root = base::root(cx, world, workspace, &play.rules).await?;
    let sandbox = sandbox_of(root, staged, &play);
    let processes = world.processes();
    let cmd = sandbox.cmd(&play.argv, &processes.base_env());
    cx.command(play.argv.clone(), sandbox.cwd.clone()).await;
    let log = cx.clone();
    let tee = Box::new(move |bytes: &[u8]| log.log_bytes(bytes));
    let started = Instant::now();
    let running = processes.start(cmd, cx.cancel_token(), Some(tee)).map_err(missing)?;
    let outer = running.pid();
    let words = LastWords::default();
    let mut end = Box::pin(listen(cx.clone(), running, Arc::clone(&words)));

    let tried: Result<u32, Problem> = async {
        let inner = while_it_runs(&mut end, &play.argv, &words, inside(outer)).await?;
        while_it_runs(
            &mut end,
            &play.argv,
            &words,
            gates(cx, world, workspace, &sandbox, inner, &play.probes, rehearsal),
        )
        .await?;
        rehearsal.ready_ms = Some(started.elapsed().as_millis() as u64);
        rehearsal.listens = sandbox::listening(inner);
        told(cx, world, workspace, rehearsal).await?;
        while_it_runs(
            &mut end,
            &play.argv,
            &words,
            smoke(cx, world, workspace, &sandbox, inner, &play, rehearsal),
        )
        .await?;
        Ok(inner)
    }
    .await;
    let ended = match tried {
        Ok(inner) => {
            let asked = Instant::now();
            sandbox::terminate(inner);
            let is_polite = tokio::time::timeout(play.grace, &mut end).await.is_ok();
            rehearsal.end = Some(End {
                is_polite,
                ms: asked.elapsed().as_millis() as u64,
            });
            Ok(())
        }
        Err(problem) => Err(problem),
    };
    // Whatever is still there goes with it.
    drop(end);
    rehearsal.last_words = last_words(&words);
    ended.map_err(|problem: Problem| {
        if problem.details.is_empty() && !problem.is_cancelled() {
            problem.details(rehearsal.last_words.join("\n"))
        } else {
            problem
        }
    })
}

/// Works on one part; when the program ends meanwhile, it has failed.
async fn while_it_runs<T>(
    end: &mut (impl Future<Output = Exit> + Unpin),
    argv: &[String],
    words: &Mutex<VecDeque<String>>,
    part: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    tokio::select! {
        biased;
        exit = &mut *end => Err(died(argv, &exit, words)),
        result = part => match result {
            // Who asks what has just died at times fails before its death is heard of.
            Err(problem) if !problem.is_cancelled() => match tokio::time::timeout(HEARD_WITHIN, end).await {
                Ok(exit) => Err(died(argv, &exit, words)),
                Err(_) => Err(problem),
            },
            result => result,
        },
    }
}

fn sandbox_of(root: Root, staged: &Staged, play: &Play) -> Sandbox {
    let mut shown: Vec<PathBuf> = vec![staged.folder.clone()];
    let mut lent = Vec::new();
    let mut writable = play.rules.writable.clone();
    let cwd = match &play.place {
        Place::Own(folder) => {
            writable.push(folder.clone());
            folder.clone()
        }
        Place::Checkout(dir) => {
            match staged.checkout() {
                Some(checkout) => lent.push((checkout.to_path_buf(), staged.root.clone())),
                None => shown.push(staged.root.clone()),
            }
            staged.root.join(dir)
        }
    };
    shown.retain(|path| crate::adapters::scan::is_dir(path));
    let mut env = root.env;
    env.extend(play.env.clone());
    Sandbox {
        base: root.base,
        shown,
        lent,
        writable,
        cwd,
        env,
    }
}

fn missing(error: process::ProcessError) -> Problem {
    match error {
        process::ProcessError::Missing(_) => Problem::environment(msg!("build-rehearsal-no-bwrap"))
            .code("not-found")
            .hint(msg!("build-rehearsal-no-bwrap-hint")),
        error => error.into(),
    }
}

/// Reads what it prints until it has ended.
async fn listen(cx: JobCtx, mut running: Running, words: LastWords) -> Exit {
    while let Some(batch) = running.next().await {
        cx.log_skipped(batch.n_dropped_lines);
        for line in batch.log_lines() {
            keep(&words, &line);
            cx.log(line);
        }
    }
    running.exit().await
}

fn keep(words: &Mutex<VecDeque<String>>, line: &LogLine) {
    let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
    if words.len() == LAST_WORDS {
        words.pop_front();
    }
    words.push_back(crate::base::safe::plain(&line.text).to_string());
}

fn last_words(words: &Mutex<VecDeque<String>>) -> Vec<String> {
    words.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
}

/// What bubblewrap says of itself is no failure of the program.
fn died(argv: &[String], exit: &Exit, words: &Mutex<VecDeque<String>>) -> Problem {
    let program = argv.first().map(Path::new).and_then(|path| path.file_name()?.to_str());
    let program = program.unwrap_or_default();
    let words = last_words(words);
    let of_sandbox = words.iter().find_map(|line| line.strip_prefix("bwrap: "));
    let problem = match of_sandbox {
        _ if matches!(exit.cause, process::Cause::Cancelled) => return Problem::cancelled(),
        Some(said) if said.starts_with("execvp") => {
            let problem = Problem::config(msg!("build-rehearsal-no-program", program = program)).code("not-found");
            problem.hint(msg!("build-rehearsal-no-program-hint"))
        }
        Some(_) => {
            let problem = Problem::environment(msg!("build-rehearsal-refused")).code("refused");
            problem.hint(msg!("build-rehearsal-refused-hint"))
        }
        None => as_inside(exit)
            .problem(program)
            .unwrap_or_else(|| Problem::environment(msg!("build-rehearsal-ended", program = program)))
            .code("died")
            .hint(msg!("build-rehearsal-died-hint")),
    };
    problem.details(words.join("\n"))
}

/// bubblewrap tells a signal as a shell does: 128 and its number.
fn as_inside(exit: &Exit) -> Exit {
    let mut exit = exit.clone();
    let number = exit
        .code
        .and_then(|code| code.checked_sub(128))
        .filter(|number| (1..=64).contains(number));
    if let Some(number) = number.filter(|_| exit.cause == process::Cause::Exited) {
        exit.cause = process::Cause::Signal {
            name: process::signal_name(number),
        };
    }
    exit
}

async fn inside(outer: u32) -> Result<u32, Problem> {
    let begun = Instant::now();
    loop {
        if let Some(inner) = sandbox::inner_pid(outer).filter(|inner| sandbox::is_started(*inner)) {
            return Ok(inner);
        }
        if begun.elapsed() > START_LIMIT {
            return Err(Problem::environment(msg!("build-rehearsal-no-start")).code("timed-out"));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn gates(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    sandbox: &Sandbox,
    inner: u32,
    probes: &[Probe],
    rehearsal: &mut Rehearsal,
) -> Result<(), Problem> {
    for gate in &mut rehearsal.gates {
        gate.state = State::InProgress;
    }
    told(cx, world, workspace, rehearsal).await?;
    let asked: Vec<usize> = (0..probes.len())
        .filter(|at| matches!(probes[*at].kind, ProbeKind::Http { .. } | ProbeKind::Tcp { .. }))
        .collect();
    let mut counters: Vec<Counter> = probes
        .iter()
        .map(|probe| Counter::new(probe.healthy_after, probe.deadline.0))
        .collect();
    if !asked.is_empty() {
        let input: Vec<&Probe> = asked.iter().map(|at| &probes[*at]).collect();
        let input = serde_json::to_vec(&input).unwrap_or_default();
        let mut cmd = sandbox::cmd_in_network(inner, &sandbox::this_program()?, &["probe"]).cwd("/");
        cmd.stdin = Stdin::Bytes(input);
        let mut running = world.processes().start(cmd, cx.cancel_token(), None).map_err(Problem::from)?;
        let mut told_at = Instant::now();
        let mut strange = Vec::new();
        while let Some(batch) = running.next().await {
            for line in batch.log_lines() {
                let Ok(tried) = serde_json::from_str::<Told>(&line.text) else {
                    strange.push(line.text.clone());
                    continue;
                };
                let Some(at) = asked.get(tried.gate).copied() else { continue };
                counters[at].n_tries += 1;
                counters[at].n_good = tried.n_good;
                let gate = &mut rehearsal.gates[at];
                gate.n_tries += 1;
                gate.last = Some(tried.tried.msg());
                gate.state = match tried.verdict {
                    Verdict::GoOn => State::InProgress,
                    Verdict::Holds => State::Done,
                    Verdict::GivenUp => State::Failed,
                };
                counters[at].at = Duration::from_millis(tried.after_ms);
                counters[at].last = Some(tried.tried);
            }
            if told_at.elapsed() > TELL_EVERY {
                told_at = Instant::now();
                told(cx, world, workspace, rehearsal).await?;
            }
        }
        let exit = running.exit().await;
        cx.check()?;
        if let Some(at) = asked.iter().find(|at| rehearsal.gates[**at].state != State::Done) {
            let is_asked = counters[*at].n_tries > 0;
            let problem = gate::problem(&rehearsal.gates[*at].what, &rehearsal.environment, &counters[*at]);
            return Err(if is_asked {
                problem
            } else {
                exit.problem("nsenter").unwrap_or(problem).details(strange.join("\n"))
            });
        }
    }
    for (at, probe) in probes.iter().enumerate() {
        let ProbeKind::Command { run } = &probe.kind else { continue };
        let (gate, counter) = (&mut rehearsal.gates[at], &mut counters[at]);
        let try_once = |timeout| -> BoxFuture<'_, Result<Tried, Problem>> {
            let mut cmd = sandbox.cmd_beside(inner, run, &world.processes().base_env());
            cmd.timeout = Some(timeout);
            Box::pin(async move {
                let begun = Instant::now();
                let output = world.processes().output(cmd, cx.cancel_token(), MAX_ANSWER_BYTES).await?;
                cx.check()?;
                let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
                Ok(Tried::of_exit(output.exit.code, begun.elapsed(), &said))
            })
        };
        let holds = prober::hold(probe, try_once, |now, _, _| {
            gate.n_tries = now.n_tries;
            gate.last = now.last.as_ref().map(Tried::msg);
            *counter = now.clone();
        });
        if !holds.await? {
            gate.state = State::Failed;
            return Err(gate::problem(&gate.what, &rehearsal.environment, counter));
        }
        gate.state = State::Done;
        told(cx, world, workspace, rehearsal).await?;
    }
    // It has been alive all the time; who asks for nothing else wants to see it stay so.
    let alive_for = probes
        .iter()
        .filter(|probe| matches!(probe.kind, ProbeKind::Process | ProbeKind::Container))
        .map(|probe| probe.interval.0 * probe.healthy_after.max(1))
        .max()
        .or(probes.is_empty().then_some(ALIVE_FOR));
    tokio::time::sleep(alive_for.unwrap_or_default()).await;
    for (probe, gate) in probes.iter().zip(&mut rehearsal.gates) {
        if matches!(probe.kind, ProbeKind::Process | ProbeKind::Container) {
            gate.state = State::Done;
            gate.n_tries = probe.healthy_after.max(1);
        }
    }
    told(cx, world, workspace, rehearsal).await
}

async fn smoke(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    sandbox: &Sandbox,
    inner: u32,
    play: &Play,
    rehearsal: &mut Rehearsal,
) -> Result<(), Problem> {
    let limit = play.rules.smoke_timeout.map_or(SMOKE_LIMIT, |span| span.0);
    for (at, argv) in play.smoke.iter().enumerate() {
        rehearsal.smoke[at].state = State::InProgress;
        told(cx, world, workspace, rehearsal).await?;
        let mut cmd = sandbox.cmd_beside(inner, argv, &world.processes().base_env());
        cmd.timeout = Some(limit);
        let words = LastWords::default();
        let begun = Instant::now();
        let running = world.processes().start(cmd, cx.cancel_token(), None).map_err(Problem::from)?;
        let exit = listen(cx.clone(), running, Arc::clone(&words)).await;
        cx.check()?;
        let seen = &mut rehearsal.smoke[at];
        seen.ms = begun.elapsed().as_millis() as u64;
        seen.exit_code = exit.code;
        seen.last_words = last_words(&words);
        seen.state = if exit.is_success() { State::Done } else { State::Failed };
        let details = seen.last_words.join("\n");
        told(cx, world, workspace, rehearsal).await?;
        if let Some(problem) = exit.problem(&program_name(argv)) {
            return Err(problem
                .code("smoke")
                .details(details)
                .hint(msg!("build-rehearsal-smoke-hint")));
        }
    }
    Ok(())
}

fn program_name(argv: &[String]) -> String {
    let program = argv.first().map(String::as_str).unwrap_or_default();
    let name = Path::new(program).file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| program.to_owned())
}
