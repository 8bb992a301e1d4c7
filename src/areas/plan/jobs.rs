//! What Plan does: one async function per command. Reading and writing items runs no program, so it is allowed everywhere.

use super::acts::How;
use super::folder::Folder;
use super::stamps::{self, Stamps};
use super::{Act, Between, Change, Command, Draft, Item, Seen, Unreadable, Update};
use super::{acts, check, followed, quick, state_word, undo, views};
use crate::adapters::World;
use crate::adapters::store::undo::UndoRow;
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Msg, Problem, Workspace};
use crate::engine::{JobResult, Overlap};
use crate::msg;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

pub(super) const AREA: &str = "plan";
/// Items per update.
const PAGE: usize = 200;
/// How often the folder is looked at for changes from outside.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Looks between two questions whether commits, tests or deployments came.
const FOLLOW_EVERY: u32 = 3;
/// A stable word in the undo list.
pub(super) const DELETE: &str = "delete-item";

/// What is kept of a deleted item.
#[derive(Serialize, Deserialize)]
struct Deleted {
    id: String,
    file: PathBuf,
    text: String,
}

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::Modules(command) => super::modules::jobs::plan(&world, command),
        Command::Load { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-job-load"), move |cx| load(cx, world, workspace))
                .workspace(&id)
                .key(format!("plan/load/{id}"), Overlap::Latest)
                .quiet()
        }
        Command::Watch { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-job-watch"), move |cx| Box::pin(watch(cx, world, workspace)))
                .workspace(&id)
                .key(format!("plan/watch/{id}"), Overlap::Replace)
                .quiet()
        }
        Command::Create { workspace, draft } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-job-create", title = draft.title.as_str()), move |cx| {
                create(cx, world, workspace, draft)
            })
            .workspace(&id)
        }
        Command::CreateQuick { workspace, line, draft } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-job-create", title = line.as_str()), move |cx| {
                create_quick(cx, world, workspace, line, draft)
            })
            .workspace(&id)
        }
        Command::Show { workspace, id } => {
            let workspace_id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-job-show", id = id.as_str()), move |cx| {
                show(cx, workspace, id)
            })
            .workspace(&workspace_id)
            .quiet()
        }
        Command::Check { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-job-check"), move |cx| check_all(cx, world, workspace))
                .workspace(&id)
                .quiet()
        }
        Command::Edit {
            workspace,
            id,
            changes,
            seen,
        } => {
            let workspace_id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-job-edit", id = id.as_str()), move |cx| {
                edit(cx, world, workspace, id, changes, seen)
            })
            .workspace(&workspace_id)
        }
        Command::Move {
            workspace,
            id,
            state,
            between,
        } => {
            let workspace_id = workspace.id.clone();
            let title = msg!("plan-job-move", id = id.as_str(), state = state_word(&state));
            JobSpec::new(AREA, title, move |cx| move_item(cx, world, workspace, id, state, between)).workspace(&workspace_id)
        }
        Command::Delete { workspace, id } => {
            let workspace_id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-job-delete", id = id.as_str()), move |cx| {
                delete(cx, world, workspace, id)
            })
            .workspace(&workspace_id)
        }
        Command::Restore { workspace, undo } => {
            let workspace_id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-job-restore"), move |cx| restore(cx, world, workspace, undo)).workspace(&workspace_id)
        }
        Command::TakeBack { workspace, number } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-job-undo"), move |cx| {
                undo::take_back(cx, world, workspace, number)
            })
            .workspace(&id)
        }
        Command::ListActs { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-job-acts"), move |cx| undo::list(cx, world, workspace))
                .workspace(&id)
                .quiet()
        }
        other => plan_beside(world, other),
    }
}

/// The jobs that are not about one item.
fn plan_beside(world: World, command: Command) -> JobSpec {
    let spec = |workspace: &Workspace, title: Msg| (workspace.id.clone(), title);
    match command {
        Command::EditMany { workspace, edits } => {
            let (id, title) = spec(&workspace, msg!("plan-job-edit-many", n = edits.len()));
            JobSpec::new(AREA, title, move |cx| acts::edit_many(cx, world, workspace, edits)).workspace(&id)
        }
        Command::Renumber { workspace, file } => {
            let (id, title) = spec(&workspace, msg!("plan-job-renumber", path = &file));
            JobSpec::new(AREA, title, move |cx| acts::renumber(cx, world, workspace, file)).workspace(&id)
        }
        Command::Follow { workspace } => {
            let (id, title) = spec(&workspace, msg!("plan-job-follow"));
            JobSpec::new(AREA, title, move |cx| Box::pin(acts::follow(cx, world, workspace)))
                .workspace(&id)
                .key(format!("plan/follow/{id}"), Overlap::Latest)
        }
        Command::Cover { workspace, id: item } => {
            let (id, title) = spec(&workspace, msg!("plan-job-cover", id = item.as_str()));
            JobSpec::new(AREA, title, move |cx| Box::pin(acts::cover(cx, world, workspace, item)))
                .workspace(&id)
                .key(format!("plan/cover/{id}"), Overlap::Latest)
                .quiet()
        }
        Command::CoverMany { workspace, ids } => {
            let (id, title) = spec(&workspace, msg!("plan-job-cover-many"));
            JobSpec::new(AREA, title, move |cx| Box::pin(acts::cover_many(cx, world, workspace, ids)))
                .workspace(&id)
                .quiet()
        }
        Command::ReadHistory { workspace } => {
            let (id, title) = spec(&workspace, msg!("plan-job-history"));
            JobSpec::new(AREA, title, move |cx| Box::pin(acts::read_history(cx, world, workspace)))
                .workspace(&id)
                .key(format!("plan/history/{id}"), Overlap::Latest)
                .quiet()
        }
        Command::Forecast { workspace, filter, seed } => {
            let (id, title) = spec(&workspace, msg!("plan-job-forecast"));
            JobSpec::new(AREA, title, move |cx| {
                Box::pin(acts::forecast(cx, world, workspace, filter, seed))
            })
            .workspace(&id)
            .quiet()
        }
        Command::SaveView { workspace, view } => {
            let (id, title) = spec(&workspace, msg!("plan-job-view", name = view.name.as_str()));
            JobSpec::new(AREA, title, move |cx| acts::save_view(cx, workspace, view)).workspace(&id)
        }
        Command::RemoveView { workspace, name } => {
            let (id, title) = spec(&workspace, msg!("plan-job-view-remove", name = name.as_str()));
            JobSpec::new(AREA, title, move |cx| acts::remove_view(cx, workspace, name)).workspace(&id)
        }
        Command::SetRules { workspace, rules } => {
            let (id, title) = spec(&workspace, msg!("plan-job-rules"));
            JobSpec::new(AREA, title, move |cx| acts::set_rules(cx, world, workspace, rules)).workspace(&id)
        }
        Command::Import {
            workspace,
            path,
            format,
            is_preview,
            updates,
        } => {
            let (id, title) = spec(&workspace, msg!("plan-job-import", path = &path));
            JobSpec::new(AREA, title, move |cx| {
                acts::import(cx, world, workspace, path, format, How { is_preview, updates })
            })
            .workspace(&id)
        }
        Command::Export {
            workspace,
            path,
            format,
            filter,
        } => {
            let (id, title) = spec(&workspace, msg!("plan-job-export", format = format.word()));
            JobSpec::new(AREA, title, move |cx| {
                acts::export(cx, world, workspace, path, format, filter)
            })
            .workspace(&id)
        }
        Command::LoadTemplates { workspace, lang } => {
            let (id, title) = spec(&workspace, msg!("plan-job-templates"));
            JobSpec::new(AREA, title, move |cx| acts::load_templates(cx, workspace, lang))
                .workspace(&id)
                .quiet()
        }
        Command::AddTemplate {
            workspace,
            name,
            values,
            milestone,
            lang,
        } => {
            let (id, title) = spec(&workspace, msg!("plan-job-template", name = name.as_str()));
            JobSpec::new(AREA, title, move |cx| {
                acts::add_template(cx, world, workspace, name, values, milestone, lang)
            })
            .workspace(&id)
        }
        other => plan(&world, other),
    }
}

async fn load(cx: JobCtx, world: World, workspace: Workspace) -> JobResult {
    let id = workspace.id.clone();
    let at = workspace.clone();
    let (views, problems, me) = cx
        .blocking(move |_| {
            let (views, problems) = views::read(&at);
            Ok((views, problems, world.git().user_name(&at.root)))
        })
        .await?;
    cx.update(Update::ViewsRead {
        workspace: id.clone(),
        views,
        problems,
    })
    .await;
    cx.update(Update::People {
        workspace: id.clone(),
        me,
        authors: Vec::new(),
    })
    .await;
    cx.update(Update::LoadStarted { workspace: id.clone() }).await;
    let result = cx.blocking(move |cx| load_blocking(cx, &workspace)).await;
    if let Err(problem) = &result {
        let problem = problem.clone();
        cx.update(Update::LoadFailed { workspace: id, problem }).await;
    }
    result
}

fn load_blocking(cx: &JobCtx, workspace: &Workspace) -> JobResult {
    let id = &workspace.id;
    let folder = Folder::open(workspace)?;
    let files: Vec<PathBuf> = stamps::stamps(workspace)?.into_keys().collect();
    let mut unreadable = Vec::new();
    for files in files.chunks(PAGE) {
        let mut items = Vec::new();
        for file in files {
            cx.check()?;
            sort_in(folder.read(file), &mut items, &mut unreadable);
        }
        cx.update_blocking(Update::Items {
            workspace: id.clone(),
            items,
        });
    }
    let (workflow, problems) = stamps::workflow(workspace);
    cx.update_blocking(Update::Loaded {
        workspace: id.clone(),
        workflow,
        unreadable,
        problems,
    });
    Ok(())
}

pub(super) fn sort_in(read: Result<Item, Unreadable>, items: &mut Vec<Item>, unreadable: &mut Vec<Unreadable>) {
    match read {
        Ok(item) => items.push(item),
        // Gone between the list and the reading.
        Err(bad) if bad.problem.code == "not-found" => {}
        Err(bad) => unreadable.push(bad),
    }
}

/// Looks at names, sizes and times, and reads what was changed.
async fn watch(cx: JobCtx, world: World, workspace: Workspace) -> JobResult {
    let id = workspace.id.clone();
    cx.update(Update::Watching {
        workspace: id.clone(),
        is_on: true,
    })
    .await;
    let result = watch_loop(&cx, &world, &workspace).await;
    cx.update(Update::Watching {
        workspace: id,
        is_on: false,
    })
    .await;
    result
}

async fn watch_loop(cx: &JobCtx, world: &World, workspace: &Workspace) -> JobResult {
    let mut known = look(cx, workspace).await?;
    let mut sign = None;
    let mut n_looks = 0_u32;
    loop {
        // What happened elsewhere while nobody looked counts too: the first look is before the first pause.
        if n_looks.is_multiple_of(FOLLOW_EVERY) {
            let now = followed::sign(world, workspace).await.ok();
            if now.is_some() && now != sign {
                followed::follow_after(cx, world, workspace).await;
                sign = now;
            }
        }
        n_looks = n_looks.wrapping_add(1);
        cx.sleep(LOOK_EVERY).await?;
        let now = look(cx, workspace).await?;
        if now.rules != known.rules {
            let workspace = workspace.clone();
            cx.update(Update::LoadStarted {
                workspace: workspace.id.clone(),
            })
            .await;
            cx.blocking(move |cx| load_blocking(cx, &workspace)).await?;
        } else if now.files != known.files {
            let (workspace, before, after) = (workspace.clone(), known.files, now.files.clone());
            cx.blocking(move |cx| read_changed(cx, &workspace, &before, &after)).await?;
        }
        known = now;
    }
}

#[derive(PartialEq)]
struct Look {
    files: Stamps,
    rules: String,
}

async fn look(cx: &JobCtx, workspace: &Workspace) -> Result<Look, Problem> {
    let workspace = workspace.clone();
    cx.blocking(move |_| {
        Ok(Look {
            files: stamps::stamps(&workspace)?,
            rules: stamps::rules_hash(&workspace),
        })
    })
    .await
}

fn read_changed(cx: &JobCtx, workspace: &Workspace, before: &Stamps, after: &Stamps) -> JobResult {
    let folder = Folder::open(workspace)?;
    let removed: Vec<PathBuf> = before.keys().filter(|file| !after.contains_key(*file)).cloned().collect();
    let changed: Vec<&PathBuf> = after
        .iter()
        .filter(|(file, stamp)| before.get(*file) != Some(stamp))
        .map(|(file, _)| file)
        .collect();
    let mut removed = Some(removed);
    for files in changed.chunks(PAGE).chain(changed.is_empty().then_some([].as_slice())) {
        let (mut items, mut unreadable) = (Vec::new(), Vec::new());
        for file in files {
            cx.check()?;
            sort_in(folder.read(file), &mut items, &mut unreadable);
        }
        cx.update_blocking(Update::Changed {
            workspace: workspace.id.clone(),
            items,
            unreadable,
            removed: removed.take().unwrap_or_default(),
        });
    }
    Ok(())
}

fn today(cx: &JobCtx) -> Date {
    cx.now().to_zoned(jiff::tz::TimeZone::system()).date()
}

async fn tell(cx: &JobCtx, workspace: &Workspace, items: Vec<Item>, id: String, what: Act) {
    cx.update(Update::Changed {
        workspace: workspace.id.clone(),
        items,
        unreadable: Vec::new(),
        removed: Vec::new(),
    })
    .await;
    cx.update(Update::Done {
        workspace: workspace.id.clone(),
        id,
        what,
        undo: None,
    })
    .await;
}

/// `me` as the name that git knows, else the name of the account.
async fn me(cx: &JobCtx, world: &World, workspace: &Workspace, name: &str) -> Result<String, Problem> {
    if !name.eq_ignore_ascii_case("me") {
        return Ok(name.to_owned());
    }
    let (world, root) = (world.clone(), workspace.root.clone());
    let known = cx.blocking(move |_| Ok(world.git().user_name(&root))).await?;
    let account = || std::env::var("USER").ok().filter(|name| !name.is_empty());
    Ok(known.or_else(account).unwrap_or_else(|| name.to_owned()))
}

async fn create_quick(cx: JobCtx, world: World, workspace: Workspace, line: String, draft: Draft) -> JobResult {
    let draft = quick::strict(draft, &line, today(&cx))?;
    create(cx, world, workspace, draft).await
}

async fn create(cx: JobCtx, world: World, workspace: Workspace, mut draft: Draft) -> JobResult {
    if let Some(name) = draft.assignee.take() {
        draft.assignee = Some(me(&cx, &world, &workspace, &name).await?);
    }
    let now = cx.now().to_zoned(jiff::tz::TimeZone::system());
    draft.time = draft.time.or(Some(now.time()));
    let today = now.date();
    let at = workspace.clone();
    let title = msg!("plan-job-create", title = draft.title.as_str());
    let (item, changes) = cx
        .blocking(move |cx| {
            let folder = Folder::open(&at)?.at(cx.now());
            let item = folder.create(&draft, today, |below| fastrand::u32(..below))?;
            Ok((item, folder.take_changes()))
        })
        .await?;
    undo::keep(&cx, &world, &workspace, title, changes).await?;
    let id = item.id.clone();
    tell(&cx, &workspace, vec![item], id, Act::Created).await;
    Ok(())
}

async fn show(cx: JobCtx, workspace: Workspace, id: String) -> JobResult {
    let at = workspace.clone();
    let item = cx.blocking(move |_| Folder::open(&at)?.item(&id)).await?;
    cx.update(Update::Changed {
        workspace: workspace.id.clone(),
        items: vec![item],
        unreadable: Vec::new(),
        removed: Vec::new(),
    })
    .await;
    Ok(())
}

async fn check_all(cx: JobCtx, world: World, workspace: Workspace) -> JobResult {
    load(cx.clone(), world, workspace.clone()).await?;
    let n = cx
        .blocking(move |_| Ok(check::problems(&Folder::open(&workspace)?.plan()?).len()))
        .await?;
    if n == 0 {
        return Ok(());
    }
    Err(Problem::config(msg!("plan-check-found", n = n)).code("plan"))
}

async fn edit(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    id: String,
    mut changes: Vec<Change>,
    seen: Option<Seen>,
) -> JobResult {
    for change in &mut changes {
        if let Change::Assignee(Some(name)) = change {
            *name = me(&cx, &world, &workspace, name).await?;
        }
    }
    let problems = followed::criteria::prove(&world, &workspace, &mut changes).await?;
    let today = today(&cx);
    let at = workspace.clone();
    let (item, changes) = cx
        .blocking(move |cx| {
            let folder = Folder::open(&at)?.at(cx.now());
            let item = folder.edit(&id, &changes, seen.as_ref(), today)?;
            Ok((item, folder.take_changes()))
        })
        .await?;
    let id = item.id.clone();
    undo::keep(&cx, &world, &workspace, msg!("plan-job-edit", id = id.as_str()), changes).await?;
    tell(&cx, &workspace, vec![item], id, Act::Changed).await;
    cx.update(Update::Remarked {
        workspace: workspace.id,
        problems,
    })
    .await;
    Ok(())
}

async fn move_item(cx: JobCtx, world: World, workspace: Workspace, id: String, state: String, between: Between) -> JobResult {
    let today = today(&cx);
    let (at, wanted) = (workspace.clone(), id.clone());
    let title = msg!("plan-job-move", id = id.as_str(), state = state_word(&state));
    let (items, changes) = cx
        .blocking(move |cx| {
            let folder = Folder::open(&at)?.at(cx.now());
            let items = folder.move_to(&wanted, &state, &between, today)?;
            Ok((items, folder.take_changes()))
        })
        .await?;
    undo::keep(&cx, &world, &workspace, title, changes).await?;
    let id = items
        .iter()
        .find(|item| item.id.eq_ignore_ascii_case(&id))
        .map_or(id, |item| item.id.clone());
    tell(&cx, &workspace, items, id, Act::Changed).await;
    Ok(())
}

async fn delete(cx: JobCtx, world: World, workspace: Workspace, id: String) -> JobResult {
    let at = workspace.clone();
    let (item, text) = cx.blocking(move |_| Folder::open(&at)?.text_of(&id)).await?;
    let kept = Deleted {
        id: item.id.clone(),
        file: item.file.clone(),
        text,
    };
    let entry = UndoRow {
        id: 0,
        workspace: workspace.id.clone(),
        area: AREA.to_owned(),
        what: DELETE.to_owned(),
        title: msg!("plan-undo-delete", id = item.id.as_str(), title = item.title.as_str()),
        data: serde_json::to_value(&kept).map_err(|error| Problem::internal(msg!("plan-job-restore")).details(error))?,
        at: cx.now(),
        undone_at: None,
    };
    let entry = world.store().undo().add(entry).await?;
    let (at, file, id) = (workspace.clone(), item.file.clone(), item.id.clone());
    let removed = cx.blocking(move |_| Folder::open(&at)?.remove(&item)).await;
    if removed.is_err() {
        world.store().undo().forget(entry.id).await?;
    }
    removed?;
    cx.update(Update::Changed {
        workspace: workspace.id.clone(),
        items: Vec::new(),
        unreadable: Vec::new(),
        removed: vec![file],
    })
    .await;
    cx.update(Update::Done {
        workspace: workspace.id,
        id,
        what: Act::Deleted,
        undo: Some(entry.id),
    })
    .await;
    Ok(())
}

pub(super) async fn restore(cx: JobCtx, world: World, workspace: Workspace, undo: Option<i64>) -> JobResult {
    let nothing = || Problem::user(msg!("plan-nothing-to-restore")).code("not-found");
    let entry = match undo {
        Some(id) => world.store().undo().get(id).await?,
        None => {
            let entries = world.store().undo().list(&workspace.id, 500).await?;
            entries
                .into_iter()
                .find(|entry| entry.what == DELETE && entry.undone_at.is_none())
        }
    };
    let entry = entry
        .filter(|entry| entry.what == DELETE && entry.workspace == workspace.id)
        .ok_or_else(nothing)?;
    let kept: Deleted = serde_json::from_value(entry.data.clone()).map_err(|error| nothing().details(error))?;
    let at = workspace.clone();
    let item = cx
        .blocking(move |_| Folder::open(&at)?.put_back(&kept.file, &kept.text))
        .await?;
    world.store().undo().undone(entry.id).await?;
    let id = item.id.clone();
    tell(&cx, &workspace, vec![item], id, Act::Restored).await;
    Ok(())
}
