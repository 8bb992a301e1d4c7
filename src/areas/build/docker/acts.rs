//! What is done to images, containers, volumes and networks. Names become ids first, and what was done is looked at afterwards.

use super::look::{once, tell};
use super::model::{image_is, pick};
use super::{Deed, Update};
use crate::adapters::World;
use crate::adapters::docker::{ContainerAct, Fault};
use crate::areas::JobCtx;
use crate::base::docker::{ContainerRow, Holdings, Image, Kind, NetworkRow, PrunePlan, RunSpec, VolumeRow};
use crate::base::{LogLine, Problem, Progress, Unit};
use crate::msg;
use futures::StreamExt as _;
use std::time::Duration;

/// After a start, before it is looked at.
const SETTLE: Duration = Duration::from_millis(300);
/// Lines of output that explain why a container ended at once.
const LAST_WORDS: u32 = 20;

pub(super) fn problem(fault: Fault) -> Problem {
    fault.problem()
}

/// What the engine holds now.
pub(super) async fn held(cx: &JobCtx, world: &World) -> Result<Holdings, Problem> {
    cx.until_cancelled(world.docker().holdings()).await?.map_err(problem)
}

/// Tells what was done, and how everything stands now.
pub(super) async fn done(cx: &JobCtx, world: &World, kind: Kind, names: Vec<String>, deed: Deed) {
    tell(cx, Update::Acted { kind, names, deed }).await;
    // What was done stays done when the look fails; the next one says why.
    once(cx, world).await.ok();
}

fn missing(n_alike: usize, kind: Kind, word: &str) -> Problem {
    if n_alike > 1 {
        return Problem::user(msg!("docker-several", name = word)).code("ambiguous");
    }
    let summary = match kind {
        Kind::Container => msg!("docker-no-container", name = word),
        Kind::Image | Kind::BuildCache => msg!("docker-no-image", image = word),
        Kind::Volume => msg!("docker-no-volume", name = word),
        Kind::Network => msg!("docker-no-network", name = word),
    };
    Problem::user(summary).code("not-found")
}

pub(super) fn container<'a>(held: &'a Holdings, word: &str) -> Result<&'a ContainerRow, Problem> {
    pick(&held.containers, word, |row| &row.id, |row| row.name == word).map_err(|n| missing(n, Kind::Container, word))
}

pub(super) fn image<'a>(held: &'a Holdings, word: &str) -> Result<&'a Image, Problem> {
    pick(&held.images, word, |row| &row.id, |row| image_is(row, word)).map_err(|n| missing(n, Kind::Image, word))
}

pub(super) fn volume<'a>(held: &'a Holdings, word: &str) -> Result<&'a VolumeRow, Problem> {
    let found = held.volumes.iter().find(|row| row.name == word);
    found.ok_or_else(|| missing(0, Kind::Volume, word))
}

pub(super) fn network<'a>(held: &'a Holdings, word: &str) -> Result<&'a NetworkRow, Problem> {
    pick(&held.networks, word, |row| &row.id, |row| row.name == word).map_err(|n| missing(n, Kind::Network, word))
}

/// One after the other; the first that fails ends the row, and what was done before stays done.
pub(super) async fn act(cx: JobCtx, world: World, words: Vec<String>, act: ContainerAct) -> Result<(), Problem> {
    let held = held(&cx, &world).await?;
    let rows: Vec<&ContainerRow> = words.iter().map(|word| container(&held, word)).collect::<Result<_, _>>()?;
    let grace = Duration::from_secs(world.settings().general.stop_grace_secs);
    let deed = match &act {
        ContainerAct::Start => Deed::Started,
        ContainerAct::Stop => Deed::Stopped,
        ContainerAct::Restart => Deed::Restarted,
        ContainerAct::Kill(_) => Deed::Killed,
        ContainerAct::Pause => Deed::Paused,
        ContainerAct::Unpause => Deed::Unpaused,
        ContainerAct::Remove { .. } => Deed::Removed,
    };
    let mut names = Vec::new();
    let mut failed = None;
    for (i, row) in rows.iter().enumerate() {
        cx.check()?;
        cx.progress(Progress::of(i as u64, rows.len() as u64, Unit::Steps));
        let grace = match deed {
            Deed::Stopped | Deed::Restarted => own_grace(&world, &row.id, grace).await?,
            _ => grace,
        };
        let acted = world.docker().act(&row.id, &act, grace).await.map_err(problem);
        let acted = match (acted, deed) {
            (Ok(()), Deed::Started | Deed::Restarted) => came_up(&cx, &world, &row.id, &row.name).await,
            (acted, _) => acted,
        };
        if let Err(problem) = acted {
            failed = Some(problem);
            break;
        }
        names.push(row.name.clone());
    }
    done(&cx, &world, Kind::Container, names, deed).await;
    failed.map_or(Ok(()), Err)
}

/// From TERM to KILL, as long as the container was made with.
async fn own_grace(world: &World, id: &str, least: Duration) -> Result<Duration, Problem> {
    let ending = world.docker().ending(id, least).await.map_err(problem)?;
    Ok(ending.grace)
}

/// A container that can not run ends within moments; its last words say why.
async fn came_up(cx: &JobCtx, world: &World, id: &str, name: &str) -> Result<(), Problem> {
    cx.sleep(SETTLE).await?;
    let Ok(told) = world.docker().inspect(Kind::Container, id).await else {
        // Removed by the engine as it ended.
        return Ok(());
    };
    let state = |key: &str| told.pointer(&format!("/State/{key}")).cloned().unwrap_or_default();
    let code = state("ExitCode").as_i64().unwrap_or(0);
    if state("Running").as_bool() == Some(true) || code == 0 {
        return Ok(());
    }
    let clock = world.clock().clone();
    let mut words = Vec::new();
    if let Ok(lines) = world.docker().logs(id, Some(LAST_WORDS), false, move || clock.now()).await {
        let lines: Vec<_> = lines.collect().await;
        words.extend(lines.into_iter().flatten().map(|line| line.text));
    }
    if words.is_empty() {
        words.extend(state("Error").as_str().filter(|text| !text.is_empty()).map(str::to_owned));
    }
    let problem = Problem::user(msg!("docker-ended", name = name, code = code)).code("container-ended");
    Err(problem.details(words.join("\n")))
}

pub(super) async fn rename(cx: JobCtx, world: World, word: String, to: String) -> Result<(), Problem> {
    let held = held(&cx, &world).await?;
    let row = container(&held, &word)?;
    world.docker().rename(&row.id, &to).await.map_err(problem)?;
    done(&cx, &world, Kind::Container, vec![to], Deed::Renamed).await;
    Ok(())
}

pub(super) async fn tag(cx: JobCtx, world: World, word: String, tag: String) -> Result<(), Problem> {
    let held = held(&cx, &world).await?;
    let image = image(&held, &word)?;
    world.docker().tag(&image.id, &tag).await.map_err(problem)?;
    done(&cx, &world, Kind::Image, vec![tag], Deed::Tagged).await;
    Ok(())
}

/// By tag only that tag goes; by id the image. One that containers use is refused, and who uses it is said.
pub(super) async fn remove_images(cx: JobCtx, world: World, words: Vec<String>, force: bool) -> Result<(), Problem> {
    let mut gone = Vec::new();
    let mut failed = None;
    for word in &words {
        cx.check()?;
        let held = held(&cx, &world).await?;
        let found = match image(&held, word) {
            Ok(found) => found,
            Err(problem) => {
                failed = Some(problem);
                break;
            }
        };
        let latest = format!("{word}:latest");
        let tag = found.tags.iter().find(|tag| *tag == word || **tag == latest);
        let is_last = tag.is_none() || found.tags.len() == 1;
        if is_last && !found.users.is_empty() && !force {
            let users = found.users.join(", ");
            let problem = Problem::user(msg!("docker-image-used", image = word.as_str(), by = users)).code("in-use");
            failed = Some(problem.hint(msg!("docker-image-used-hint")));
            break;
        }
        let name = tag.map_or(found.id.as_str(), String::as_str);
        match world.docker().remove_image(name, force, true).await {
            Ok(went) => gone.extend(went),
            Err(fault) => {
                failed = Some(fault.problem());
                break;
            }
        }
    }
    done(&cx, &world, Kind::Image, gone, Deed::Removed).await;
    failed.map_or(Ok(()), Err)
}

pub(super) async fn save(cx: JobCtx, world: World, words: Vec<String>, to: crate::base::WriteTo) -> Result<(), Problem> {
    let file = crate::adapters::files::may_write(&to, None)?;
    let held = held(&cx, &world).await?;
    let mut names = Vec::new();
    for word in &words {
        let image = image(&held, word)?;
        // By name its tags go along.
        let is_tag = image_is(image, word) && !image.tags.is_empty();
        names.push(if is_tag { word.clone() } else { image.id.clone() });
    }
    cx.until_cancelled(world.docker().save(&names, &file)).await??;
    done(&cx, &world, Kind::Image, vec![file.display().to_string()], Deed::Saved).await;
    Ok(())
}

pub(super) async fn load(cx: JobCtx, world: World, file: std::path::PathBuf) -> Result<(), Problem> {
    let names = cx.until_cancelled(world.docker().load(&file)).await??;
    done(&cx, &world, Kind::Image, names, Deed::Loaded).await;
    Ok(())
}

pub(super) async fn import(
    cx: JobCtx,
    world: World,
    file: std::path::PathBuf,
    tag: String,
    changes: Vec<String>,
) -> Result<(), Problem> {
    cx.until_cancelled(world.docker().import(&file, &tag, &changes)).await??;
    done(&cx, &world, Kind::Image, vec![tag], Deed::Loaded).await;
    Ok(())
}

/// Makes a container, and starts it when asked to.
pub(super) async fn run(cx: JobCtx, world: World, mut spec: RunSpec, starts: bool, follows: bool) -> Result<(), Problem> {
    let held = held(&cx, &world).await?;
    // By id: the name may mean another image by the time it is made.
    if let Ok(known) = image(&held, &spec.image)
        && known.tags.is_empty()
    {
        spec.image = known.id.clone();
    }
    // Removed here, after its last words were read.
    let is_removed = follows && std::mem::take(&mut spec.auto_remove);
    let id = world.docker().create(&spec).await?;
    let told = world.docker().inspect(Kind::Container, &id).await.unwrap_or_default();
    let name = told
        .get("Name")
        .and_then(|name| name.as_str())
        .unwrap_or(&id)
        .trim_start_matches('/');
    let name = spec.name.clone().unwrap_or_else(|| name.to_owned());
    if !starts {
        done(&cx, &world, Kind::Container, vec![name], Deed::Created).await;
        return Ok(());
    }
    let started = world.docker().start(&id).await;
    if let Err(fault) = started {
        // What never ran is not left behind.
        let act = ContainerAct::Remove { force: true };
        world.docker().act(&id, &act, Duration::ZERO).await.ok();
        return Err(fault.problem());
    }
    done(&cx, &world, Kind::Container, vec![name.clone()], Deed::Started).await;
    if !follows {
        let up = came_up(&cx, &world, &id, &name).await;
        once(&cx, &world).await.ok();
        return up;
    }
    let followed = follow_to_the_end(&cx, &world, &id, &name).await;
    if followed.as_ref().is_err_and(Problem::is_cancelled) {
        let grace = Duration::from_secs(world.settings().general.stop_grace_secs);
        world.docker().stop(&id, grace).await.ok();
    }
    if is_removed {
        let act = ContainerAct::Remove { force: true };
        world.docker().act(&id, &act, Duration::ZERO).await.ok();
    }
    once(&cx, &world).await.ok();
    followed
}

async fn follow_to_the_end(cx: &JobCtx, world: &World, id: &str, name: &str) -> Result<(), Problem> {
    let clock = world.clock().clone();
    let lines = world.docker().logs(id, None, true, move || clock.now()).await;
    show_lines(cx, world, lines.map_err(problem)?).await?;
    let code = cx.until_cancelled(world.docker().wait(id)).await?.map_err(problem)?;
    cx.exit(i32::try_from(code).ok(), None).await;
    tell(
        cx,
        Update::Executed {
            container: id.to_owned(),
            code,
        },
    )
    .await;
    if code == 0 {
        return Ok(());
    }
    Err(Problem::user(msg!("docker-ended", name = name, code = code)).code("container-ended"))
}

/// Output as the job's own.
pub(super) async fn show_lines(
    cx: &JobCtx,
    world: &World,
    lines: futures::stream::BoxStream<'static, crate::adapters::docker::LogPiece>,
) -> Result<(), Problem> {
    let mut lines = lines;
    while let Some(line) = cx.until_cancelled(lines.next()).await? {
        show(cx, world, &line.map_err(problem)?);
    }
    Ok(())
}

pub(super) fn show(cx: &JobCtx, world: &World, line: &LogLine) {
    let text = world.masks().mask_str(&line.text).into_owned();
    cx.log_bytes(format!("{text}\n").as_bytes());
    cx.log(LogLine { text, ..line.clone() });
}

/// What is removed is exactly the plan; what is used by now stays, and is said.
pub(super) async fn prune(cx: JobCtx, world: World, plan: PrunePlan) -> Result<(), Problem> {
    let (mut removed, mut kept, mut bytes) = (Vec::new(), Vec::new(), 0);
    let n = plan.items.len() as u64;
    let mut stopped = Ok(());
    for (i, item) in plan.items.into_iter().enumerate() {
        stopped = cx.check();
        if stopped.is_err() {
            break;
        }
        cx.progress(Progress::of(i as u64, n, Unit::Steps));
        match world.docker().prune_one(&item).await {
            Ok(()) => {
                bytes += item.bytes;
                removed.push(item);
            }
            Err(Fault::Gone | Fault::Refused { .. }) => kept.push(item),
            Err(fault) => {
                stopped = Err(fault.problem());
                break;
            }
        }
    }
    tell(&cx, Update::Pruned { removed, kept, bytes }).await;
    once(&cx, &world).await.ok();
    stopped
}
