//! What Plan does beside single items: several at once, following, history, forecast, views, rules, import and export, templates.

use super::exchange::{self, Format, ImportRow};
use super::filter::{Context, Filter};
use super::folder::{Folder, later_by};
use super::links::Links;
use super::model::Plan;
use super::modules::folder::FileChange;
use super::{Act, Change, Draft, Item, TemplateInfo, Update};
use super::{followed, forecast, history, rule_file, templates, undo, views};
use crate::adapters::{World, files};
use crate::areas::JobCtx;
use crate::areas::devops::project::PlanRule;
use crate::base::progress::Unit;
use crate::base::{Lang, Problem, Progress, Workspace, WriteTo};
use crate::engine::JobResult;
use crate::msg;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Items per update.
const PAGE: usize = 200;
/// People who wrote commits.
const MAX_AUTHORS: usize = 100;

fn today(cx: &JobCtx) -> Date {
    cx.now().to_zoned(TimeZone::system()).date()
}

/// When several items are made: each one a second after the one before, so that they stay in order.
#[derive(Clone, Copy)]
struct Day {
    today: Date,
    time: Time,
}

impl Day {
    fn of(cx: &JobCtx) -> Self {
        let now = cx.now().to_zoned(TimeZone::system());
        Self {
            today: now.date(),
            time: now.time(),
        }
    }
}

async fn tell(cx: &JobCtx, workspace: &Workspace, items: Vec<Item>, removed: Vec<PathBuf>) {
    let mut removed = Some(removed);
    for items in items.chunks(PAGE) {
        cx.update(Update::Changed {
            workspace: workspace.id.clone(),
            items: items.to_vec(),
            unreadable: Vec::new(),
            removed: removed.take().unwrap_or_default(),
        })
        .await;
    }
}

async fn whole_plan(cx: &JobCtx, workspace: &Workspace) -> Result<Plan, Problem> {
    let at = workspace.clone();
    cx.blocking(move |_| Folder::open(&at)?.plan()).await
}

async fn context(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<Context, Problem> {
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let me = cx.blocking(move |_| Ok(git.user_name(&root))).await?;
    Ok(Context { today: today(cx), me })
}

/// Changes items one after the other. What was done stays done where a later one fails.
pub(super) async fn edit_many(cx: JobCtx, world: World, workspace: Workspace, edits: Vec<(String, Vec<Change>)>) -> JobResult {
    let today = today(&cx);
    let (at, n) = (workspace.clone(), edits.len());
    let (items, failed, changes, stopped) = cx
        .blocking(move |cx| {
            let folder = Folder::open(&at)?.at(cx.now());
            let (mut items, mut failed) = (Vec::new(), Vec::new());
            let mut stopped = Ok(());
            for (done, (id, changes)) in edits.iter().enumerate() {
                stopped = cx.check();
                if stopped.is_err() {
                    break;
                }
                cx.progress(Progress::of(done as u64, n as u64, Unit::Steps));
                match folder.edit(id, changes, None, today) {
                    Ok(item) => items.push(item),
                    Err(problem) => failed.push((id.clone(), problem)),
                }
            }
            Ok((items, failed, folder.take_changes(), stopped))
        })
        .await?;
    undo::keep(&cx, &world, &workspace, msg!("plan-job-edit-many", n = n), changes).await?;
    let last = items.last().map(|item| item.id.clone());
    tell(&cx, &workspace, items, Vec::new()).await;
    if let Some(id) = last {
        cx.update(Update::Done {
            workspace: workspace.id.clone(),
            id,
            what: Act::Changed,
            undo: None,
        })
        .await;
    }
    cx.update(Update::Remarked {
        workspace: workspace.id.clone(),
        problems: if n == 1 {
            Vec::new()
        } else {
            failed.iter().map(|(_, problem)| problem.clone()).collect()
        },
    })
    .await;
    stopped?;
    match failed.as_slice() {
        [(_, problem)] if n == 1 => Err(problem.clone()),
        failed => some_failed(failed, n),
    }
}

/// Told once for all items of an act that could not be changed; each with its own words beside it.
fn some_failed(failed: &[(String, Problem)], n: usize) -> JobResult {
    let Some((_, problem)) = failed.first() else { return Ok(()) };
    let ids: Vec<&str> = failed.iter().map(|(id, _)| id.as_str()).collect();
    let told = Problem::user(msg!("plan-many-failed", n = failed.len(), all = n)).code("some");
    let told = told.details(ids.join(", "));
    Err(match &problem.hint {
        Some(hint) => told.hint(hint.clone()),
        None => told,
    })
}

pub(super) async fn renumber(cx: JobCtx, world: World, workspace: Workspace, file: PathBuf) -> JobResult {
    let (today, at) = (today(&cx), workspace.clone());
    let title = msg!("plan-job-renumber", path = &file);
    let (old, item, changes) = cx
        .blocking(move |cx| {
            let folder = Folder::open(&at)?.at(cx.now());
            let (old, item) = folder.renumber(&file, today, |below| fastrand::u32(..below))?;
            Ok((old, item, folder.take_changes()))
        })
        .await?;
    undo::keep(&cx, &world, &workspace, title, changes).await?;
    let id = item.id.clone();
    tell(&cx, &workspace, vec![item], vec![old]).await;
    cx.update(Update::Done {
        workspace: workspace.id,
        id,
        what: Act::Changed,
        undo: None,
    })
    .await;
    Ok(())
}

pub(super) async fn follow(cx: JobCtx, world: World, workspace: Workspace) -> JobResult {
    let changes = followed::follow(&cx, &world, &workspace).await?;
    let new = changes.iter().filter(|change| !change.is_known);
    let problem = new.into_iter().find_map(|change| change.refused.clone());
    cx.update(Update::FollowedUp {
        workspace: workspace.id.clone(),
        changes,
    })
    .await;
    problem.map_or(Ok(()), Err)
}

pub(super) async fn cover(cx: JobCtx, world: World, workspace: Workspace, id: String) -> JobResult {
    let at = workspace.clone();
    let item = cx.blocking(move |_| Folder::open(&at)?.item(&id)).await?;
    followed::notice(&cx, &world, &workspace).await?;
    let coverage = followed::coverage::of(&world, &workspace, &item).await?;
    cx.update(Update::Covered {
        workspace: workspace.id,
        id: item.id,
        coverage,
    })
    .await;
    Ok(())
}

pub(super) async fn cover_many(cx: JobCtx, world: World, workspace: Workspace, ids: Vec<String>) -> JobResult {
    let at = workspace.clone();
    let items: Vec<Item> = cx
        .blocking(move |_| {
            let folder = Folder::open(&at)?;
            // One that is gone meanwhile has not come far.
            Ok(ids.iter().filter_map(|id| folder.item(id).ok()).collect())
        })
        .await?;
    followed::notice(&cx, &world, &workspace).await?;
    for item in items {
        let coverage = followed::coverage::of(&world, &workspace, &item).await?;
        cx.update(Update::Covered {
            workspace: workspace.id.clone(),
            id: item.id,
            coverage,
        })
        .await;
    }
    Ok(())
}

pub(super) async fn read_history(cx: JobCtx, world: World, workspace: Workspace) -> JobResult {
    let plan = whole_plan(&cx, &workspace).await?;
    let history = history::read(&world, &workspace, &plan.workflow, cx.cancel_token()).await?;
    cx.update(Update::HistoryRead {
        workspace: workspace.id.clone(),
        history,
    })
    .await;
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let me = cx.blocking(move |_| Ok(git.user_name(&root))).await?;
    let authors = world.git().authors(&workspace.root, MAX_AUTHORS).await?;
    cx.update(Update::People {
        workspace: workspace.id,
        me,
        authors,
    })
    .await;
    Ok(())
}

pub(super) async fn forecast(cx: JobCtx, world: World, workspace: Workspace, filter: String, seed: Option<u64>) -> JobResult {
    let wanted = Filter::strict(&filter)?;
    let context = context(&cx, &world, &workspace).await?;
    let plan = whole_plan(&cx, &workspace).await?;
    let history = history::read(&world, &workspace, &plan.workflow, cx.cancel_token()).await?;
    let (now, today) = (cx.now(), context.today);
    cx.update(Update::HistoryRead {
        workspace: workspace.id.clone(),
        history: history.clone(),
    })
    .await;
    let forecast = cx
        .blocking(move |_| {
            let links = Links::of(&plan);
            let items = wanted.items(&plan, &links, &context);
            // The same question on the same day gives the same answer.
            Ok(forecast::simulate(
                &plan,
                &links,
                &history,
                &items,
                now,
                today,
                seed.unwrap_or(1),
            ))
        })
        .await?;
    cx.update(Update::Forecasted {
        workspace: workspace.id,
        filter,
        forecast,
    })
    .await;
    Ok(())
}

async fn tell_views(cx: &JobCtx, workspace: &Workspace) -> JobResult {
    let at = workspace.clone();
    let (views, problems) = cx.blocking(move |_| Ok(views::read(&at))).await?;
    cx.update(Update::ViewsRead {
        workspace: workspace.id.clone(),
        views,
        problems,
    })
    .await;
    Ok(())
}

pub(super) async fn save_view(cx: JobCtx, workspace: Workspace, view: views::View) -> JobResult {
    let at = workspace.clone();
    cx.blocking(move |_| views::save(&at, &view)).await?;
    tell_views(&cx, &workspace).await
}

pub(super) async fn remove_view(cx: JobCtx, workspace: Workspace, name: String) -> JobResult {
    let at = workspace.clone();
    cx.blocking(move |_| views::remove(&at, &name)).await?;
    tell_views(&cx, &workspace).await
}

/// Writes the rules. A workspace that was trusted stays so: nobody else wrote what is new in the file.
pub(super) async fn set_rules(cx: JobCtx, world: World, workspace: Workspace, rules: Vec<PlanRule>) -> JobResult {
    cx.blocking(move |_| {
        let is_trusted = world.trust().check(&workspace).is_ok();
        rule_file::write(&workspace, &rules)?;
        if is_trusted {
            world.trust().trust(&workspace)?;
        }
        Ok(())
    })
    .await
}

/// What an import does beside making what is new.
#[derive(Clone, Copy)]
pub(super) struct How {
    pub(super) is_preview: bool,
    pub(super) updates: bool,
}

pub(super) async fn import(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    path: PathBuf,
    format: Option<Format>,
    how: How,
) -> JobResult {
    let is_preview = how.is_preview;
    let plan = whole_plan(&cx, &workspace).await?;
    let (day, at, from) = (Day::of(&cx), workspace.clone(), path.clone());
    let done = cx
        .blocking(move |cx| {
            let text = files::read_text(&from, exchange::MAX_BYTES).map_err(|problem| {
                if problem.code == "not-found" {
                    problem.hint(msg!("plan-import-file-hint"))
                } else {
                    problem
                }
            })?;
            let format = format.unwrap_or_else(|| Format::guess(&from, &text));
            let (mut incoming, mut problems) = exchange::read(&text, format).map_err(|mut problem| {
                if let Some(place) = &mut problem.place {
                    place.path.clone_from(&from);
                }
                problem
            })?;
            let mut rows = exchange::sorted(&incoming, &plan);
            problems.extend(exchange::remarks(&mut incoming, &rows, &plan));
            let folder = Folder::open(&at)?.at(cx.now());
            let (mut items, mut refused) = (Vec::new(), Vec::new());
            let mut ended = Ok(());
            if !is_preview && how.updates {
                ended = update(cx, &folder, &plan, &incoming, &mut rows, day.today, &mut items, &mut refused);
            }
            if !is_preview && ended.is_ok() {
                ended = make(cx, &folder, &plan, incoming, &mut rows, day, &mut items);
            }
            problems.extend(refused.iter().map(|(_, problem): &(String, Problem)| problem.clone()));
            Ok(Imported {
                items,
                rows,
                problems,
                format,
                changes: folder.take_changes(),
                refused,
                ended,
            })
        })
        .await?;
    let title = msg!("plan-job-import", path = &path);
    undo::keep(&cx, &world, &workspace, title, done.changes).await?;
    tell(&cx, &workspace, done.items, Vec::new()).await;
    let n_updated = done.rows.iter().filter(|row| row.is_updated).count();
    cx.update(Update::Imported {
        workspace: workspace.id,
        path,
        format: done.format,
        rows: done.rows,
        problems: done.problems,
        is_preview,
    })
    .await;
    done.ended?;
    some_failed(&done.refused, n_updated + done.refused.len())
}

/// What an import did, also one that ended early: what was written can be taken back.
struct Imported {
    items: Vec<Item>,
    rows: Vec<ImportRow>,
    problems: Vec<Problem>,
    format: Format,
    changes: Vec<FileChange>,
    /// Items that may not be changed as the file says.
    refused: Vec<(String, Problem)>,
    ended: JobResult,
}

/// Changes the items that are here to say what the file says; one that may not be changed holds no other up.
#[expect(clippy::too_many_arguments, reason = "what is read, and what is told of it")]
fn update(
    cx: &JobCtx,
    folder: &Folder,
    plan: &Plan,
    incoming: &[exchange::Incoming],
    rows: &mut [ImportRow],
    today: Date,
    items: &mut Vec<Item>,
    refused: &mut Vec<(String, Problem)>,
) -> JobResult {
    for (incoming, row) in incoming.iter().zip(rows.iter_mut()) {
        cx.check()?;
        let Some(item) = row.known.as_deref().and_then(|id| plan.item(id)) else {
            continue;
        };
        let (changes, _) = exchange::changes_of(incoming, item, plan);
        if changes.is_empty() {
            continue;
        }
        match folder.edit(&item.id, &changes, None, today) {
            Ok(item) => {
                items.push(item);
                row.is_updated = true;
            }
            Err(problem) => refused.push((item.id.clone(), problem)),
        }
    }
    Ok(())
}

fn make(
    cx: &JobCtx,
    folder: &Folder,
    plan: &Plan,
    incoming: Vec<exchange::Incoming>,
    rows: &mut [ImportRow],
    day: Day,
    items: &mut Vec<Item>,
) -> JobResult {
    let mut taken = folder.taken()?;
    let (n, n_before) = (incoming.len(), items.len());
    for (done, (incoming, row)) in incoming.into_iter().zip(rows.iter_mut()).enumerate() {
        cx.check()?;
        cx.progress(Progress::of(done as u64, n as u64, Unit::Steps));
        if row.known.is_some() {
            continue;
        }
        let draft = Draft {
            id: incoming.id.clone(),
            state: Some(exchange::state_of(&incoming, plan)),
            time: Some(later_by(day.time, items.len() - n_before)),
            ..incoming.draft
        };
        let item = folder.create_beside(&draft, &mut taken, day.today, |below| fastrand::u32(..below))?;
        row.made = Some(item.id.clone());
        items.push(item);
    }
    Ok(())
}

pub(super) async fn export(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    to: Option<WriteTo>,
    format: Format,
    filter: String,
) -> JobResult {
    let wanted = Filter::strict(&filter)?;
    let context = context(&cx, &world, &workspace).await?;
    let plan = whole_plan(&cx, &workspace).await?;
    let (text, path, n_items) = cx
        .blocking(move |_| {
            let links = Links::of(&plan);
            let items = wanted.items(&plan, &links, &context);
            let text = exchange::write(&items, &plan, format)?;
            if let Some(to) = &to {
                let path = files::write_out(to, text.as_bytes(), None)?;
                return Ok((String::new(), Some(path), items.len()));
            }
            Ok((text, None, items.len()))
        })
        .await?;
    cx.update(Update::Exported {
        workspace: workspace.id,
        path,
        text,
        n_items,
    })
    .await;
    Ok(())
}

pub(super) async fn load_templates(cx: JobCtx, workspace: Workspace, lang: Lang) -> JobResult {
    let at = workspace.clone();
    let (found, problems) = cx.blocking(move |_| Ok(templates::all(&at, lang))).await?;
    let info = |template: templates::Template| TemplateInfo {
        n_items: template.items.len(),
        name: template.name,
        title: template.title,
        about: template.about,
        values: template.values,
    };
    cx.update(Update::TemplatesRead {
        workspace: workspace.id,
        templates: found.into_iter().map(info).collect(),
        problems,
    })
    .await;
    Ok(())
}

pub(super) async fn add_template(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    name: String,
    values: BTreeMap<String, String>,
    milestone: Option<String>,
    lang: Lang,
) -> JobResult {
    let (day, at) = (Day::of(&cx), workspace.clone());
    let title = msg!("plan-job-template", name = name.as_str());
    let (items, changes, ended) = cx
        .blocking(move |cx| {
            let (found, _) = templates::all(&at, lang);
            let known: Vec<String> = found.iter().map(|template| template.name.clone()).collect();
            let template = found.into_iter().find(|template| template.name == name).ok_or_else(|| {
                let problem = Problem::user(msg!("plan-template-none", name = name.as_str())).code("not-found");
                problem.hint(msg!("plan-remark-words-hint", words = known.join(", ")))
            })?;
            let folder = Folder::open(&at)?.at(cx.now());
            let mut taken = folder.taken()?;
            let mut made: BTreeMap<String, String> = BTreeMap::new();
            let mut items = Vec::new();
            let mut ended = Ok(());
            for (key, mut draft) in template.drafts(&values, milestone.as_deref())? {
                draft.parent = draft.parent.and_then(|key| made.get(&key).cloned());
                draft.depends = draft.depends.iter().filter_map(|key| made.get(key).cloned()).collect();
                draft.time = Some(later_by(day.time, items.len()));
                let random = |below: u32| fastrand::u32(..below);
                let item = cx
                    .check()
                    .and_then(|()| folder.create_beside(&draft, &mut taken, day.today, random));
                match item {
                    Ok(item) => {
                        made.insert(key, item.id.clone());
                        items.push(item);
                    }
                    // What was made before can be taken back.
                    Err(problem) => {
                        ended = Err(problem);
                        break;
                    }
                }
            }
            Ok((items, folder.take_changes(), ended))
        })
        .await?;
    undo::keep(&cx, &world, &workspace, title, changes).await?;
    let ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
    tell(&cx, &workspace, items, Vec::new()).await;
    cx.update(Update::MadeMany {
        workspace: workspace.id,
        ids,
    })
    .await;
    ended
}
