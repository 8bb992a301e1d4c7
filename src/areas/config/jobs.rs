//! What Configuration does: one async function per command.

use super::{Command, Health, HealthCheck, ProjectCheck, Row, Tools, Update, init, secrets};
use crate::adapters::doctor::{self, DoctorOptions};
use crate::adapters::{World, artifacts, editor, files, scan};
use crate::areas::build::detect as build_detect;
use crate::areas::code::open;
use crate::areas::devops::machine;
use crate::areas::devops::project::{self, ProjectFile};
use crate::areas::plan::stamps;
use crate::areas::release::{files as release_files, history};
use crate::areas::test::frameworks::detect as test_detect;
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Catalog, GitPath, Lang, Problem, Progress, State, Unit, Workspace};
use crate::engine::{JobResult, Overlap};
use crate::msg;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

const AREA: &str = "config";
/// How often the settings file is looked at for changes from outside.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::Load => JobSpec::new(AREA, msg!("config-job-load"), move |cx| load(cx, world))
            .key("config/load", Overlap::Latest)
            .quiet(),
        Command::Watch => JobSpec::new(AREA, msg!("config-job-watch"), move |cx| watch(cx, world))
            .key("config/watch", Overlap::Replace)
            .quiet(),
        Command::Set { key, value } => {
            let title = msg!("config-job-set", key = key.as_str());
            JobSpec::new(AREA, title, move |cx| set(cx, world, key, value)).quiet()
        }
        Command::Reset { key } => {
            let title = msg!("config-job-reset", key = key.as_str());
            JobSpec::new(AREA, title, move |cx| {
                change(cx, world, move |world| world.settings_file().reset(&key).map(drop))
            })
            .quiet()
        }
        Command::Measure => JobSpec::new(AREA, msg!("config-job-measure"), move |cx| measure(cx, world))
            .key("config/measure", Overlap::Latest)
            .quiet(),
        Command::FindTools => {
            JobSpec::new(AREA, msg!("config-job-tools"), move |cx| find_tools(cx, world)).key("config/tools", Overlap::Latest)
        }
        Command::Doctor { read_data, repair } => JobSpec::new(AREA, msg!("config-job-doctor"), move |cx| {
            examine(cx, world, DoctorOptions { read_data, repair })
        })
        .key("config/doctor", Overlap::Refuse),
        Command::CheckProject { file } => JobSpec::new(AREA, msg!("config-job-check", path = &file), move |cx| {
            check_project(cx, world, file)
        })
        .quiet(),
        Command::InitProject { dir, lang } => JobSpec::new(AREA, msg!("config-job-init", path = &dir), move |cx| async move {
            init_project(&cx, &world, dir, lang).await
        }),
        Command::EditProject { workspace, lang } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("config-job-edit-project"), move |cx| {
                edit_project(cx, world, workspace, lang)
            })
            .workspace(&id)
        }
        Command::Secrets { root, act } => {
            let is_list = act == secrets::Act::List;
            let spec = JobSpec::new(AREA, secrets::title(&act), move |cx| of_secrets(cx, world, root, act));
            if is_list {
                spec.key("config/secrets", Overlap::Latest).quiet()
            } else {
                spec
            }
        }
        Command::Export { to } => {
            let title = msg!("config-job-export", path = &to.path);
            JobSpec::new(AREA, title, move |cx| {
                change(cx, world, move |world| world.settings_file().export(&to))
            })
        }
        Command::Import { from } => {
            let title = msg!("config-job-import", path = &from);
            JobSpec::new(AREA, title, move |cx| {
                change(cx, world, move |world| world.settings_file().import(&from).map(drop))
            })
        }
    }
}

async fn load(cx: JobCtx, world: World) -> JobResult {
    cx.update(Update::LoadStarted).await;
    let result = read(&cx, &world).await;
    if let Err(problem) = &result {
        cx.update(Update::LoadFailed {
            problem: problem.clone(),
        })
        .await;
    }
    result
}

/// Reads the file, puts it in force and tells it.
async fn read(cx: &JobCtx, world: &World) -> JobResult {
    let world = world.clone();
    let update = cx
        .blocking(move |_| {
            let file = world.settings_file();
            let (settings, problems) = file.load();
            let rows = file.rows().into_iter().map(|row| Row {
                key: row.key,
                value: row.value,
                default: row.default,
                is_set: row.is_set,
            });
            let rows = rows.collect();
            world.set_settings(settings.clone());
            Ok(Update::Loaded {
                file: file.path().to_path_buf(),
                settings: Box::new(settings),
                rows,
                problems,
            })
        })
        .await?;
    cx.update(update).await;
    Ok(())
}

/// Bytes on the disk of what has a limit of its own.
async fn measure(cx: JobCtx, world: World) -> JobResult {
    let used = cx
        .blocking(move |_| {
            let below = |dir: &Path| scan::every_file(dir).iter().map(|file| scan::size(file)).sum::<u64>();
            let data = &world.dirs().data;
            let samples = ["samples.sqlite", "samples.sqlite-wal"].map(|name| scan::size(&data.join(name)));
            let used = [
                ("retention.logs_max_mb", below(&world.dirs().logs)),
                ("retention.samples_max_mb", samples.iter().sum()),
                ("retention.artifacts_max_mb", below(&artifacts::folder(data))),
            ];
            Ok(used.map(|(key, bytes)| (key.to_owned(), bytes)).into())
        })
        .await?;
    cx.update(Update::Measured { used }).await;
    Ok(())
}

async fn change(cx: JobCtx, world: World, act: impl FnOnce(&World) -> JobResult + Send + 'static) -> JobResult {
    let at = world.clone();
    cx.blocking(move |_| act(&at)).await?;
    read(&cx, &world).await
}

/// Sets a key, and tells of what it names and what is not there: it may be a disk that is not plugged in.
async fn set(cx: JobCtx, world: World, key: String, value: String) -> JobResult {
    let (at, set_key) = (world.clone(), key.clone());
    let settings = cx.blocking(move |_| at.settings_file().set_text(&set_key, &value)).await?;
    let named: Vec<&PathBuf> = match key.strip_prefix("tools.paths.") {
        Some(name) => settings.tools.paths.get(name.trim_matches('"')).into_iter().collect(),
        None if key == "workspaces.roots" => settings.workspaces.roots.iter().collect(),
        None => Vec::new(),
    };
    for missing in named.into_iter().filter(|path| !path.exists()) {
        let told = msg!("config-names-nothing", key = key.as_str(), path = missing);
        cx.problem(Problem::environment(told).code("not-found")).await;
    }
    read(&cx, &world).await
}

async fn watch(cx: JobCtx, world: World) -> JobResult {
    cx.update(Update::Watching { is_on: true }).await;
    let result = watch_loop(&cx, &world).await;
    cx.update(Update::Watching { is_on: false }).await;
    result
}

async fn watch_loop(cx: &JobCtx, world: &World) -> JobResult {
    let mut known = hash(cx, world).await?;
    read(cx, world).await?;
    loop {
        cx.sleep(LOOK_EVERY).await?;
        let now = hash(cx, world).await?;
        if now != known {
            read(cx, world).await?;
        }
        known = now;
    }
}

async fn hash(cx: &JobCtx, world: &World) -> Result<String, Problem> {
    let world = world.clone();
    cx.blocking(move |_| {
        let bytes = files::read(world.settings_file().path(), files::MAX_TEXT_BYTES);
        Ok(bytes.map_or_else(|problem| problem.code, |bytes| files::sha256_of(&bytes)))
    })
    .await
}

async fn find_tools(cx: JobCtx, world: World) -> JobResult {
    cx.update(Update::ToolsStarted).await;
    let found = machine::tools(&world, cx.cancel_token(), |done, total| {
        cx.progress(Progress::of(done as u64, total as u64, Unit::Steps));
    })
    .await;
    match found {
        Ok(tools) => {
            cx.update(Update::ToolsFound(Tools { tools, at: cx.now() })).await;
            Ok(())
        }
        Err(problem) => {
            cx.update(Update::ToolsFailed {
                problem: problem.clone(),
            })
            .await;
            Err(problem)
        }
    }
}

async fn examine(cx: JobCtx, world: World, options: DoctorOptions) -> JobResult {
    cx.update(Update::DoctorStarted).await;
    let now = cx.now();
    let examined = cx
        .blocking(move |_| Ok(doctor::examine_home(world.dirs(), options, now)))
        .await;
    let checks = match examined {
        Ok(checks) => checks,
        Err(problem) => {
            cx.update(Update::DoctorFailed {
                problem: problem.clone(),
            })
            .await;
            return Err(problem);
        }
    };
    let n_failed = checks.iter().filter(|check| check.state == State::Failed).count();
    let checks = checks.into_iter().map(|check| HealthCheck {
        id: check.id,
        title: check.title,
        state: check.state,
        outcome: check.outcome,
        details: check.details,
        hint: check.hint,
        is_repaired: check.repaired,
    });
    let health = Health {
        checks: checks.collect(),
        at: cx.now(),
        is_deep: options.read_data,
    };
    cx.update(Update::DoctorDone(health)).await;
    if n_failed > 0 {
        return Err(Problem::environment(msg!("config-unsound", n = n_failed)).code("unsound"));
    }
    Ok(())
}

async fn init_project(cx: &JobCtx, world: &World, dir: PathBuf, lang: Lang) -> JobResult {
    let workspace = Workspace::at(&files::canonicalize(&dir)?);
    let (mut release, _) = release_files::project(&workspace)?;
    let release = &mut release.release;
    release.tag = Some(history::pattern(world, &workspace, release, cx.cancel_token()).await?);
    let release = release.clone();
    let was_trusted = world.trust().check(&workspace).is_ok();
    let has_nextest = world.processes().resolve("cargo-nextest", Some(&dir)).is_ok();
    let (file, text) = cx
        .blocking(move |cx| {
            let dir = files::canonicalize(&dir)?;
            let file = dir.join(project::FILE_NAME);
            if files::read_text_if_there(&file, files::MAX_TEXT_BYTES)?.is_some() {
                return Err(Problem::user(msg!("config-init-exists", path = &file))
                    .code("exists")
                    .hint(msg!("config-init-exists-hint")));
            }
            let detected = build_detect::detect(&dir, &|| cx.is_cancelled());
            let (sites, _) = test_detect::sites(&dir, has_nextest, &|| cx.is_cancelled());
            cx.check()?;
            let tests: Vec<String> = sites
                .iter()
                .map(|site| format!("{} ({})", site.runner.word(), site.dir_word()))
                .collect();
            let name = dir.file_name().map(|name| name.to_string_lossy().into_owned());
            let text = init::text(&name.unwrap_or_default(), &detected, &tests, &release, &Catalog::new(lang));
            let beneath = files::Beneath::open(&dir)?;
            beneath.write_atomic(project::FILE_NAME.as_ref(), text.as_bytes())?;
            Ok((file, text))
        })
        .await?;
    // What the program itself has written from what is there changes nothing about the user's trust.
    if was_trusted {
        world.trust().trust(&workspace)?;
    }
    cx.update(Update::ProjectWritten { file, text }).await;
    Ok(())
}

async fn edit_project(cx: JobCtx, world: World, workspace: Workspace, lang: Lang) -> JobResult {
    if !scan::is_file(&workspace.root.join(project::FILE_NAME)) {
        // Nothing is written that could not be shown.
        editor::is_there(world.processes(), &world.settings().general.editor, &workspace.root)?;
        init_project(&cx, &world, workspace.root.clone(), lang).await?;
    }
    let file = GitPath::of_path(&workspace.root.join(project::FILE_NAME));
    open::open(cx, world, workspace, (file, 1, 1), false).await
}

async fn of_secrets(cx: JobCtx, world: World, root: Option<PathBuf>, act: secrets::Act) -> JobResult {
    let is_list = act == secrets::Act::List;
    if is_list {
        cx.update(Update::SecretsStarted).await;
    }
    let result = secrets::carry_out(&cx, &world, root, act).await;
    if let (true, Err(problem)) = (is_list, &result) {
        let problem = problem.clone();
        cx.update(Update::SecretsFailed { problem }).await;
    }
    result
}

/// What pipelines call by a name that no task has, or several have.
fn lost_tasks(project: &ProjectFile, tasks: &[build_detect::Task], text: &str, file: &Path) -> Vec<Problem> {
    let steps = project
        .pipelines
        .iter()
        .flat_map(|pipeline| &pipeline.jobs)
        .flat_map(|job| &job.steps);
    // What is filled in is known only when it runs.
    let names = steps
        .filter_map(|step| step.task.as_deref())
        .filter(|name| !name.contains('{'));
    let lost = names.collect::<BTreeSet<_>>().into_iter();
    lost.filter_map(|name| {
        let at = text.find(&format!("\"{name}\"")).unwrap_or(0);
        Some(build_detect::find(tasks, name).err()?.at_byte(file, text, at))
    })
    .collect()
}

async fn check_project(cx: JobCtx, world: World, file: PathBuf) -> JobResult {
    let check = cx
        .blocking(move |cx| {
            let text = files::read_text(&file, files::MAX_TEXT_BYTES)?;
            let (project, mut problems) = project::parse(&text, &file);
            problems.extend(secrets::lacking(&world, &project, &text, &file));
            if file.ends_with(project::FILE_NAME)
                && let Some(workspace) = file.parent().map(Workspace::at)
            {
                problems.extend(stamps::lost(&project, &text, &workspace));
                let detected = build_detect::detect(&workspace.root, &|| cx.is_cancelled());
                problems.extend(lost_tasks(&project, &detected.tasks, &text, &file));
            }
            Ok(ProjectCheck {
                n_tasks: project.tasks.len(),
                n_artifacts: project.artifacts.len(),
                n_environments: project.environments.len(),
                n_checks: project.checks.len(),
                n_pipelines: project.pipelines.len(),
                file,
                problems,
            })
        })
        .await?;
    let n = check.problems.len();
    let path = check.file.clone();
    cx.update(Update::ProjectChecked(check)).await;
    if n > 0 {
        return Err(Problem::config(msg!("config-check-found", n = n, path = &path)).code("project"));
    }
    Ok(())
}
