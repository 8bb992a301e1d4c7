//! Debugs one test: builds it, finds the debugger that fits, and hands it to a terminal or says what to type.

use super::choosing::{choose, selection_for};
use super::frameworks::debug::{self, Debugging};
use super::frameworks::{CaseId, Runner, Site, cargo_json, ctest, mocha};
use super::jobs::find_sites;
use super::listener::keep_tail;
use super::listing::captured;
use super::pythons::{pytest_program, python};
use super::runs::prepare;
use super::source::Sources;
use super::starting::{build_dir, command_of, js_program};
use super::stream::{self, Listen};
use super::{Update, What};
use crate::adapters::process::{Cmd, RawLine};
use crate::adapters::{World, scan};
use crate::areas::JobCtx;
use crate::areas::test::frameworks::Shown;
use crate::base::{Problem, Workspace};
use crate::msg;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// Where one reads how a debugger comes onto the machine.
const DLV: &str = "go install github.com/go-delve/delve/cmd/dlv@latest";

/// Makes the debugger of one test ready; `opens` says that the window is to show it in a terminal.
pub(super) async fn debug(cx: JobCtx, world: World, workspace: Workspace, name: String, opens: bool) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    let sites = find_sites(&cx, &world, &workspace).await?;
    let history = world.store().tests().history(&workspace.id).await?;
    let what = What::Named(vec![name.clone()]);
    let cases = choose(&cx, &world, &workspace, &what, &history, &sites, &Sources::default())
        .await?
        .unwrap_or_default();
    let [case] = cases.as_slice() else {
        let names: Vec<String> = cases.iter().take(20).map(CaseId::text).collect();
        let problem = Problem::user(msg!("test-several", name = name, n = cases.len())).code("ambiguous");
        return Err(problem.details(names.join("\n")));
    };
    let chosen = std::slice::from_ref(case);
    let mut of_case = sites
        .iter()
        .filter(|site| selection_for(site, &sites, Some(chosen)).is_some());
    let site = of_case.next().filter(|site| site.runner.can_select());
    let Some(site) = site else {
        return Err(Problem::user(msg!("test-no-debug", name = case.text())).code("not-supported"));
    };
    let mut ready = ready(&cx, &world, &workspace, site, case).await?;
    ready.env.extend(site.env.clone());
    let cmd = Cmd::new(&ready.argv[0]).args(&ready.argv[1..]);
    let words = typed(&ready, &cmd.display(world.masks()));
    cx.update(Update::DebugReady {
        workspace: workspace.id,
        case: case.clone(),
        ready: Box::new(ready),
        words,
        shown_by: opens.then(|| cx.id()),
    })
    .await;
    Ok(())
}

/// As one types it into a shell.
fn typed(ready: &Debugging, command: &str) -> String {
    let quoted = |word: &str| Cmd::new(word).display(&crate::adapters::masks::Masks::default());
    let settings: String = ready
        .env
        .iter()
        .map(|(name, value)| format!("{name}={} ", quoted(value)))
        .collect();
    format!("cd {} && {settings}{command}", quoted(&ready.dir.to_string_lossy()))
}

async fn ready(cx: &JobCtx, world: &World, workspace: &Workspace, site: &Site, case: &CaseId) -> Result<Debugging, Problem> {
    let dir = workspace.root.join(&site.dir);
    let in_dir = |argv: Vec<String>| Debugging {
        argv,
        dir: dir.clone(),
        ..Debugging::default()
    };
    Ok(match site.runner {
        Runner::CargoTest | Runner::Nextest => {
            let debugger = native(world, workspace, site.runner)?;
            let (executable, package) = executable(cx, world, workspace, site, case).await?;
            let program = debug::libtest(&executable.to_string_lossy(), case);
            Debugging {
                argv: debug::native(debugger, &program),
                env: [("CARGO_MANIFEST_DIR".to_owned(), package.to_string_lossy().into_owned())].into(),
                dir: package,
            }
        }
        Runner::Ctest => {
            let debugger = native(world, workspace, site.runner)?;
            let build = build_dir(cx, workspace, site).await?;
            for argv in ctest::prepare_argvs(site, &build, &super::frameworks::Limits::default()) {
                prepare(cx, world, workspace, site, &argv).await?;
            }
            let output = captured(cx, world, workspace, site, &ctest::list_argv(site, &build.dir)).await?;
            let json = output.success("ctest --show-only")?;
            let mut found = debug::of_ctest(&json, &case.name).ok_or_else(|| super::jobs::no_such(&case.text()))?;
            if found.dir.as_os_str().is_empty() {
                found.dir = dir.join(build.dir);
            }
            found.argv = debug::native(debugger, &found.argv);
            found
        }
        Runner::Pytest => {
            let mut argv = pytest_program(cx, world, workspace, site).await?;
            argv.extend(debug::pytest_args(case, &site.dir));
            in_dir(argv)
        }
        Runner::Unittest => {
            let python = python(cx, world, workspace, site).await?;
            let file = workspace.root.join(&case.suite);
            let wanted = case.clone();
            let line = cx
                .blocking(move |_| {
                    let source = scan::read_text(&file, 4 << 20).unwrap_or_default();
                    Ok(debug::python_line(&source, &wanted))
                })
                .await?;
            let (args, start) = debug::unittest_args(case, site, line);
            let mut ready = in_dir([vec![python], args].concat());
            if !start.as_os_str().is_empty() {
                ready
                    .env
                    .insert("PYTHONPATH".to_owned(), dir.join(start).to_string_lossy().into_owned());
            }
            ready
        }
        Runner::Go => {
            if world.processes().resolve("dlv", Some(&workspace.root)).is_err() {
                return Err(no_debugger("dlv").hint(msg!("test-debug-install", command = DLV)));
            }
            in_dir(debug::go_argv(case))
        }
        Runner::Node => in_dir(debug::node_argv(site, case)),
        Runner::Vitest | Runner::Jest => {
            let program = js_program(world, workspace, site)?;
            let before = ["node".to_owned(), "--inspect-brk".to_owned(), program].to_vec();
            in_dir([before, debug::js_args(site, case)].concat())
        }
        Runner::Mocha => {
            let program = js_program(world, workspace, site)?;
            let before = ["node".to_owned(), "--inspect-brk".to_owned(), program].to_vec();
            in_dir([before, mocha::debug_args(site, case)].concat())
        }
        Runner::Tap | Runner::Task => return Err(Problem::user(msg!("test-no-debug", name = case.text())).code("not-supported")),
    })
}

fn no_debugger(name: &str) -> Problem {
    Problem::environment(msg!("test-no-debugger", name = name)).code("no-debugger")
}

fn native(world: &World, workspace: &Workspace, runner: Runner) -> Result<&'static str, Problem> {
    let is_there = |name: &str| world.processes().resolve(name, Some(&workspace.root)).is_ok();
    let mut known = debug::native_debuggers(runner).iter();
    let found = known.find(|(name, needs)| is_there(name) && is_there(needs));
    let found = found.map(|(name, _)| *name);
    found.ok_or_else(|| no_debugger("gdb, lldb").hint(msg!("test-debug-install", command = "apt install gdb")))
}

/// Builds the binary of a Rust test; gives it with its package's folder.
async fn executable(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    site: &Site,
    case: &CaseId,
) -> Result<(PathBuf, PathBuf), Problem> {
    let argv = debug::cargo_build_argv(site, case);
    let mut making = Making {
        dir: site.dir.clone(),
        suite: case.suite.clone(),
        found: None,
        first_error: None,
        tail: VecDeque::new(),
    };
    let exit = stream::run(cx, world, workspace, command_of(workspace, site, &argv), &mut making).await?;
    if let Some(problem) = exit.problem("cargo test --no-run") {
        let tail: Vec<String> = making.tail.into_iter().collect();
        return Err(match &making.first_error {
            Some(error) => cargo_json::does_not_compile(error),
            None => problem.details(tail.join("\n")),
        });
    }
    making.found.ok_or_else(|| super::jobs::no_such(&case.text()))
}

/// Hears what cargo made.
struct Making {
    dir: PathBuf,
    suite: String,
    found: Option<(PathBuf, PathBuf)>,
    first_error: Option<cargo_json::Diagnostic>,
    tail: VecDeque<String>,
}

impl Listen for Making {
    fn line(&mut self, line: &RawLine<'_>) -> Shown {
        keep_tail(&mut self.tail, line);
        match cargo_json::parse(line.bytes, &self.dir) {
            Some(cargo_json::Message::Diagnostic(diagnostic, rendered)) => {
                if diagnostic.severity == cargo_json::Severity::Error && self.first_error.is_none() {
                    self.first_error = Some(*diagnostic);
                }
                Shown::Text(rendered)
            }
            Some(cargo_json::Message::Made(made)) => {
                if let (true, Some(executable)) = (made.is_test && made.binary_id() == self.suite, made.executable) {
                    self.found = Some((executable, manifest_dir(line.bytes)));
                }
                Shown::Hidden
            }
            Some(_) => Shown::Hidden,
            None => Shown::AsIs,
        }
    }

    async fn pause(&mut self, _cx: &JobCtx) {}
}

/// The folder of the package that an artifact is of.
fn manifest_dir(message: &[u8]) -> PathBuf {
    let message: serde_json::Value = serde_json::from_slice(message).unwrap_or_default();
    let manifest = message["manifest_path"].as_str().unwrap_or_default();
    Path::new(manifest).parent().unwrap_or(Path::new("")).to_path_buf()
}
