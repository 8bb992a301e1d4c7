//! One question of a health gate to an instance on its host: an address of loopback is the host's own, and is asked from there.

use super::place::connect;
use super::{handle, recent, scripts};
use crate::adapters::World;
use crate::adapters::http::{Fault, raw};
use crate::adapters::process::Output;
use crate::adapters::ssh::{Call, Connection};
use crate::adapters::store::instances::InstanceRow;
use crate::areas::devops::probe::{Ready, Tried};
use crate::areas::devops::project::ProbeKind;
use crate::base::Problem;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

pub(super) async fn once(world: &World, instance: &InstanceRow, ready: &Ready, give_up: &CancellationToken) -> Tried {
    let Some(handle) = handle(instance) else { return Tried::Dead };
    let began = Instant::now();
    match &ready.kind {
        ProbeKind::Process | ProbeKind::Container => match recent(world, &handle, Duration::ZERO).await {
            Ok(shown) if shown.runs(&handle.release) => Tried::Good {
                took_ms: began.elapsed().as_secs_f64() * 1000.0,
                status: None,
            },
            Ok(_) => Tried::Dead,
            Err(problem) => no_answer(&problem, give_up),
        },
        ProbeKind::Command { run } => command(world, instance, run, ready.timeout, give_up).await,
        ProbeKind::Http { .. } | ProbeKind::Tcp { .. } => at(world, &handle.host, ready, give_up).await,
    }
}

/// A question to an address, from that machine where its own is meant.
pub(in crate::areas::deploy::targets) async fn at(
    world: &World,
    host: &str,
    ready: &Ready,
    give_up: &CancellationToken,
) -> Tried {
    let began = Instant::now();
    let host = match connect(world, host, give_up).await {
        Ok(host) => host,
        Err(problem) => return no_answer(&problem, give_up),
    };
    let timeout = ready.timeout;
    match &ready.kind {
        ProbeKind::Http { url, .. } => {
            let question = match raw::question(url) {
                Ok(question) if raw::is_loopback(&question.host) => question,
                _ => return ready.try_once(async { true }, give_up).await,
            };
            let port = question.port.to_string();
            let args = [&*question.host, &*port, &*question.bytes];
            let said = said(&host, scripts::ASK, &args, timeout, give_up).await;
            ready.judge(said.and_then(|bytes| raw::answer(&bytes, began.elapsed())))
        }
        ProbeKind::Tcp { address } => {
            let Some((at, port)) = address.rsplit_once(':').filter(|(at, _)| raw::is_loopback(at)) else {
                return ready.try_once(async { true }, give_up).await;
            };
            let at = at.trim_matches(['[', ']']);
            match said(&host, scripts::KNOCK, &[at, port], timeout, give_up).await {
                Ok(_) => Tried::Good {
                    took_ms: began.elapsed().as_secs_f64() * 1000.0,
                    status: None,
                },
                Err(fault) => Tried::NoAnswer { fault },
            }
        }
        _ => ready.try_once(async { true }, give_up).await,
    }
}

/// The end of a command there.
pub(super) async fn command(
    world: &World,
    instance: &InstanceRow,
    run: &[String],
    timeout: Duration,
    give_up: &CancellationToken,
) -> Tried {
    let Some(handle) = handle(instance) else { return Tried::Dead };
    let began = Instant::now();
    let host = match connect(world, &handle.host, give_up).await {
        Ok(host) => host,
        Err(problem) => return no_answer(&problem, give_up),
    };
    // Its own clock ends it there; ours only covers a host that says nothing.
    let secs = format!("{:.2}", timeout.as_secs_f64());
    let mut argv = vec!["timeout", &secs];
    argv.extend(run.iter().map(String::as_str));
    match host
        .run(Call::new(&argv).timeout(timeout + Duration::from_secs(5)), give_up)
        .await
    {
        Ok(output) if output.exit.code == Some(124) => Tried::NoAnswer {
            fault: Fault::TimedOut {
                after_ms: timeout.as_millis() as u64,
            },
        },
        Ok(output) => Tried::of_exit(output.exit.code, began.elapsed(), &[output.stdout, output.stderr].concat()),
        Err(problem) => no_answer(&problem, give_up),
    }
}

/// What the host heard from itself.
async fn said(
    host: &Connection,
    script: &str,
    args: &[&str],
    timeout: Duration,
    give_up: &CancellationToken,
) -> Result<Vec<u8>, Fault> {
    let secs = format!("{:.2}", timeout.as_secs_f64());
    let mut argv = vec!["sh", "-c", script, "chantier", &secs];
    argv.extend(args);
    let call = Call::new(&argv).timeout(timeout + Duration::from_secs(5));
    let timed_out = Fault::TimedOut {
        after_ms: timeout.as_millis() as u64,
    };
    match host.run(call, give_up).await {
        Err(problem) if problem.is_cancelled() => Err(Fault::GivenUp),
        Err(problem) => Err(Fault::Other {
            why: problem.details.clone(),
        }),
        Ok(Output { exit, .. }) if exit.code == Some(124) => Err(timed_out),
        Ok(output) if output.exit.is_success() => Ok(output.stdout),
        Ok(output) if memchr::memmem::find(&output.stderr, b"refused").is_some() => Err(Fault::Refused),
        Ok(output) => {
            let said = String::from_utf8_lossy(output.stderr.trim_ascii()).into_owned();
            let code = output.exit.code.unwrap_or_default();
            Err(Fault::Other {
                why: if said.is_empty() { format!("exit code {code}") } else { said },
            })
        }
    }
}

fn no_answer(problem: &Problem, give_up: &CancellationToken) -> Tried {
    let fault = if give_up.is_cancelled() {
        Fault::GivenUp
    } else {
        Fault::Other {
            why: problem.details.clone(),
        }
    };
    Tried::NoAnswer { fault }
}
