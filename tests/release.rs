//! Releases on real repositories: what the commits say, what the files become, and what is left when it goes wrong half-way.

mod again;
mod archives;
mod back_whole;
mod board;
mod dialog;
mod followed;
mod found;
mod image;
mod links;
mod lockstep;
mod merged;
mod moved;
mod packages;
mod packed;
mod page;
mod procedure;
mod rules;
mod tag_only;
mod together;

use chantier::areas::build::Command as Build;
use chantier::areas::release::{Command as Release, Level, Readiness, Wish, changelog};
use chantier::areas::{Command, Model};
use chantier::base::{Catalog, JobId, Lang, Problem, State, Workspace};
use chantier::engine::{Event, JobEvent, Outcome};
use chantier::session::{Options, Session};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command as Program, Stdio};
use std::time::Duration;

const KEPT: &str = "# Changelog\n\nAbout it.\n\n## [Unreleased]\n\n### Added\n\n- A new thing, told by hand\n\n## [0.2.0] - 2026-01-02\n\n### Fixed\n\n- Old   *text*\n\n[Unreleased]: https://example.org/compare\n[0.2.0]: https://example.org/0.2.0\n";

/// A repository with one released version, and the running program.
struct Bench {
    folder: tempfile::TempDir,
    workspace: Workspace,
    session: Option<Session>,
    model: Model,
    /// What jobs said that did not end them.
    told: Vec<Problem>,
}

const PROJECT: &str = r#"
[project]
name = "app"
[[task]]
name = "build"
run = ["sh", "build.sh"]
[[artifact]]
name = "app"
path = "out/app"
task = "build"
[release]
version_files = ["Cargo.toml"]
"#;

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("app");
        std::fs::create_dir(&root).unwrap();
        let mut bench = Self {
            workspace: Workspace::at(&root),
            folder,
            session: None,
            model: Model::default(),
            told: Vec::new(),
        };
        bench.git(&["init", "-q", "-b", "main"]);
        bench.git(&["config", "user.name", "Ana"]);
        bench.git(&["config", "user.email", "ana@example.org"]);
        bench.write("chantier.toml", PROJECT);
        bench.write("Cargo.toml", "# ours\n[package]\nname = \"app\"\nversion = \"0.2.0\" # now\n");
        bench.write(".gitignore", "out/\n");
        bench.write(
            "build.sh",
            "mkdir -p out\nsed -n 's/^version = \"\\(.*\\)\".*/app \\1/p' Cargo.toml > out/app\nchmod +x out/app\ntest ! -e broken\n",
        );
        bench.write("CHANGELOG.md", KEPT);
        bench.commit("feat: begin");
        bench.git(&["tag", "-a", "v0.2.0", "-m", "v0.2.0"]);
        bench.write("a", "a");
        bench.commit("feat: greet by name\n\nPlan: AP-1\n");
        bench.write("a", "b");
        bench.commit("fix: a leak");
        bench.open();
        let workspace = bench.workspace.clone();
        bench.session().world.trust().trust(&workspace).unwrap();
        bench
    }

    fn root(&self) -> &Path {
        &self.workspace.root
    }

    fn home(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("home")
    }

    fn open(&mut self) {
        let options = Options {
            home: Some(self.home()),
            ..Options::default()
        };
        self.session = Some(Session::open(options).unwrap());
    }

    fn close(&mut self) {
        if let Some(session) = self.session.take() {
            session.close();
        }
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("the session is open")
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.root().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.root().join(name)).unwrap()
    }

    fn git(&self, args: &[&str]) -> String {
        let output = Program::new("git").args(args).current_dir(self.root()).output().unwrap();
        assert!(
            output.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    fn run(&mut self, command: impl Into<Command>) -> Outcome {
        let id: JobId = self.session().link.start(command.into());
        let runtime = self.session().runtime().clone();
        loop {
            let session = self.session.as_mut().expect("the session is open");
            let event = runtime
                .block_on(async { tokio::time::timeout(Duration::from_mins(1), session.link.next()).await })
                .expect("something happens within a minute")
                .expect("the engine runs");
            let ended = match &event {
                Event::Job(job, JobEvent::Ended { outcome, .. }) if *job == id => Some(outcome.clone()),
                Event::Job(_, JobEvent::Problem(problem)) => {
                    self.told.push(problem.clone());
                    None
                }
                _ => None,
            };
            self.model.apply(event);
            if let Some(outcome) = ended {
                return outcome;
            }
        }
    }

    fn prepare(&mut self, wish: Wish) -> Readiness {
        let workspace = self.workspace.clone();
        assert_eq!(
            self.run(Release::Prepare {
                workspace,
                wish,
                package: None,
            }),
            Outcome::Done
        );
        let known = self.model.release.of(&self.workspace.id).unwrap();
        known.readiness.value().unwrap().clone()
    }

    fn release(&mut self, wish: Wish) -> Outcome {
        let workspace = self.workspace.clone();
        self.run(Release::Run {
            workspace,
            wish,
            package: None,
            notes: None,
        })
    }

    fn failed(&mut self, wish: Wish) -> Problem {
        match self.release(wish) {
            Outcome::Failed { problem } => problem,
            other => panic!("failed was expected, not {other:?}"),
        }
    }

    /// HEAD, status and files: what must be as it was when a release was taken back.
    fn state(&self) -> (String, String, String, String, String) {
        (
            self.git(&["rev-parse", "HEAD"]),
            self.git(&["status", "--porcelain"]),
            self.git(&["tag"]),
            self.read("Cargo.toml"),
            self.read("CHANGELOG.md"),
        )
    }

    /// Version 0.3.0 is there, once and whole.
    fn is_released(&mut self) {
        assert_eq!(self.git(&["status", "--porcelain"]), "");
        assert_eq!(self.git(&["tag"]), "v0.2.0\nv0.3.0");
        assert_eq!(self.git(&["cat-file", "-t", "v0.3.0"]), "tag");
        assert_eq!(self.git(&["rev-parse", "v0.3.0^{commit}"]), self.git(&["rev-parse", "HEAD"]));
        let subjects = self.git(&["log", "--format=%s"]);
        assert_eq!(
            subjects,
            "chore(release): 0.3.0\nfix: a leak\nfeat: greet by name\nfeat: begin"
        );
        assert_eq!(
            self.git(&["show", "--name-only", "--format=", "HEAD"]),
            "CHANGELOG.md\nCargo.toml"
        );
        assert_eq!(
            self.read("Cargo.toml"),
            "# ours\n[package]\nname = \"app\"\nversion = \"0.3.0\" # now\n"
        );
        let notes = "### Added\n\n- A new thing, told by hand\n- Greet by name\n\n### Fixed\n\n- A leak";
        let text = self.read("CHANGELOG.md");
        assert_eq!(changelog::notes(&text, "0.3.0"), Some(notes));
        assert!(text.ends_with("[0.2.0]: https://example.org/0.2.0\n"));

        let workspace = self.workspace.clone();
        assert_eq!(self.run(Release::List { workspace }), Outcome::Done);
        let list = self
            .model
            .release
            .of(&self.workspace.id)
            .unwrap()
            .deliverables
            .value()
            .unwrap()
            .clone();
        let versions: Vec<(&str, bool)> = list.iter().map(|one| (one.version.as_str(), one.id != 0)).collect();
        assert_eq!(
            versions,
            [("0.3.0", true), ("0.2.0", false)],
            "versions tagged elsewhere are listed too"
        );
        let made = &list[0];
        assert_eq!(made.notes, notes);
        let names: Vec<&str> = made.artifacts.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["app", "app-0.3.0.tar.gz", "SHA256SUMS"]);
        assert_eq!(
            std::fs::read_to_string(&made.artifacts[0].path).unwrap(),
            "app 0.3.0\n",
            "built from the release's own commit"
        );
        let folder = made.artifacts[0].path.parent().unwrap();
        let sums = Program::new("sha256sum")
            .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
            .current_dir(folder)
            .status();
        assert!(sums.unwrap().success());
        let inside = Program::new("tar")
            .args(["-tzf", "app-0.3.0.tar.gz"])
            .current_dir(folder)
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&inside.stdout),
            "app-0.3.0/RELEASE-NOTES.md\napp-0.3.0/app\n"
        );
        let readiness = self.prepare(Wish::Commits);
        assert_eq!(readiness.unfinished, None);
        assert_eq!(readiness.nothing.unwrap().code, "nothing-to-release");
    }
}

#[test]
fn the_next_version_of_a_repository_is_told_with_its_checks() {
    let mut bench = Bench::new();
    let readiness = bench.prepare(Wish::Commits);
    assert_eq!(readiness.next.as_ref().unwrap().version, "0.3.0");
    assert_eq!(readiness.last.as_ref().unwrap().tag, "v0.2.0");
    assert_eq!(readiness.tag.as_deref(), Some("v0.3.0"));
    assert_eq!(readiness.n_changes, 2);
    assert!(readiness.can_release(), "{:?}", readiness.checks);
    assert!(readiness.has_hand_written);
    let tests = readiness
        .checks
        .iter()
        .find(|check| check.name.key == "release-check-tests")
        .unwrap();
    assert_eq!(tests.state, State::Degraded, "tests that were not run are a warning");
    let level = Wish::Level { level: Level::Major };
    assert_eq!(
        bench.prepare(level).next.unwrap().version,
        "1.0.0",
        "who asks for it means it"
    );
    let wish = Wish::Version {
        version: "v1.0.0".to_owned(),
    };
    assert_eq!(bench.prepare(wish).next.unwrap().version, "1.0.0");

    bench.write("a", "changed");
    let readiness = bench.prepare(Wish::Commits);
    assert!(!readiness.can_release());
    assert_eq!(bench.failed(Wish::Commits).code, "not-ready");
    bench.git(&["checkout", "-q", "--", "a"]);
    bench.git(&["checkout", "-q", "--detach"]);
    assert_eq!(bench.failed(Wish::Commits).summary.key, "release-check-branch-detached");
    bench.git(&["checkout", "-q", "main"]);
    let old = Wish::Version {
        version: "0.1.9".to_owned(),
    };
    assert_eq!(bench.failed(old).summary.key, "release-check-version-no");
    let wrong = Wish::Version {
        version: "1.x".to_owned(),
    };
    assert_eq!(bench.failed(wrong).code, "bad-version");
    let workspace = bench.workspace.clone();
    bench.session().world.trust().revoke(&workspace).unwrap();
    assert!(bench.failed(Wish::Commits).is_untrusted());
    assert_eq!(
        bench.prepare(Wish::Commits).next.unwrap().version,
        "0.3.0",
        "looking needs no trust"
    );
}

#[test]
fn a_version_is_released_with_changelog_tag_and_archive() {
    let mut bench = Bench::new();
    let catalog = Catalog::new(Lang::En);
    match bench.release(Wish::Commits) {
        Outcome::Done => {}
        Outcome::Failed { problem } => panic!("{}: {}", catalog.msg(&problem.summary), problem.details),
        Outcome::Cancelled => panic!("cancelled"),
    }
    let steps = &bench.model.release.of(&bench.workspace.id).unwrap().steps;
    let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(
        names,
        ["ready", "bump", "changelog", "commit", "build", "tag", "pack", "record"]
    );
    assert!(steps.iter().all(|step| step.state == State::Done));
    bench.is_released();
    // The build of a release is one of the task's own: its history and its trend have it.
    let workspace = bench.workspace.clone();
    assert_eq!(bench.run(Build::Refresh { workspace }), Outcome::Done);
    let builds = bench.model.build.get(&bench.workspace.id).expect("they are known");
    let tasks: Vec<&str> = builds
        .runs
        .value()
        .expect("they were read")
        .iter()
        .map(|run| run.task.as_str())
        .collect();
    assert_eq!(tasks, ["task:build"]);
}

#[test]
fn a_release_whose_build_fails_leaves_everything_as_it_was() {
    let mut bench = Bench::new();
    bench.write("broken", "yes");
    bench.commit("test: a build that fails");
    let before = bench.state();
    let problem = bench.failed(Wish::Commits);
    assert_eq!(problem.hint.as_ref().unwrap().key, "release-taken-back", "{problem:?}");
    assert_eq!(bench.state(), before);
    assert_eq!(bench.prepare(Wish::Commits).unfinished, None);
    bench.git(&["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    bench.is_released();
}

/// Runs a release in a program of its own and kills that as soon as a step has this state.
fn kill_at(bench: &mut Bench, step: &str, state: &str) {
    kill_verb_at(bench, &["run"], step, state);
}

fn kill_verb_at(bench: &mut Bench, verb: &[&str], step: &str, state: &str) {
    bench.close();
    let mut child = Program::new(env!("CARGO_BIN_EXE_chantier"))
        .arg("--home")
        .arg(bench.home())
        .arg("release")
        .args(verb)
        .arg("--events")
        .current_dir(bench.root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mark = format!("\"name\":\"{step}\",\"state\":\"{state}\"");
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let seen = lines.map_while(Result::ok).any(|line| line.contains(&mark));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(seen, "{step} {state} comes");
    bench.open();
}

#[test]
fn a_release_killed_at_any_step_is_finished_by_the_next_run() {
    let points = [
        ("bump", "in_progress"),
        ("bump", "done"),
        ("changelog", "done"),
        ("commit", "in_progress"),
        ("commit", "done"),
        ("build", "in_progress"),
        ("tag", "in_progress"),
        ("tag", "done"),
        ("pack", "in_progress"),
        ("record", "in_progress"),
    ];
    for (step, state) in points {
        let mut bench = Bench::new();
        kill_at(&mut bench, step, state);
        // A lock that git left when it was killed is git's to explain; here it is nobody's any more.
        drop(std::fs::remove_file(bench.root().join(".git/index.lock")));
        let outcome = bench.release(Wish::Commits);
        if outcome != Outcome::Done {
            // Killed after the last act: there is nothing left to do.
            let nothing = matches!(&outcome, Outcome::Failed { problem } if problem.code == "nothing-to-release");
            assert!(nothing, "{step} {state}: {outcome:?}");
        }
        bench.is_released();
    }
}

#[test]
fn an_unfinished_release_can_be_taken_back() {
    for (step, state) in [
        ("bump", "done"),
        ("commit", "done"),
        ("build", "in_progress"),
        ("tag", "done"),
    ] {
        let mut bench = Bench::new();
        let before = bench.state();
        kill_at(&mut bench, step, state);
        drop(std::fs::remove_file(bench.root().join(".git/index.lock")));
        let unfinished = bench.prepare(Wish::Commits).unfinished.unwrap();
        assert_eq!(unfinished.version, "0.3.0");
        let other = Wish::Version {
            version: "7.0.0".to_owned(),
        };
        assert_eq!(bench.failed(other).code, "unfinished");
        let workspace = bench.workspace.clone();
        assert_eq!(bench.run(Release::Abort { workspace }), Outcome::Done, "{step}");
        assert_eq!(bench.state(), before, "{step}");
        assert_eq!(bench.prepare(Wish::Commits).unfinished, None);
    }
}

#[test]
fn a_file_that_somebody_changed_meanwhile_is_not_overwritten() {
    let mut bench = Bench::new();
    kill_at(&mut bench, "bump", "in_progress");
    bench.write("CHANGELOG.md", "# Mine\n");
    let problem = bench.failed(Wish::Commits);
    assert_eq!(problem.code, "changed-meanwhile");
    assert_eq!(bench.read("CHANGELOG.md"), "# Mine\n");
    assert!(bench.read("Cargo.toml").contains("0.2.0"), "what was ours is taken back");
}
