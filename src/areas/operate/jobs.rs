//! What Operate does: one async function per command.

use super::find::Memory;
use super::{
    Command, Instance, Update, acts, changed, details, drift, events, host, incidents, logs, places, runbooks, schedules, watch,
};
use crate::adapters::World;
use crate::adapters::docker;
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Msg, Problem, Progress, Unit};
use crate::engine::Overlap;
use crate::msg;
use std::time::Duration;

const AREA: &str = "operate";

/// What is done to an instance.
#[derive(Clone, Copy)]
enum Act {
    /// With the time from TERM to KILL, where it is not its own.
    Stop(Option<Duration>),
    Start,
    Pause,
    Restart(Option<Duration>),
}

fn secs(secs: Option<u32>) -> Option<Duration> {
    secs.map(|secs| Duration::from_secs(secs.into()))
}

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::List { workspaces } => JobSpec::new(AREA, msg!("operate-job-list"), move |cx| async move {
            cx.update(Update::Loading).await;
            // Processor time takes two looks.
            let mut memory = Memory::default();
            let patience = docker::TIME_LIMIT + Duration::from_secs(1);
            watch::once(&cx, &world, &workspaces, &mut memory, patience).await?;
            cx.sleep(Duration::from_millis(200)).await?;
            watch::once(&cx, &world, &workspaces, &mut memory, patience).await
        })
        .key("operate/list", Overlap::Latest)
        .quiet(),
        Command::Watch { workspaces, secs } => JobSpec::new(AREA, msg!("operate-job-watch"), move |cx| async move {
            watch::run(&cx, &world, workspaces, secs).await
        })
        .key("operate/watch", Overlap::Replace)
        .quiet(),
        Command::Stop { instances, grace_secs } => {
            let title = title(&instances, |name| msg!("operate-job-stop", name = name));
            JobSpec::new(AREA, title, move |cx| act(cx, world, instances, Act::Stop(secs(grace_secs))))
        }
        Command::Start { instances } => {
            let title = title(&instances, |name| msg!("operate-job-start", name = name));
            JobSpec::new(AREA, title, move |cx| act(cx, world, instances, Act::Start))
        }
        Command::Pause { instances } => {
            let title = title(&instances, |name| msg!("operate-job-pause", name = name));
            JobSpec::new(AREA, title, move |cx| act(cx, world, instances, Act::Pause))
        }
        Command::Restart { instances, grace_secs } => {
            let title = title(&instances, |name| msg!("operate-job-restart", name = name));
            let ids: Vec<&str> = instances.iter().map(|instance| instance.id.as_str()).collect();
            let key = format!("operate/restart/{}", ids.join(" "));
            JobSpec::new(AREA, title, move |cx| {
                act(cx, world, instances, Act::Restart(secs(grace_secs)))
            })
            .key(key, Overlap::Refuse)
        }
        Command::Remove { instances } => {
            let title = title(&instances, |name| msg!("operate-job-remove", name = name));
            JobSpec::new(AREA, title, move |cx| remove(cx, world, instances))
        }
        Command::ShowLogs { order } => {
            let names = order.instances.iter().map(|instance| instance.name.clone());
            let files = order.files.iter().map(|file| file.display().to_string());
            let names: Vec<String> = names.chain(files).take(3).collect();
            JobSpec::new(
                AREA,
                msg!("operate-job-logs", name = names.join(", ")),
                move |cx| async move { logs::show(&cx, &world, &order).await },
            )
            .key("operate/logs", Overlap::Replace)
            .quiet()
        }
        Command::OpenLogFile { path } => {
            JobSpec::new(AREA, msg!("operate-job-file", path = path.as_path()), move |cx| async move {
                logs::file::open(&cx, &world, path, None).await
            })
            .key("operate/file", Overlap::Replace)
            .quiet()
        }
        Command::OpenRunLog { job } => JobSpec::new(
            AREA,
            msg!("operate-job-run-log", run = job.to_string()),
            move |cx| async move { logs::file::open_run(&cx, &world, job).await },
        )
        .key("operate/file", Overlap::Replace)
        .quiet(),
        Command::ReadLogFile { path, from } => {
            let title = msg!("operate-job-page", path = path.as_path());
            JobSpec::new(AREA, title, move |cx| async move {
                logs::file::read(&cx, &world, path, from).await
            })
            .quiet()
        }
        Command::ReadLogHits { path, numbers } => {
            let title = msg!("operate-job-page", path = path.as_path());
            JobSpec::new(AREA, title, move |cx| async move {
                logs::file::read_hits(&cx, &world, path, numbers).await
            })
            .quiet()
        }
        Command::SearchLogFile { path, filter } => {
            let title = msg!("operate-job-search", path = path.as_path());
            JobSpec::new(AREA, title, move |cx| async move {
                logs::file::search(&cx, &world, path, filter).await
            })
            .key("operate/search", Overlap::Replace)
            .quiet()
        }
        Command::ExportLines { to, lines } => {
            JobSpec::new(AREA, msg!("operate-job-export", path = to.as_path()), move |cx| async move {
                logs::export(&cx, to, lines).await
            })
        }
        Command::ShowEvents {
            workspaces,
            since_secs,
            follow,
        } => {
            let order = events::Order {
                workspaces,
                since_secs,
                follow,
            };
            JobSpec::new(AREA, msg!("event-job"), move |cx| async move {
                events::show(&cx, &world, order).await
            })
            .key("operate/events", Overlap::Replace)
            .quiet()
        }
        Command::LookAtHost => JobSpec::new(
            AREA,
            msg!("host-job-look"),
            move |cx| async move { host::once(&cx, &world).await },
        )
        .key("operate/host", Overlap::Latest)
        .quiet(),
        Command::WatchHost { secs } => JobSpec::new(AREA, msg!("host-job-watch"), move |cx| async move {
            host::watch(&cx, &world, secs).await
        })
        .key("operate/host-watch", Overlap::Replace)
        .quiet(),
        Command::Signal { pid, start, signal } => {
            let title = msg!("host-job-signal", signal = signal.word(), pid = pid.to_string());
            JobSpec::new(AREA, title, move |cx| async move {
                host::signal(&cx, &world, pid, start, signal).await
            })
        }
        other => plan_found(world, other),
    }
}

/// Incidents, runbooks, and what is found out about instances.
fn plan_found(world: World, command: Command) -> JobSpec {
    match command {
        Command::ListIncidents { workspaces, open_only } => JobSpec::new(AREA, msg!("incident-job-list"), move |cx| async move {
            incidents::list(&cx, &world, &workspaces, open_only).await
        })
        .key("operate/incidents", Overlap::Latest)
        .quiet(),
        Command::ShowIncident { id } => JobSpec::new(AREA, msg!("incident-job-show", id = id), move |cx| async move {
            incidents::show(&cx, &world, id).await
        })
        .key("operate/incident", Overlap::Latest)
        .quiet(),
        Command::OpenIncident { workspace, opening } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("incident-job-open"), move |cx| async move {
                incidents::open(&cx, &world, &workspace, opening).await
            })
            .workspace(&id)
        }
        Command::NoteIncident { of, id, text } => JobSpec::new(AREA, msg!("incident-job-note", id = id), move |cx| async move {
            incidents::note(&cx, &world, (of, id), &text).await
        }),
        Command::CloseIncident { of, id, cause } => {
            JobSpec::new(AREA, msg!("incident-job-close", id = id), move |cx| async move {
                incidents::close(&cx, &world, (of, id), &cause).await
            })
        }
        Command::Inspect { instance } => {
            let title = msg!("operate-job-inspect", name = instance.name.as_str());
            JobSpec::new(AREA, title, move |cx| async move {
                let details = Box::new(details::find(&world, &instance).await?);
                let id = instance.id;
                cx.update(Update::Inspected { id, details }).await;
                Ok(())
            })
            .key("operate/inspect", Overlap::Latest)
            .quiet()
        }
        Command::FindChanges { workspace, instance } => {
            let title = msg!("operate-job-changed", name = instance.name.as_str());
            let id = workspace.id.clone();
            JobSpec::new(AREA, title, move |cx| async move {
                changed::find(&cx, &world, &workspace, &instance).await
            })
            .workspace(&id)
            .key("operate/changed", Overlap::Replace)
            .quiet()
        }
        Command::FindDrift { workspace, instances } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("drift-job"), move |cx| async move {
                if instances.is_empty() {
                    return drift::find_all(&cx, &world, &workspace).await;
                }
                drift::find(&cx, &world, &workspace, instances).await
            })
            .workspace(&id)
            .key("operate/drift", Overlap::Replace)
            .quiet()
        }
        Command::ListRunbooks { workspaces } => JobSpec::new(AREA, msg!("runbook-job-list"), move |cx| async move {
            runbooks::list(&cx, &world, &workspaces).await
        })
        .key("operate/runbooks", Overlap::Latest)
        .quiet(),
        Command::WatchSchedules { workspaces } => JobSpec::new(AREA, msg!("runbook-job-watch"), move |cx| async move {
            schedules::run(&cx, &world, workspaces).await
        })
        .key("operate/schedules", Overlap::Replace)
        .quiet(),
        Command::RunRunbook { workspace, name } => {
            let id = workspace.id.clone();
            let key = format!("operate/runbook/{id}/{name}");
            JobSpec::new(AREA, runbooks::title(&name), move |cx| async move {
                let ran = runbooks::run(&cx, &world, &workspace, &name).await;
                // How it ended stands beside it at once.
                runbooks::list(&cx, &world, &[workspace]).await.ok();
                ran
            })
            .workspace(&id)
            .key(key, Overlap::Refuse)
        }
        Command::FindCode {
            workspace,
            instance,
            line,
        } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("where-job"), move |cx| async move {
                places::find(&cx, &world, &workspace, instance.as_ref(), &line).await
            })
            .workspace(&id)
            .key("operate/where", Overlap::Replace)
        }
        _ => JobSpec::new(AREA, msg!("operate-job-close"), move |_| async move {
            world.log_files().close();
            Ok(())
        })
        .key("operate/file", Overlap::Replace)
        .quiet(),
    }
}

/// One after the other, as acts are.
async fn remove(cx: JobCtx, world: World, instances: Vec<Instance>) -> Result<(), Problem> {
    for instance in &instances {
        cx.check()?;
        acts::remove(&cx, &world, instance).await?;
        cx.update(Update::Removed {
            id: instance.id.clone(),
            name: instance.name.clone(),
        })
        .await;
    }
    Ok(())
}

fn title(instances: &[Instance], of: impl Fn(String) -> Msg) -> Msg {
    let names: Vec<&str> = instances.iter().map(|instance| instance.name.as_str()).take(3).collect();
    let more = instances.len().saturating_sub(names.len());
    of(if more > 0 {
        format!("{} +{more}", names.join(", "))
    } else {
        names.join(", ")
    })
}

/// One after the other; the first that fails ends the row, and what was done before stays done.
async fn act(cx: JobCtx, world: World, instances: Vec<Instance>, act: Act) -> Result<(), Problem> {
    let n = instances.len() as u64;
    for (i, instance) in instances.iter().enumerate() {
        cx.check()?;
        cx.progress(Progress::of(i as u64, n, Unit::Steps));
        let acted = async {
            match act {
                Act::Stop(grace) => acts::stop(&cx, &world, instance, grace).await,
                Act::Start => acts::start(&world, instance, cx.cancel_token()).await,
                Act::Pause => acts::pause(&world, instance).await,
                Act::Restart(grace) => acts::restart(&cx, &world, instance, grace).await,
            }
        };
        let seen = Box::pin(acts::alone(&world, instance, acted)).await?;
        cx.update(Update::Acted {
            instance: Box::new(seen),
        })
        .await;
    }
    Ok(())
}
