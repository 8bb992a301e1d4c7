//! Continuous deployment with a real repository: what is green comes by itself, what is not is told once and goes nowhere.

use super::bench::{Bench, free_port, mini, problem_of, version_at};
use super::faults::when;
use crate::support::cli::git;
use chantier::areas::deploy::{Command as Deploy, Continuous};
use chantier::base::State;
use chantier::engine::Outcome;

/// A repository whose `staging` follows `main`.
fn bench(more: &str) -> Bench {
    let port = free_port();
    let text = format!(
        r#"[[task]]
name = "build"
run = ["cp", "service", "app"]
[[task]]
name = "check"
kind = "test"
run = ["test", "-f", "ok"]
[[artifact]]
name = "app"
path = "app"
task = "build"
[[environment]]
name = "staging"
[environment.target]
kind = "process"
run = ["{{artifact:app}}"]
port = {port}
stop_grace = "2s"
[environment.continuous]
branch = "main"
{more}
[[environment.health]]
kind = "http"
url = "http://127.0.0.1:{{port}}/health"
interval = "50ms"
deadline = "10s"
"#
    );
    let bench = Bench::of(&text, port, "");
    git(&bench.workspace.root, &["init", "--quiet", "--initial-branch", "main"]);
    bench
}

impl Bench {
    fn commit(&self, version: &str, mode: &str, is_green: bool) -> String {
        let root = &self.workspace.root;
        let mut bytes = std::fs::read(mini()).unwrap();
        bytes.extend(format!("#MINI version={version} mode={mode}#").bytes());
        std::fs::write(root.join("service"), bytes).unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(root.join("service"), std::fs::Permissions::from_mode(0o755)).unwrap();
        if is_green {
            std::fs::write(root.join("ok"), "").unwrap();
        } else {
            std::fs::remove_file(root.join("ok")).unwrap_or_default();
        }
        git(root, &["add", "--all"]);
        let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        git(root, &[&who[..], &["commit", "--quiet", "--message", version]].concat());
        git(root, &["rev-parse", "HEAD"]).trim().to_owned()
    }

    fn follow(&self, once: bool) -> Deploy {
        Deploy::Follow {
            workspace: self.workspace.clone(),
            environment: "staging".to_owned(),
            once,
        }
    }

    fn continuous(&mut self) -> Continuous {
        self.refreshed().continuous.unwrap()
    }
}

#[test]
fn green_commits_come_by_themselves_and_others_go_nowhere() {
    let mut bench = bench("");
    let first = bench.commit("1.0.0", "good", true);
    let once = bench.follow(true);
    assert_eq!(bench.run(once.clone()), Outcome::Done, "{:?}", bench.problems);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    let environment = bench.refreshed();
    assert_eq!(environment.live.unwrap().commit.as_ref(), Some(&first));
    let worktrees = git(&bench.workspace.root, &["worktree", "list"]);
    assert_eq!(worktrees.lines().count(), 1, "{worktrees}");

    // Not green: told, and not tried again.
    let second = bench.commit("2.0.0", "good", false);
    let problem = problem_of(bench.run(once.clone()));
    let last = bench.continuous().last.unwrap();
    assert_eq!((last.commit.as_str(), last.state), (second.as_str(), State::Failed));
    assert_eq!(problem_of(bench.run(once.clone())), problem);
    assert_eq!(bench.continuous().last.unwrap().at, last.at, "it was not tried again");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));

    // Followed: the next commit comes without a word, and one program does it.
    let endless = bench.follow(false);
    let id = bench.start(endless);
    bench.commit("3.0.0", "good", true);
    let (port, workspace) = (bench.port, bench.workspace.id.clone());
    let is_tried = |model: &chantier::areas::Model, state: State| {
        let known = model.deploy.of(&workspace);
        known.is_some_and(|known| known.tried.get("staging").is_some_and(|tried| tried.state == state))
    };
    let ended = bench.until(id, |model| {
        is_tried(model, State::Done) && version_at(port).as_deref() == Some("3.0.0")
    });
    assert_eq!(ended, None, "{:?}", bench.problems);
    let other = bench.program(&["deploy", "follow", "staging", "--once"]).output().unwrap();
    assert_eq!(other.status.code(), Some(1), "{}", String::from_utf8_lossy(&other.stderr));
    assert!(bench.continuous().is_followed);

    // Green, but its health is bad: it goes back, and the next one comes.
    bench.commit("4.0.0", "broken", true);
    assert_eq!(bench.until(id, |model| is_tried(model, State::Failed)), None);
    assert_eq!(version_at(port).as_deref(), Some("3.0.0"));
    bench.commit("5.0.0", "good", true);
    let ended = bench.until(id, |model| {
        is_tried(model, State::Done) && version_at(port).as_deref() == Some("5.0.0")
    });
    assert_eq!(ended, None);
    bench.session().link.cancel(id);
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Cancelled));
    assert!(!bench.continuous().is_followed);
    bench.audit_holds();
}

#[test]
fn what_was_tried_by_a_program_that_was_killed_is_tried_again() {
    let mut bench = bench("");
    bench.commit("1.0.0", "good", true);
    let words = ["deploy", "follow", "staging", "--events"];
    let mark = "\"learnt\":\"followed\"";
    let status = when(&mut bench, &words, &[], mark, |child| child.kill().unwrap());
    assert!(!status.success());
    let continuous = bench.continuous();
    assert_eq!(
        (continuous.is_followed, continuous.last.unwrap().state),
        (false, State::Interrupted)
    );
    assert_eq!(version_at(bench.port), None);
    let once = bench.follow(true);
    assert_eq!(bench.run(once), Outcome::Done, "{:?}", bench.problems);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
}

#[test]
fn a_pipeline_says_what_is_green() {
    let pipeline = "pipeline = \"ci\"";
    let mut bench = bench(pipeline);
    let path = bench.workspace.root.join("chantier.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str(
        "[[pipeline]]\nname = \"ci\"\n[[pipeline.job]]\nname = \"look\"\nsteps = [{ run = [\"test\", \"-f\", \"ok\"] }]\n",
    );
    std::fs::write(&path, text).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    let once = bench.follow(true);
    bench.commit("1.0.0", "good", false);
    assert!(matches!(bench.run(once.clone()), Outcome::Failed { .. }));
    assert_eq!(version_at(bench.port), None);
    bench.commit("2.0.0", "good", true);
    assert_eq!(bench.run(once), Outcome::Done, "{:?}", bench.problems);
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
}

#[test]
fn a_branch_is_followed_only_where_that_is_asked_for() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    let once = bench.follow(true);
    assert_eq!(problem_of(bench.run(once)).code, "not-continuous");
}
