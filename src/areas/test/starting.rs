//! What is started for a run: programs, arguments, settings, and the parser that hears them.

use super::frameworks::{
    Limits, Parser, Runner, Selection, Site, cargo_argv, cargo_test, cmake_presets, ctest, go, js, mocha, nextest, node, pytest,
    tap, tape, unittest,
};
use super::pythons::{pytest_program, python};
use super::runs::SiteRun;
use crate::adapters::process::Cmd;
use crate::adapters::{World, files, scan};
use crate::areas::JobCtx;
use crate::base::{Problem, Workspace};
use crate::msg;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Folders below a CMake project that are looked through for a configured build.
const BUILD_DEPTH: usize = 3;
/// Of a file of presets, so much is read.
const MAX_PRESETS: u64 = 1 << 20;
/// Of cargo's settings, so much is looked through for a runner.
const MAX_CARGO_CONFIG: u64 = 1 << 20;

/// A run, ready to be started.
pub(super) struct Start {
    /// Made ready first; when one of these fails, nothing is run.
    pub prepare: Vec<Vec<String>>,
    /// One after the other.
    pub commands: Vec<Vec<String>>,
    pub env: BTreeMap<String, String>,
    pub parser: Box<dyn Parser>,
}

impl Start {
    fn new(commands: Vec<Vec<String>>, parser: impl Parser + 'static) -> Self {
        Self {
            prepare: Vec::new(),
            commands,
            env: BTreeMap::new(),
            parser: Box::new(parser),
        }
    }
}

impl SiteRun {
    /// What is chosen, without the files that are gone meanwhile: a tool that misses one runs nothing.
    fn selection_there(&self) -> Selection {
        let Selection::Cases(cases) = &self.selection else {
            return self.selection.clone();
        };
        let is_there =
            |case: &&super::CaseId| !case.framework.has_file_suites() || scan::is_file(&self.workspace.root.join(&case.suite));
        let there: Vec<_> = cases.iter().filter(is_there).cloned().collect();
        Selection::Cases(if there.is_empty() { cases.clone() } else { there })
    }

    /// The limits as far as the tool can keep them; a wish that it can not fulfil is told.
    async fn limits_kept(&self, cx: &JobCtx) -> Result<Limits, Problem> {
        let mut limits = self.limits.clone();
        if limits.jobs.is_some() && self.site.runner == Runner::Pytest {
            limits.has_workers = match pytest_program(cx, &self.world, &self.workspace, &self.site).await {
                Ok(program) if program.len() > 1 => {
                    let cmd = Cmd::new(&program[0])
                        .args(["-c", "import xdist"])
                        .workspace(&self.workspace.root);
                    succeeds(cx, &self.world, cmd).await
                }
                _ => false,
            };
        }
        if limits.has_coverage {
            limits.coverage = self.coverage_file(cx).await?;
        }
        let is_kept = self.site.runner.takes_jobs() && (self.site.runner != Runner::Pytest || limits.has_workers);
        if limits.jobs.is_some() && !is_kept {
            limits.jobs = None;
            let problem = Problem::user(msg!("test-no-jobs", runner = self.site.runner.word())).code("not-supported");
            cx.problem(problem).await;
        }
        Ok(limits)
    }

    /// Where this run's coverage goes; a tool that has none says so.
    async fn coverage_file(&self, cx: &JobCtx) -> Result<Option<PathBuf>, Problem> {
        let site = &self.site;
        let lacks = match site.runner {
            Runner::Go => None,
            Runner::Pytest => {
                let has_plugin = match pytest_program(cx, &self.world, &self.workspace, site).await {
                    Ok(program) if program.len() > 1 => {
                        let cmd = Cmd::new(&program[0]).args(["-c", "import pytest_cov"]);
                        succeeds(cx, &self.world, cmd.workspace(&self.workspace.root)).await
                    }
                    _ => false,
                };
                (!has_plugin).then(|| msg!("test-coverage-plugin-hint"))
            }
            _ => Some(msg!("test-coverage-import-hint")),
        };
        if let Some(hint) = lacks {
            let problem = Problem::user(msg!(
                "test-no-coverage-of",
                runner = site.runner.word(),
                dir = site.dir_word()
            ));
            cx.problem(problem.code("not-supported").hint(hint)).await;
            return Ok(None);
        }
        Ok(Some(self.coverage_path(cx)))
    }

    /// The file that a tool writes its coverage to.
    pub(super) fn coverage_path(&self, cx: &JobCtx) -> PathBuf {
        let ending = if self.site.runner == Runner::Go { "out" } else { "json" };
        self.world
            .dirs()
            .cache
            .join(format!("{}-{}.{ending}", self.site.runner.word(), cx.id().0))
    }

    /// Programs, arguments and settings of this run.
    pub(super) async fn start(&self, cx: &JobCtx, junit_path: &Path) -> Result<Start, Problem> {
        let site = &self.site;
        let selection = self.selection_there();
        let limits = self.limits_kept(cx).await?;
        let cache = self.world.dirs().cache.clone();
        let root = &self.workspace.root;
        Ok(match site.runner {
            Runner::CargoTest => {
                let mut known = self.known.clone();
                if limits.case_timeout.is_some() {
                    // A hanging test is found by its name among those that have no result.
                    let listed = super::listing::list_site(cx, &self.world, &self.workspace, site).await;
                    for case in listed.map(|(cases, _)| cases).unwrap_or_default() {
                        known.entry(case.suite).or_default().insert(case.name);
                    }
                }
                let threads = limits.jobs.map_or_else(
                    || std::thread::available_parallelism().map_or(1, usize::from),
                    |jobs| jobs as usize,
                );
                let parser = cargo_test::CargoTest::new(&site.dir, known)
                    .threads(threads)
                    .selected(&selection);
                let mut start = Start::new(cargo_argv::run_argvs(site, &selection, &limits), parser);
                start.env = cargo_env(&self.world, &self.workspace, site)?;
                start
            }
            Runner::Nextest => {
                let settings = match limits.case_timeout {
                    Some(timeout) => {
                        let path = cache.join(format!("nextest-{}.toml", timeout.as_millis()));
                        files::write_atomic(&path, nextest::timeout_settings(timeout).as_bytes())?;
                        Some(path)
                    }
                    None => None,
                };
                let argv = nextest::run_argv(site, &selection, &limits, settings.as_deref());
                Start::new(vec![argv], nextest::Nextest::new(&site.dir, &selection))
            }
            Runner::Pytest => {
                let mut argv = pytest_program(cx, &self.world, &self.workspace, site).await?;
                argv.extend(pytest::run_args(site, &selection, &limits, junit_path));
                let mut start = Start::new(vec![argv], pytest::Pytest::new(&site.dir));
                start.env.insert("PYTHONPATH".to_owned(), plugin_path(&self.world, site)?);
                if let Some(timeout) = limits.case_timeout {
                    start
                        .env
                        .insert(pytest::TIMEOUT_VAR.to_owned(), timeout.as_secs_f64().to_string());
                }
                start
            }
            Runner::Unittest => {
                let runner = unittest_runner(&self.world)?;
                let python = python(cx, &self.world, &self.workspace, site).await?;
                let with = |args: Vec<String>| [vec![python.clone()], args].concat();
                let commands = unittest::run_args(site, &selection, &limits, &runner)
                    .into_iter()
                    .map(with)
                    .collect();
                Start::new(commands, unittest::Unittest::new(&site.dir))
            }
            Runner::Go => Start::new(
                go::run_argvs(site, &selection, &limits),
                go::GoTest::new(site, root, &selection),
            ),
            Runner::Ctest => {
                let build = build_dir(cx, &self.workspace, site).await?;
                let argv = ctest::run_argv(site, &build.dir, &selection, &limits, junit_path);
                let mut start = Start::new(vec![argv], ctest::Ctest::new(site, root));
                start.prepare = ctest::prepare_argvs(site, &build, &limits);
                start
            }
            Runner::Vitest | Runner::Jest => {
                let mut argv = vec![js_program(&self.world, &self.workspace, site)?];
                argv.extend(js::run_args(site, &selection, &limits, &js_reporter(&self.world, site)?));
                Start::new(vec![argv], js::Js::new(site.runner.framework(), root, &selection))
            }
            Runner::Mocha => {
                let program = js_program(&self.world, &self.workspace, site)?;
                let reporter = js_reporter(&self.world, site)?;
                let argv = mocha::run_argv(site, &program, &selection, &limits, &reporter);
                let mut start = Start::new(vec![argv], js::Js::new(site.runner.framework(), root, &selection));
                if let Selection::Cases(cases) = &selection {
                    start.env.insert(mocha::FILES_VAR.to_owned(), mocha::files_var(root, cases));
                }
                start
            }
            Runner::Node => {
                let reporter = cache.join("node-reporter.mjs");
                files::write_atomic(&reporter, node::REPORTER.as_bytes())?;
                let mut start = Start::new(vec![node::run_argv(site, &selection)], node::Node::new(root));
                let options = node::node_options(&self.known_env("NODE_OPTIONS"), &reporter);
                start.env.insert("NODE_OPTIONS".to_owned(), options);
                if !limits.left_out.is_empty() {
                    start.env.extend(self.node_shim(&limits.left_out)?);
                }
                start
            }
            Runner::Tap => Start::new(vec![site.argv.clone()], tape::Tape::new(site, root)),
            Runner::Task => Start::new(vec![site.argv.clone()], tap::Tap::new(&tap::Tap::suite_of(site), root)),
        })
    }

    /// What makes the scripts of a project run all tests but some.
    fn node_shim(&self, left_out: &[super::CaseId]) -> Result<[(String, String); 3], Problem> {
        let node = self.world.processes().resolve("node", Some(&self.workspace.root))?;
        let folder = self.world.dirs().cache.join("node-shim");
        files::create_dir_all(&folder)?;
        files::write_atomic_with_mode(&folder.join("node"), node::SHIM.as_bytes(), Some(0o755))?;
        let path = format!("{}:{}", folder.display(), self.known_env("PATH"));
        Ok([
            ("PATH".to_owned(), path),
            ("CHANTIER_NODE".to_owned(), node.to_string_lossy().into_owned()),
            ("CHANTIER_NODE_PATTERN".to_owned(), node::all_but(left_out)),
        ])
    }

    /// A variable as the site or else the user has set it.
    fn known_env(&self, name: &str) -> String {
        known_env(&self.world, &self.site, name)
    }
}

fn known_env(world: &World, site: &Site, name: &str) -> String {
    let inherited = || {
        let env = world.processes().base_env();
        let value = env.get(std::ffi::OsStr::new(name))?;
        Some(value.to_string_lossy().into_owned())
    };
    site.env.get(name).cloned().or_else(inherited).unwrap_or_default()
}

/// Where Python finds the plugin for pytest, which is written there, and what it finds otherwise.
pub(super) fn plugin_path(world: &World, site: &Site) -> Result<String, Problem> {
    let folder = world.dirs().cache.join("python");
    files::create_dir_all(&folder)?;
    files::write_atomic(&folder.join(format!("{}.py", pytest::PLUGIN_NAME)), pytest::PLUGIN.as_bytes())?;
    let known = known_env(world, site, "PYTHONPATH");
    let own = folder.display();
    Ok(if known.is_empty() {
        own.to_string()
    } else {
        format!("{own}:{known}")
    })
}

/// A command in the site's folder, with its settings.
pub(super) fn command_of(workspace: &Workspace, site: &Site, argv: &[String]) -> Cmd {
    let (program, args) = argv
        .split_first()
        .map_or(("", &[] as &[String]), |(program, args)| (program.as_str(), args));
    let mut cmd = Cmd::new(program).args(args).cwd(workspace.root.join(&site.dir));
    if matches!(site.runner, Runner::CargoTest | Runner::Nextest) {
        cmd = cmd.env("CARGO_TERM_COLOR", "always");
    }
    for (name, value) in &site.env {
        cmd = cmd.env(name, value);
    }
    match site.timeout() {
        Some(timeout) => cmd.timeout(timeout),
        None => cmd,
    }
}

/// Settings by which cargo has its test programs say which one writes; none where the user has a runner of one's own.
pub(super) fn cargo_env(world: &World, workspace: &Workspace, site: &Site) -> Result<BTreeMap<String, String>, Problem> {
    let dir = workspace.root.join(&site.dir);
    let mut folders: Vec<PathBuf> = dir.ancestors().map(|folder| folder.join(".cargo")).collect();
    folders.extend(world.processes().cargo_home());
    let files = folders
        .iter()
        .flat_map(|folder| ["config.toml", "config"].map(|name| folder.join(name)));
    let mut texts = files.filter_map(|file| scan::read_text(&file, MAX_CARGO_CONFIG));
    let is_runner = |name: &std::ffi::OsString| {
        let name = name.to_string_lossy();
        name.starts_with("CARGO_TARGET_") && name.ends_with("_RUNNER")
    };
    let has_own = world.processes().base_env().keys().any(is_runner)
        || site.env.keys().any(|name| is_runner(&name.into()))
        || texts.any(|text| text.contains("runner"));
    if has_own {
        return Ok(BTreeMap::new());
    }
    let path = world.dirs().cache.join("cargo-runner");
    files::write_atomic(&path, cargo_argv::runner().as_bytes())?;
    Ok(cargo_argv::runner_env(&path))
}

/// Whether a small program ends well.
pub(super) async fn succeeds(cx: &JobCtx, world: &World, cmd: Cmd) -> bool {
    let output = world.processes().output(cmd, cx.cancel_token(), 4096).await;
    output.is_ok_and(|output| output.exit.is_success())
}

/// The runner that tells what unittest does, as a file.
pub(super) fn unittest_runner(world: &World) -> Result<PathBuf, Problem> {
    let path = world.dirs().cache.join("unittest_runner.py");
    files::write_atomic(&path, unittest::RUNNER.as_bytes())?;
    Ok(path)
}

/// Where a CMake project is built, and what configures it there.
pub(super) async fn build_dir(cx: &JobCtx, workspace: &Workspace, site: &Site) -> Result<ctest::Build, Problem> {
    let dir = workspace.root.join(&site.dir);
    cx.blocking(move |_| {
        let caches = scan::with_ending(&dir, BUILD_DEPTH, "txt");
        let caches = caches
            .into_iter()
            .filter(|path| path.file_name().is_some_and(|name| name == "CMakeCache.txt"));
        let dated: Vec<_> = caches
            .filter_map(|path| {
                let at = scan::modified(&path)?;
                Some((path.strip_prefix(&dir).ok()?.to_path_buf(), at))
            })
            .collect();
        let read = |file: &Path| scan::read_text(&dir.join(file), MAX_PRESETS);
        Ok(ctest::build_of(&dated, || cmake_presets::chosen(&read, &dir)))
    })
    .await
}

/// The project's own Vitest, Jest or Mocha: in `node_modules/.bin` of the site or of a folder above it, up to the workspace.
pub(super) fn js_program(world: &World, workspace: &Workspace, site: &Site) -> Result<String, Problem> {
    world.trust().check(workspace)?;
    let name = js::program(site.runner);
    let dir = workspace.root.join(&site.dir);
    let folders = dir.ancestors().take_while(|folder| folder.starts_with(&workspace.root));
    let found = folders
        .map(|folder| folder.join("node_modules/.bin").join(name))
        .find(|path| scan::is_file(path));
    let found = found.map(|path| path.to_string_lossy().into_owned());
    found.ok_or_else(|| {
        let problem = Problem::environment(msg!("test-no-tool", tool = name, dir = site.dir_word())).code("not-found");
        problem.hint(msg!("test-npm-hint"))
    })
}

/// The reporter of Vitest, Jest or Mocha, as a file.
pub(super) fn js_reporter(world: &World, site: &Site) -> Result<PathBuf, Problem> {
    let (name, text) = match site.runner {
        Runner::Jest => ("jest_reporter.cjs", js::JEST_REPORTER),
        Runner::Mocha => ("mocha_reporter.cjs", mocha::REPORTER),
        _ => ("vitest_reporter.mjs", js::VITEST_REPORTER),
    };
    let path = world.dirs().cache.join(name);
    files::write_atomic(&path, text.as_bytes())?;
    Ok(path)
}
