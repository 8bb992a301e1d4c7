//! Asks the tools which cases there are.

use super::frameworks::{
    CaseId, Heard, Parser, Runner, Shown, Site, cargo_argv, cargo_test, ctest, go, js, mocha, nextest, pytest, unittest,
};
use super::listener::keep_tail;
use super::pythons::{pytest_program, python};
use super::starting::{build_dir, cargo_env, command_of, js_program, js_reporter, plugin_path, unittest_runner};
use super::stream::{self, Listen};
use crate::adapters::World;
use crate::adapters::process::{Cmd, Output, RawLine};
use crate::areas::JobCtx;
use crate::base::{Problem, Stream, Workspace};
use crate::msg;
use std::collections::{BTreeMap, VecDeque};

/// Largest list that a runner may print.
const MAX_LIST_BYTES: usize = 256 << 20;

/// What a tool named, and what kept it from naming all.
pub type Listed = (Vec<CaseId>, Option<Problem>);

/// Asks one tool for its cases.
pub async fn list_site(cx: &JobCtx, world: &World, workspace: &Workspace, site: &Site) -> Result<Listed, Problem> {
    match site.runner {
        Runner::CargoTest => {
            let parser = cargo_test::CargoTest::list(&site.dir);
            let mut lister = Lister::new(parser);
            lister.env = cargo_env(world, workspace, site)?;
            lister.ask(cx, world, workspace, site, &[cargo_argv::list_argv(site)]).await
        }
        Runner::Go => {
            let parser = go::GoTest::list(site, &workspace.root);
            heard(cx, world, workspace, site, &[go::list_argv(site)], parser).await
        }
        Runner::Unittest => {
            let python = python(cx, world, workspace, site).await?;
            let with = |args: Vec<String>| [vec![python.clone()], args].concat();
            let argvs: Vec<_> = unittest::list_args(site, &unittest_runner(world)?)
                .into_iter()
                .map(with)
                .collect();
            heard(cx, world, workspace, site, &argvs, unittest::Unittest::new(&site.dir)).await
        }
        Runner::Vitest | Runner::Jest => {
            let mut argv = vec![js_program(world, workspace, site)?];
            argv.extend(js::list_args(site, &js_reporter(world, site)?));
            heard(
                cx,
                world,
                workspace,
                site,
                &[argv],
                js::Js::list(site.runner.framework(), &workspace.root),
            )
            .await
        }
        Runner::Mocha => {
            let program = js_program(world, workspace, site)?;
            let argv = mocha::list_argv(site, &program, &js_reporter(world, site)?);
            let parser = js::Js::list(site.runner.framework(), &workspace.root);
            heard(cx, world, workspace, site, &[argv], parser).await
        }
        Runner::Ctest => {
            let build = build_dir(cx, workspace, site).await?;
            for argv in ctest::prepare_argvs(site, &build, &super::frameworks::Limits::default()) {
                super::runs::prepare(cx, world, workspace, site, &argv).await?;
            }
            let output = captured(cx, world, workspace, site, &ctest::list_argv(site, &build.dir)).await?;
            let json = output.success("ctest --show-only")?;
            let found = ctest::parse_list(&json, site, &workspace.root)
                .ok_or_else(|| Problem::environment(msg!("test-list-unreadable", runner = "ctest")))?;
            Ok((found.into_iter().map(|result| result.case).collect(), None))
        }
        Runner::Nextest => {
            let output = captured(cx, world, workspace, site, &nextest::list_argv(site)).await?;
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            let json = output.success("cargo nextest list")?;
            let found = nextest::parse_list(&json)
                .ok_or_else(|| Problem::environment(msg!("test-list-unreadable", runner = "nextest")).details(words))?;
            Ok((found.into_iter().map(|result| result.case).collect(), None))
        }
        Runner::Pytest => {
            let mut argv = pytest_program(cx, world, workspace, site).await?;
            argv.extend(pytest::list_args(site));
            let cmd = command_of(workspace, site, &argv)
                .env("PYTHONPATH", plugin_path(world, site)?)
                .env(pytest::LISTS_VAR, "1");
            let output = capture(cx, world, workspace, site, cmd).await?;
            let text = output.stdout_text();
            let cases = |text: &str| {
                let found = pytest::parse_list(text, &site.dir);
                found.into_iter().map(|result| result.case).collect()
            };
            if !matches!(output.exit.code, Some(0 | 5)) {
                let mut parser = pytest::Pytest::new(&site.dir);
                let mut heard = Vec::new();
                let words = String::from_utf8_lossy(&output.stderr).into_owned();
                text.lines()
                    .chain(words.lines())
                    .for_each(|line| drop(parser.line(Stream::Out, line.as_bytes(), &mut heard)));
                parser.finish(output.exit.code, &mut heard);
                if let Some(Heard::Trouble(problem)) = heard.pop() {
                    // What is collected before a file that can not be is named all the same.
                    return Ok((cases(&text), Some(*problem)));
                }
                return output.success("pytest").map(|_| (Vec::new(), None));
            }
            Ok((cases(&text), None))
        }
        Runner::Node | Runner::Tap | Runner::Task => Ok((Vec::new(), None)),
    }
}

pub(super) async fn captured(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    site: &Site,
    argv: &[String],
) -> Result<Output, Problem> {
    capture(cx, world, workspace, site, command_of(workspace, site, argv)).await
}

async fn capture(cx: &JobCtx, world: &World, workspace: &Workspace, site: &Site, cmd: Cmd) -> Result<Output, Problem> {
    world.trust().check(workspace)?;
    let cmd = cmd.workspace(&workspace.root);
    cx.command(cmd.argv(world.masks()), workspace.root.join(&site.dir)).await;
    let output = world.processes().output(cmd, cx.cancel_token(), MAX_LIST_BYTES).await?;
    cx.log_bytes(&output.stderr);
    cx.exit(output.exit.code, output.exit.signal).await;
    cx.check()?;
    Ok(output)
}

/// Runs commands that tell names, and hears them.
async fn heard(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    site: &Site,
    argvs: &[Vec<String>],
    parser: impl Parser + 'static,
) -> Result<Listed, Problem> {
    Lister::new(parser).ask(cx, world, workspace, site, argvs).await
}

/// Hears names only.
struct Lister {
    parser: Box<dyn Parser>,
    env: BTreeMap<String, String>,
    heard: Vec<Heard>,
    tail: VecDeque<String>,
}

impl Lister {
    fn new(parser: impl Parser + 'static) -> Self {
        Self {
            parser: Box::new(parser),
            env: BTreeMap::new(),
            heard: Vec::new(),
            tail: VecDeque::new(),
        }
    }

    async fn ask(
        mut self,
        cx: &JobCtx,
        world: &World,
        workspace: &Workspace,
        site: &Site,
        argvs: &[Vec<String>],
    ) -> Result<Listed, Problem> {
        let mut failure = None;
        for argv in argvs {
            let mut cmd = command_of(workspace, site, argv);
            for (name, value) in &self.env {
                cmd = cmd.env(name, value);
            }
            let exit = stream::run(cx, world, workspace, cmd, &mut self).await?;
            self.parser.finish(exit.code, &mut self.heard);
            failure = failure.or(exit.problem(site.runner.word()));
        }
        let mut cases = Vec::new();
        let mut trouble = None;
        for heard in self.heard {
            match heard {
                Heard::Finished { result, .. } => cases.push(result.case),
                Heard::Trouble(problem) => trouble = trouble.or(Some(*problem)),
                _ => {}
            }
        }
        let Some(mut problem) = trouble.or(self.parser.trouble()).or(failure) else {
            return Ok((cases, None));
        };
        if problem.details.is_empty() {
            let tail: Vec<String> = self.tail.into_iter().collect();
            problem = problem.details(tail.join("\n"));
        }
        Ok((cases, Some(problem)))
    }
}

impl Listen for Lister {
    fn line(&mut self, line: &RawLine<'_>) -> Shown {
        keep_tail(&mut self.tail, line);
        self.parser.line(line.stream, line.bytes, &mut self.heard)
    }

    async fn pause(&mut self, _cx: &JobCtx) {}
}
