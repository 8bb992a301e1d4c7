//! What is done with the container engine: one async function per command.

use super::acts::{container, done, held, image, network, problem, show, volume};
use super::look::{look, once, tell, watch};
use super::{Command, Deed, Shown, Update, acts, building, compose};
use crate::adapters::World;
use crate::adapters::docker::{ExecSpec, Executing};
use crate::adapters::terminal::{self, Terminal};
use crate::areas::{JobCtx, JobSpec};
use crate::base::docker::{ContainerRow, Holdings, Kind};
use crate::base::{LogLine, Problem, SafeText};
use crate::engine::Overlap;
use crate::msg;
use futures::StreamExt as _;

const AREA: &str = "build";
const LINES_PER_UPDATE: usize = 1000;
/// What is shown of one thing; longer is cut.
const MAX_SHOWN: usize = 256 * 1024;

/// The job of a command.
pub fn plan(world: World, command: Command) -> JobSpec {
    match command {
        Command::Look => JobSpec::new(AREA, msg!("docker-job-look"), move |cx| look(cx, world))
            .key("docker/look", Overlap::Latest)
            .quiet(),
        Command::Watch { secs } => JobSpec::new(AREA, msg!("docker-job-watch"), move |cx| watch(cx, world, secs))
            .key("docker/watch", Overlap::Replace)
            .quiet(),
        Command::Show { kind, name } => JobSpec::new(AREA, msg!("docker-job-show"), move |cx| show_one(cx, world, kind, name))
            .key("docker/show", Overlap::Latest)
            .quiet(),
        Command::Disk => JobSpec::new(AREA, msg!("docker-job-disk"), move |cx| async move {
            let rows = cx.until_cancelled(world.docker().disk()).await?.map_err(problem)?;
            tell(&cx, Update::DiskCounted { rows }).await;
            Ok(())
        })
        .key("docker/disk", Overlap::Latest)
        .quiet(),
        Command::Tag { image, tag } => {
            let title = msg!("docker-job-tag", image = image.as_str(), tag = tag.as_str());
            JobSpec::new(AREA, title, move |cx| acts::tag(cx, world, image, tag))
        }
        Command::RemoveImages { images, force } => {
            let title = msg!("docker-job-remove", names = images.join(", "));
            JobSpec::new(AREA, title, move |cx| acts::remove_images(cx, world, images, force))
        }
        Command::Save { images, file } => {
            let title = msg!("docker-job-save", names = images.join(", "));
            JobSpec::new(AREA, title, move |cx| acts::save(cx, world, images, file))
        }
        Command::Load { file } => {
            let title = msg!("docker-job-load", path = file.as_path());
            JobSpec::new(AREA, title, move |cx| acts::load(cx, world, file))
        }
        Command::Import { file, tag, changes } => {
            let title = msg!("docker-job-load", path = file.as_path());
            JobSpec::new(AREA, title, move |cx| acts::import(cx, world, file, tag, changes))
        }
        Command::Build { workspace, spec } => {
            let name = spec.tags.first().cloned();
            let name = name.unwrap_or_else(|| spec.folder.display().to_string());
            let key = format!("docker/build/{}", spec.folder.display());
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("docker-job-build", name = name), move |cx| {
                building::build(cx, world, workspace, spec)
            })
            .workspace(&id)
            .key(key, Overlap::Refuse)
        }
        Command::Run { spec, starts, follows } => {
            let title = msg!("docker-job-run", image = spec.image.as_str());
            JobSpec::new(AREA, title, move |cx| acts::run(cx, world, spec, starts, follows))
        }
        Command::Act { containers, act } => {
            let title = act_title(&act, &containers.join(", "));
            JobSpec::new(AREA, title, move |cx| acts::act(cx, world, containers, act))
        }
        Command::Rename { container, to } => {
            let title = msg!("docker-job-rename", name = container.as_str(), to = to.as_str());
            JobSpec::new(AREA, title, move |cx| acts::rename(cx, world, container, to))
        }
        Command::Logs {
            container,
            n_lines,
            follow,
        } => JobSpec::new(AREA, msg!("docker-job-logs", name = container.as_str()), move |cx| {
            logs(cx, world, container, n_lines, follow)
        })
        .key("docker/logs", Overlap::Replace)
        .quiet(),
        Command::Stats { containers, once } => {
            JobSpec::new(AREA, msg!("docker-job-stats"), move |cx| stats(cx, world, containers, once))
                .key("docker/stats", Overlap::Replace)
                .quiet()
        }
        Command::Top { container } => JobSpec::new(
            AREA,
            msg!("docker-job-top", name = container.as_str()),
            move |cx| async move {
                let held = held(&cx, &world).await?;
                let row = self::container(&held, &container)?;
                let top = cx.until_cancelled(world.docker().top(&row.id)).await?.map_err(problem)?;
                tell(
                    &cx,
                    Update::TopShown {
                        container: row.id.clone(),
                        top,
                    },
                )
                .await;
                Ok(())
            },
        )
        .key("docker/top", Overlap::Latest)
        .quiet(),
        Command::Exec {
            container,
            argv,
            env,
            user,
            workdir,
            on_terminal,
            with_input,
            hands_out,
        } => {
            let title = msg!("docker-job-exec", command = argv.join(" "), name = container.as_str());
            let spec = ExecSpec {
                argv,
                env,
                user,
                workdir,
                with_input,
            };
            JobSpec::new(AREA, title, move |cx| {
                let to = match (on_terminal, hands_out) {
                    (true, _) => To::Terminal,
                    (_, true) => To::Output,
                    _ => To::Lines,
                };
                exec(cx, world, container, spec, to)
            })
        }
        Command::CreateVolume { name, driver } => {
            let title = msg!("docker-job-create", name = name.clone().unwrap_or_default());
            JobSpec::new(AREA, title, move |cx| async move {
                let made = world.docker().create_volume(name.as_deref(), driver.as_deref()).await;
                done(&cx, &world, Kind::Volume, vec![made.map_err(problem)?], Deed::Created).await;
                Ok(())
            })
        }
        Command::RemoveVolumes { volumes } => {
            let title = msg!("docker-job-remove", names = volumes.join(", "));
            JobSpec::new(AREA, title, move |cx| remove_parts(cx, world, Kind::Volume, volumes))
        }
        Command::CreateNetwork {
            name,
            driver,
            subnet,
            is_internal,
        } => JobSpec::new(AREA, msg!("docker-job-create", name = name.as_str()), move |cx| async move {
            let made = world
                .docker()
                .create_network(&name, driver.as_deref(), subnet.as_deref(), is_internal)
                .await;
            made.map_err(problem)?;
            done(&cx, &world, Kind::Network, vec![name], Deed::Created).await;
            Ok(())
        }),
        Command::RemoveNetworks { networks } => {
            let title = msg!("docker-job-remove", names = networks.join(", "));
            JobSpec::new(AREA, title, move |cx| remove_parts(cx, world, Kind::Network, networks))
        }
        Command::Connect {
            network,
            container,
            connects,
        } => {
            let title = msg!("docker-job-connect", name = container.as_str(), network = network.as_str());
            JobSpec::new(AREA, title, move |cx| connect(cx, world, network, container, connects))
        }
        Command::PlanPrune { what } => JobSpec::new(AREA, msg!("docker-job-plan-prune"), move |cx| async move {
            let plan = cx.until_cancelled(world.docker().prune_plan(what)).await?.map_err(problem)?;
            tell(&cx, Update::PrunePlanned { plan }).await;
            Ok(())
        })
        .key("docker/plan-prune", Overlap::Latest)
        .quiet(),
        Command::Prune { plan } => JobSpec::new(AREA, msg!("docker-job-prune"), move |cx| acts::prune(cx, world, plan))
            .key("docker/prune", Overlap::Refuse),
        Command::Compose { workspace, act, project } => {
            let name = project.name.clone().unwrap_or_else(|| project.folder.display().to_string());
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("docker-job-compose", name = name), move |cx| {
                compose::run(cx, world, workspace, act, project)
            })
            .workspace(&id)
        }
    }
}

fn act_title(act: &crate::adapters::docker::ContainerAct, names: &str) -> crate::base::Msg {
    use crate::adapters::docker::ContainerAct;
    match act {
        ContainerAct::Start | ContainerAct::Unpause => msg!("docker-job-start", names = names),
        ContainerAct::Stop => msg!("docker-job-stop", names = names),
        ContainerAct::Restart => msg!("docker-job-restart", names = names),
        ContainerAct::Kill(_) => msg!("docker-job-kill", names = names),
        ContainerAct::Pause => msg!("docker-job-pause", names = names),
        ContainerAct::Remove { .. } => msg!("docker-job-remove", names = names),
    }
}

async fn show_one(cx: JobCtx, world: World, kind: Kind, word: String) -> Result<(), Problem> {
    let held = held(&cx, &world).await?;
    let id = match kind {
        Kind::Container => container(&held, &word)?.id.clone(),
        Kind::Image | Kind::BuildCache => image(&held, &word)?.id.clone(),
        Kind::Volume => volume(&held, &word)?.name.clone(),
        Kind::Network => network(&held, &word)?.id.clone(),
    };
    once(&cx, &world).await.map_err(problem)?;
    let raw = cx
        .until_cancelled(world.docker().inspect(kind, &id))
        .await?
        .map_err(problem)?;
    let history = match kind {
        Kind::Image => cx.until_cancelled(world.docker().history(&id)).await?.map_err(problem)?,
        _ => Vec::new(),
    };
    let mut text = serde_json::to_string_pretty(&raw).unwrap_or_default();
    text.truncate(text.floor_char_boundary(MAX_SHOWN));
    let text = text
        .lines()
        .map(|line| SafeText::new(line).into_string())
        .collect::<Vec<_>>()
        .join("\n");
    let shown = Shown {
        kind,
        id,
        raw,
        text,
        history,
    };
    tell(&cx, Update::Shown(Box::new(shown))).await;
    Ok(())
}

async fn logs(cx: JobCtx, world: World, word: String, n_lines: u32, follow: bool) -> Result<(), Problem> {
    let held = held(&cx, &world).await?;
    let of = container(&held, &word)?.id.clone();
    let clock = world.clock().clone();
    let lines = world.docker().logs(&of, Some(n_lines), follow, move || clock.now()).await;
    let mut lines = lines.map_err(problem)?.ready_chunks(LINES_PER_UPDATE);
    tell(&cx, Update::LogOpened { of: of.clone() }).await;
    while let Some(chunk) = cx.until_cancelled(lines.next()).await? {
        let mut failed = None;
        let mut told = Vec::new();
        for line in chunk {
            match line {
                Ok(line) => told.push(LogLine {
                    text: world.masks().mask_str(&line.text).into_owned(),
                    ..line
                }),
                Err(fault) => failed = Some(fault.problem()),
            }
        }
        tell(
            &cx,
            Update::LogLines {
                of: of.clone(),
                lines: told,
            },
        )
        .await;
        if let Some(problem) = failed {
            return Err(problem);
        }
    }
    Ok(())
}

async fn stats(cx: JobCtx, world: World, words: Vec<String>, once: bool) -> Result<(), Problem> {
    let held = held(&cx, &world).await?;
    let rows: Vec<&ContainerRow> = if words.is_empty() {
        held.containers.iter().filter(|row| row.is_running()).collect()
    } else {
        words.iter().map(|word| container(&held, word)).collect::<Result<_, _>>()?
    };
    self::once(&cx, &world).await.map_err(problem)?;
    let mut all = Vec::new();
    for row in rows {
        let clock = world.clock().clone();
        let one = world.docker().stats(&row.id, move || clock.now()).await.map_err(problem)?;
        // The first sample knows no processor time.
        let wanted = one.filter(move |sample| {
            let is_full = !once || sample.as_ref().is_ok_and(|sample| sample.cpu_percent.is_some()) || sample.is_err();
            futures::future::ready(is_full)
        });
        all.push(if once { wanted.take(1).boxed() } else { wanted.boxed() });
    }
    let mut all = futures::stream::select_all(all).ready_chunks(LINES_PER_UPDATE);
    while let Some(samples) = cx.until_cancelled(all.next()).await? {
        let samples: Result<Vec<_>, _> = samples.into_iter().collect();
        let stats = samples.map_err(problem)?;
        tell(&cx, Update::Sampled { stats }).await;
    }
    Ok(())
}

/// Where what a command writes goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    Terminal,
    Output,
    Lines,
}

/// It would go on in the container with nobody to hear it.
async fn end(cx: &JobCtx, world: &World, exec: &str, name: &str) {
    if !world.docker().exec_end(exec).await.unwrap_or(false) {
        cx.problem(Problem::environment(msg!("docker-exec-goes-on", name = name)))
            .await;
    }
}

/// Byte for byte to the output of this program; false when nobody takes it any more.
async fn hand_out(cx: &JobCtx, started: &mut Executing) -> Result<bool, Problem> {
    while let Some(piece) = cx.until_cancelled(started.next()).await? {
        let (stream, bytes) = piece.map_err(problem)?;
        if terminal::hand_out(stream, &bytes).await.is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn exec(cx: JobCtx, world: World, word: String, spec: ExecSpec, to: To) -> Result<(), Problem> {
    let held = held(&cx, &world).await?;
    let row = container(&held, &word)?;
    let docker = world.docker();
    let code = if to == To::Terminal {
        let Some(mut terminal) = Terminal::open() else {
            let problem = Problem::user(msg!("docker-no-terminal")).code("no-terminal");
            return Err(problem.hint(msg!("docker-no-terminal-hint")));
        };
        docker.exec_on(&row.id, &spec, &mut terminal).await.map_err(problem)?
    } else if to == To::Output {
        let mut started = docker.start_exec(&row.id, &spec).await.map_err(problem)?;
        let told = hand_out(&cx, &mut started).await;
        if !matches!(told, Ok(true)) {
            end(&cx, &world, &started.id, &row.name).await;
        }
        if told? {
            docker.exec_code(&started.id).await.map_err(problem)?.unwrap_or(-1)
        } else {
            // As a shell has it: ended by a pipe that was closed.
            128 + 13
        }
    } else {
        let clock = world.clock().clone();
        let started = docker.exec(&row.id, &spec, move || clock.now()).await.map_err(problem)?;
        tell(&cx, Update::LogOpened { of: row.id.clone() }).await;
        let mut lines = started.lines;
        loop {
            let line = match cx.until_cancelled(lines.next()).await {
                Ok(line) => line,
                Err(cancelled) => {
                    end(&cx, &world, &started.id, &row.name).await;
                    return Err(cancelled);
                }
            };
            let Some(line) = line else { break };
            let line = line.map_err(problem)?;
            show(&cx, &world, &line);
            let lines = vec![line];
            tell(
                &cx,
                Update::LogLines {
                    of: row.id.clone(),
                    lines,
                },
            )
            .await;
        }
        docker.exec_code(&started.id).await.map_err(problem)?.unwrap_or(-1)
    };
    cx.exit(i32::try_from(code).ok(), None).await;
    tell(
        &cx,
        Update::Executed {
            container: row.id.clone(),
            code,
        },
    )
    .await;
    if code == 0 {
        return Ok(());
    }
    let command = spec.argv.join(" ");
    let problem = Problem::user(msg!("docker-exec-failed", command = command, code = code)).code("exit");
    Err(match (code, spec.argv.first()) {
        // As a shell has it: what can not be run, and what is not there.
        (126 | 127, Some(program)) => problem.hint(msg!("docker-exec-none-hint", program = program)),
        _ => problem,
    })
}

/// Volumes or networks, one after the other; the first that is used or can not be removed ends the row.
async fn remove_parts(cx: JobCtx, world: World, kind: Kind, words: Vec<String>) -> Result<(), Problem> {
    let held = held(&cx, &world).await?;
    let mut gone = Vec::new();
    let mut failed = None;
    for word in &words {
        match remove_part(&world, &held, kind, word).await {
            Ok(()) => gone.push(word.clone()),
            Err(problem) => {
                failed = Some(problem);
                break;
            }
        }
    }
    done(&cx, &world, kind, gone, Deed::Removed).await;
    failed.map_or(Ok(()), Err)
}

async fn remove_part(world: &World, held: &Holdings, kind: Kind, word: &str) -> Result<(), Problem> {
    let (users, id) = match kind {
        Kind::Network => network(held, word).map(|row| (&row.users, &row.id))?,
        _ => volume(held, word).map(|row| (&row.users, &row.name))?,
    };
    if !users.is_empty() {
        let problem = Problem::user(msg!("docker-volume-used", name = word, by = users.join(", ")));
        return Err(problem.code("in-use"));
    }
    let removed = match kind {
        Kind::Network => world.docker().remove_network(id).await,
        _ => world.docker().remove_volume(id).await,
    };
    removed.map_err(problem)
}

async fn connect(cx: JobCtx, world: World, network: String, container: String, connects: bool) -> Result<(), Problem> {
    let held = held(&cx, &world).await?;
    let (net, row) = (self::network(&held, &network)?, self::container(&held, &container)?);
    let (asked, deed) = if connects {
        (world.docker().connect(&net.id, &row.id).await, Deed::Connected)
    } else {
        (world.docker().disconnect(&net.id, &row.id).await, Deed::Disconnected)
    };
    asked.map_err(problem)?;
    done(&cx, &world, Kind::Network, vec![net.name.clone(), row.name.clone()], deed).await;
    Ok(())
}
