//! What Operate does: one async function per command.

use super::find::Memory;
use super::{Command, Instance, Update, acts, logs, watch};
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
    Stop,
    Start,
    Restart,
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
        Command::Stop { instances } => {
            let title = title(&instances, |name| msg!("operate-job-stop", name = name));
            JobSpec::new(AREA, title, move |cx| act(cx, world, instances, Act::Stop))
        }
        Command::Start { instances } => {
            let title = title(&instances, |name| msg!("operate-job-start", name = name));
            JobSpec::new(AREA, title, move |cx| act(cx, world, instances, Act::Start))
        }
        Command::Restart { instances } => {
            let title = title(&instances, |name| msg!("operate-job-restart", name = name));
            JobSpec::new(AREA, title, move |cx| act(cx, world, instances, Act::Restart))
        }
        Command::ShowLogs {
            instance,
            n_lines,
            follow,
        } => JobSpec::new(
            AREA,
            msg!("operate-job-logs", name = instance.name.as_str()),
            move |cx| async move { logs::show(&cx, &world, &instance, n_lines, follow).await },
        )
        .key("operate/logs", Overlap::Replace)
        .quiet(),
    }
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
        let seen = match act {
            Act::Stop => acts::stop(&world, instance).await?,
            Act::Start => acts::start(&world, instance).await?,
            Act::Restart => acts::restart(&world, instance).await?,
        };
        cx.update(Update::Acted {
            instance: Box::new(seen),
        })
        .await;
    }
    Ok(())
}
