//! What the module planner does: one async function per command. Only committing runs a program, git.

mod writing;

use super::folder::{self, FileChange, Stamps};
use super::known::Plan;
use super::{Address, Change, Command, Did, Drift, FileState, Module, Update, drift, generate, readback};
use crate::adapters::World;
use crate::adapters::store::undo::UndoRow;
use crate::areas::plan::Update as PlanUpdate;
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Msg, Problem, Workspace, WorkspaceId};
use crate::engine::{JobResult, Overlap};
use crate::msg;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

const AREA: &str = "plan";
/// How often the folder is looked at for changes from outside.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A stable word in the undo list.
const EDIT: &str = "edit-modules";
const MAX_UNDO: u32 = 500;

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::Load { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-modules-job-load"), move |cx| load(cx, world, workspace))
                .workspace(&id)
                .key(format!("plan/modules/load/{id}"), Overlap::Latest)
                .quiet()
        }
        Command::Watch { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-modules-job-watch"), move |cx| watch(cx, world, workspace))
                .workspace(&id)
                .key(format!("plan/modules/watch/{id}"), Overlap::Replace)
                .quiet()
        }
        Command::Check { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-modules-job-check"), move |cx| check(cx, world, workspace))
                .workspace(&id)
                .quiet()
        }
        Command::Mend { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-modules-undo-fix"), move |cx| mend(cx, world, workspace)).workspace(&id)
        }
        Command::Edit {
            workspace,
            title,
            changes,
        } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, title.clone(), move |cx| edit(cx, world, workspace, title, changes)).workspace(&id)
        }
        Command::Undo { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-modules-job-undo"), move |cx| {
                take_back(cx, world, workspace, true)
            })
            .workspace(&id)
        }
        Command::Redo { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-modules-job-redo"), move |cx| {
                take_back(cx, world, workspace, false)
            })
            .workspace(&id)
        }
        Command::Preview {
            workspace,
            module,
            template,
        } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-modules-job-preview", module = module.as_str()), move |cx| {
                preview(cx, world, workspace, module, template)
            })
            .workspace(&id)
            .key(format!("plan/modules/preview/{id}"), Overlap::Replace)
            .quiet()
        }
        Command::Generate {
            workspace,
            module,
            template,
            options,
        } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-modules-job-generate", module = module.as_str()), move |cx| {
                Box::pin(writing::generate_module(cx, world, workspace, module, template, options))
            })
            .workspace(&id)
            .key(format!("plan/modules/generate/{id}"), Overlap::Refuse)
        }
        Command::Read {
            workspace,
            path,
            to,
            is_dry,
            replaces,
        } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-modules-job-read", path = &path), move |cx| {
                Box::pin(read(cx, world, workspace, path, to, is_dry, replaces))
            })
            .workspace(&id)
        }
        Command::Compare { workspace, module } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-modules-job-compare"), move |cx| {
                compare(cx, world, workspace, module)
            })
            .workspace(&id)
            .key(format!("plan/modules/compare/{id}"), Overlap::Replace)
            .quiet()
        }
    }
}

async fn tell(cx: &JobCtx, update: Update) {
    cx.update(PlanUpdate::Modules(update)).await;
}

/// What can be undone and redone: an entry that was taken back counts while nothing was done after it.
async fn entries(world: &World, workspace: &WorkspaceId) -> Result<(Option<UndoRow>, Option<UndoRow>), Problem> {
    let mut rows = world.store().undo().list(workspace, MAX_UNDO).await?;
    rows.retain(|row| row.area == AREA && row.what == EDIT);
    let undo = rows
        .iter()
        .filter(|row| row.undone_at.is_none())
        .max_by_key(|row| row.id)
        .cloned();
    let after = undo.as_ref().map_or(0, |row| row.id);
    let redo = rows
        .iter()
        .filter(|row| row.undone_at.is_some() && row.id > after)
        .min_by_key(|row| row.id)
        .cloned();
    Ok((undo, redo))
}

async fn reload(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<Plan, Problem> {
    let at = workspace.clone();
    let plan = cx
        .blocking(move |_| {
            let mut plan = folder::load(&at)?;
            plan.templates = generate::templates(&at);
            Ok(plan)
        })
        .await?;
    let (undo, redo) = entries(world, &workspace.id).await?;
    let update = Update::Loaded {
        workspace: workspace.id.clone(),
        plan: plan.clone(),
        can_undo: undo.is_some(),
        can_redo: redo.is_some(),
    };
    tell(cx, update).await;
    Ok(plan)
}

async fn load(cx: JobCtx, world: World, workspace: Workspace) -> JobResult {
    let id = workspace.id.clone();
    tell(&cx, Update::LoadStarted { workspace: id.clone() }).await;
    let result = reload(&cx, &world, &workspace).await;
    if let Err(problem) = &result {
        let problem = problem.clone();
        tell(&cx, Update::LoadFailed { workspace: id, problem }).await;
    }
    result.map(drop)
}

async fn watch(cx: JobCtx, world: World, workspace: Workspace) -> JobResult {
    let on = |is_on| Update::Watching {
        workspace: workspace.id.clone(),
        is_on,
    };
    tell(&cx, on(true)).await;
    let result = watch_loop(&cx, &world, &workspace).await;
    tell(&cx, on(false)).await;
    result
}

async fn watch_loop(cx: &JobCtx, world: &World, workspace: &Workspace) -> JobResult {
    let mut known = look(cx, workspace).await?;
    loop {
        cx.sleep(LOOK_EVERY).await?;
        let now = look(cx, workspace).await?;
        if now != known {
            reload(cx, world, workspace).await?;
            known = now;
        }
    }
}

async fn look(cx: &JobCtx, workspace: &Workspace) -> Result<Stamps, Problem> {
    let workspace = workspace.clone();
    cx.blocking(move |_| folder::stamps(&workspace)).await
}

async fn check(cx: JobCtx, world: World, workspace: Workspace) -> JobResult {
    let plan = reload(&cx, &world, &workspace).await?;
    no_errors(&plan)
}

/// Fails when something stops the generation.
fn no_errors(plan: &Plan) -> JobResult {
    let findings = super::check::findings(plan);
    let n = findings.iter().filter(|finding| finding.is_error).count() + plan.unreadable.len();
    if n == 0 {
        return Ok(());
    }
    Err(Problem::config(msg!("plan-modules-check-found", n = n)).code("modules"))
}

async fn mend(cx: JobCtx, world: World, workspace: Workspace) -> JobResult {
    let at = workspace.clone();
    let mended = cx
        .blocking(move |cx| super::mend::mend(&at, &generate::templates(&at), &|| cx.is_cancelled()))
        .await?;
    let files = mended.files.iter().map(|file| file.file.clone()).collect();
    let did = Did::Mended {
        files,
        fixes: mended.fixes,
    };
    let plan = write_kept(&cx, &world, &workspace, msg!("plan-modules-undo-fix"), mended.files, did).await?;
    no_errors(&plan)
}

async fn edit(cx: JobCtx, world: World, workspace: Workspace, title: Msg, changes: Vec<Change>) -> JobResult {
    let at = workspace.clone();
    let also = beside(&changes);
    let files = cx.blocking(move |_| folder::work_out(&at, &changes)).await?;
    let did = edited(&files, also);
    write_kept(&cx, &world, &workspace, title, files, did).await.map(drop)
}

fn edited(files: &[FileChange], also: Vec<Address>) -> Did {
    Did::Edited {
        files: files.iter().map(|file| file.file.clone()).collect(),
        also,
    }
}

/// What is changed beside the thing that gets another name or goes, each once.
fn beside(changes: &[Change]) -> Vec<Address> {
    let Some((Change::Rename { at, .. } | Change::Remove { at }, others)) = changes.split_last() else {
        return Vec::new();
    };
    let mut out: Vec<Address> = Vec::new();
    for other in others.iter().map(Change::at).filter(|other| other != at) {
        if !out.contains(&other) {
            out.push(other);
        }
    }
    out
}

/// Keeps what the files were, writes them, and tells what was done and the plan as it is then.
async fn write_kept(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    title: Msg,
    files: Vec<FileChange>,
    did: Did,
) -> Result<Plan, Problem> {
    if !files.is_empty() {
        let entry = UndoRow {
            id: 0,
            workspace: workspace.id.clone(),
            area: AREA.to_owned(),
            what: EDIT.to_owned(),
            title,
            data: serde_json::to_value(&files)
                .map_err(|error| Problem::internal(msg!("plan-modules-job-undo")).details(error))?,
            at: cx.now(),
            undone_at: None,
        };
        let entry = world.store().undo().add(entry).await?;
        let at = workspace.clone();
        let written = cx.blocking(move |_| folder::write(&at, &files, false)).await;
        if written.is_err() {
            world.store().undo().forget(entry.id).await?;
        }
        written?;
    }
    let plan = reload(cx, world, workspace).await?;
    tell(
        cx,
        Update::Done {
            workspace: workspace.id.clone(),
            did,
        },
    )
    .await;
    Ok(plan)
}

async fn take_back(cx: JobCtx, world: World, workspace: Workspace, is_undo: bool) -> JobResult {
    let (undo, redo) = entries(&world, &workspace.id).await?;
    let nothing = || {
        let what = if is_undo {
            msg!("plan-modules-nothing-to-undo")
        } else {
            msg!("plan-modules-nothing-to-redo")
        };
        Problem::user(what).code("not-found")
    };
    let entry = if is_undo { undo } else { redo }.ok_or_else(nothing)?;
    let files: Vec<FileChange> = serde_json::from_value(entry.data.clone()).map_err(|error| nothing().details(error))?;
    let at = workspace.clone();
    cx.blocking(move |_| folder::write(&at, &files, is_undo)).await?;
    let title = entry.title.clone();
    let did = if is_undo {
        world.store().undo().undone(entry.id).await?;
        Did::Undone { title }
    } else {
        world.store().undo().redone(entry.id).await?;
        Did::Redone { title }
    };
    reload(&cx, &world, &workspace).await?;
    tell(
        &cx,
        Update::Done {
            workspace: workspace.id,
            did,
        },
    )
    .await;
    Ok(())
}

/// The plan and one of its modules, when it can be generated.
fn sound(plan: &Plan, module: &str) -> Result<Module, Problem> {
    let found = plan.module(module).cloned();
    let found = found.ok_or_else(|| plan.absent(module))?;
    // What a merge left both sides in is no plan yet.
    let is_its_own = |problem: &&Problem| problem.place.as_ref().is_some_and(|place| place.path.ends_with(&found.file));
    if let Some(problem) = plan.unreadable.iter().find(is_its_own) {
        return Err(problem.clone());
    }
    let errors: Vec<super::Finding> = super::check::findings(plan)
        .into_iter()
        .filter(|finding| finding.is_error && finding.at.module == module)
        .collect();
    if errors.is_empty() {
        return Ok(found);
    }
    let lines: Vec<String> = errors
        .iter()
        .map(|finding| format!("{}:{}: {}", finding.file.display(), finding.line, finding.at))
        .collect();
    let problem = Problem::config(msg!("plan-modules-not-sound", module = module, n = errors.len())).code("modules");
    Err(problem.details(lines.join("\n")).hint(msg!("plan-modules-not-sound-hint")))
}

async fn preview(cx: JobCtx, world: World, workspace: Workspace, module: String, template: Option<String>) -> JobResult {
    let id = workspace.id.clone();
    tell(&cx, Update::Previewing { workspace: id.clone() }).await;
    let output = cx
        .blocking(move |_| {
            let plan = folder::load(&workspace)?;
            let module = sound(&plan, &module)?;
            generate::preview(world.git(), &workspace, &workspace.root, &plan, &module, template.as_deref())
        })
        .await;
    match output {
        Ok(output) => tell(&cx, Update::Previewed { workspace: id, output }).await,
        Err(problem) => {
            let told = problem.clone();
            tell(
                &cx,
                Update::PreviewFailed {
                    workspace: id,
                    problem: told,
                },
            )
            .await;
            return Err(problem);
        }
    }
    Ok(())
}

async fn read(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    path: PathBuf,
    to: Option<String>,
    is_dry: bool,
    replaces: bool,
) -> JobResult {
    let found = cx.blocking(move |cx| readback::read(&path, &|| cx.is_cancelled())).await?;
    cx.check()?;
    let mut modules: Vec<Module> = found.modules.iter().map(generate::compacted).collect();
    if let Some(to) = to {
        if modules.len() > 1 {
            return Err(Problem::user(msg!("plan-modules-many-read", n = modules.len())).code("many"));
        }
        for module in &mut modules {
            module.name.clone_from(&to);
        }
    }
    for (module, folder) in modules.iter_mut().zip(&found.folders) {
        // Where it stands is where it is compared and generated again.
        let folder = plain(folder);
        let Ok(below) = folder.strip_prefix(&workspace.root) else {
            continue;
        };
        let text = |path: &Path| path.to_string_lossy().into_owned();
        match below.parent() {
            Some(above) if below.file_name().is_some_and(|name| *name == *module.name) => {
                module.values.set_text("target", &text(above));
            }
            Some(_) => module.values.set("folder", text(below)),
            None => module.values.set("folder", "."),
        }
    }
    if !is_dry {
        let (at, all) = (workspace.clone(), modules.clone());
        let files = cx.blocking(move |_| kept(&at, &all, replaces)).await?;
        let title = msg!("plan-modules-undo-read", n = modules.len());
        let did = edited(&files, Vec::new());
        write_kept(&cx, &world, &workspace, title, files, did).await?;
    }
    tell(
        &cx,
        Update::Done {
            workspace: workspace.id.clone(),
            did: Did::Read {
                modules,
                problems: found.problems,
                is_dry,
            },
        },
    )
    .await;
    Ok(())
}

/// A path without the steps back that were typed.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            out.pop();
        } else {
            out.push(part);
        }
    }
    out
}

/// The files that hold what was read.
fn kept(workspace: &Workspace, modules: &[Module], replaces: bool) -> Result<Vec<FileChange>, Problem> {
    let plan = folder::load(workspace)?;
    let beneath = crate::adapters::files::Beneath::open(&workspace.root)?;
    let mut files = Vec::new();
    for module in modules {
        let known = plan.module(&module.name);
        if known.is_some() && !replaces {
            let problem = Problem::user(msg!("plan-modules-is-there", name = module.name.as_str())).code("is-there");
            return Err(problem.hint(msg!("plan-modules-is-there-hint")));
        }
        let file = match known {
            Some(known) => known.file.clone(),
            None => folder::file_of(&module.name)?,
        };
        let before = match beneath.read_text(&file, 4 << 20) {
            Ok(text) => Some(text),
            Err(problem) if problem.code == "not-found" => None,
            Err(problem) => return Err(problem),
        };
        files.push(FileChange {
            after: Some(folder::text_of(module)?),
            file,
            before,
        });
    }
    files.retain(|file| file.before != file.after);
    Ok(files)
}

async fn compare(cx: JobCtx, world: World, workspace: Workspace, module: Option<String>) -> JobResult {
    let id = workspace.id.clone();
    tell(&cx, Update::Comparing { workspace: id.clone() }).await;
    let drifts = cx.blocking(move |cx| drifts(cx, &world, &workspace, module.as_deref())).await;
    match drifts {
        Ok(drifts) => {
            let problem = drifts.iter().find_map(|drift| drift.problems.first().cloned());
            tell(&cx, Update::Compared { workspace: id, drifts }).await;
            // What is not read may be there or not.
            if let Some(problem) = problem {
                return Err(problem);
            }
        }
        Err(problem) => {
            let told = problem.clone();
            tell(
                &cx,
                Update::CompareFailed {
                    workspace: id,
                    problem: told,
                },
            )
            .await;
            return Err(problem);
        }
    }
    Ok(())
}

fn drifts(cx: &JobCtx, world: &World, workspace: &Workspace, module: Option<&str>) -> Result<Vec<Drift>, Problem> {
    let plan = folder::load(workspace)?;
    if let Some(name) = module.filter(|name| plan.module(name).is_none()) {
        return Err(plan.absent(name));
    }
    let mut out = Vec::new();
    for planned in plan
        .modules
        .iter()
        .filter(|planned| module.is_none_or(|name| planned.name == name))
    {
        cx.check()?;
        let target = workspace.root.join(generate::target_of(planned)?);
        if generate::is_built_in(planned.template()) {
            let (code, problems) = match readback::read(&target, &|| cx.is_cancelled()) {
                Ok(found) => {
                    let template = |module: &Module| module.template() == planned.template();
                    (found.modules.into_iter().find(template), found.problems)
                }
                Err(problem) if problem.code == "not-found" => (None, Vec::new()),
                Err(problem) => (None, vec![problem]),
            };
            let told = drift::compare(planned, code.as_ref());
            out.push(Drift { problems, ..told });
            continue;
        }
        // What a template of the user's own gives is compared file by file.
        let output = generate::preview(world.git(), workspace, &workspace.root, &plan, planned, None)?;
        let mut told = Drift {
            module: planned.name.clone(),
            is_written: output.files.iter().any(|file| file.seen.is_some()),
            n_same: output.count(FileState::Same),
            ..Drift::default()
        };
        let keys: Vec<(String, String, String)> = output
            .files
            .iter()
            .filter(|file| file.state != FileState::Same)
            .map(|file| {
                (
                    file.path.clone(),
                    format!("+{}", file.diff.n_added),
                    format!("-{}", file.diff.n_removed),
                )
            })
            .collect();
        if !keys.is_empty() {
            told.differences.push(super::Difference {
                at: Address::module(&planned.name),
                side: super::Side::Both,
                keys,
                to_plan: Vec::new(),
            });
        }
        out.push(told);
    }
    Ok(out)
}
