//! A version that is made and that nobody has is taken back whole; one that others have is not. Withdrawn versions keep who and why.

use super::Bench;
use chantier::areas::release::{Command as Release, Wish};
use chantier::base::Problem;
use chantier::engine::Outcome;
use std::io::{BufRead, BufReader};
use std::process::{Command as Program, Stdio};

impl Bench {
    fn taken_back(&mut self) -> Result<(), Problem> {
        let workspace = self.workspace.clone();
        match self.run(Release::Abort { workspace }) {
            Outcome::Done => Ok(()),
            Outcome::Failed { problem } => Err(problem),
            Outcome::Cancelled => panic!("cancelled"),
        }
    }

    fn bare(&self, name: &str) {
        let path = self.folder.path().join(format!("{name}.git"));
        let path = path.to_str().unwrap();
        self.git(&["init", "-q", "--bare", path]);
        self.git(&["remote", "add", name, path]);
    }

    fn withdraw(&mut self, version: &str, reason: Option<&str>) -> Outcome {
        self.run(Release::Withdraw {
            workspace: self.workspace.clone(),
            version: version.to_owned(),
            reason: reason.map(str::to_owned),
        })
    }

    fn made(&mut self, version: &str) -> chantier::areas::release::Deliverable {
        let workspace = self.workspace.clone();
        assert_eq!(self.run(Release::List { workspace }), Outcome::Done);
        let known = self.model.release.of(&self.workspace.id).unwrap();
        let list = known.deliverables.value().unwrap();
        list.iter().find(|one| one.version == version).cloned().expect("it is listed")
    }
}

#[test]
fn a_made_version_that_nobody_has_is_taken_back_whole() {
    let mut bench = Bench::new();
    bench.bare("origin");
    let before = bench.state();
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let file = bench.made("0.3.0").artifacts[0].path.clone();
    assert!(file.exists());
    let unpushed = bench.prepare(Wish::Commits).unpushed.expect("nobody has it");
    assert_eq!((unpushed.version.as_str(), unpushed.tag.as_str()), ("0.3.0", "v0.3.0"));
    assert_eq!(unpushed.commands(), ["git push --atomic origin main v0.3.0"]);
    // What somebody writes meanwhile stays.
    bench.write("note", "mine\n");
    assert_eq!(bench.taken_back(), Ok(()));
    std::fs::remove_file(bench.root().join("note")).expect("it stayed");
    assert_eq!(bench.state(), before);
    assert!(!file.exists(), "its files are gone");
    let workspace = bench.workspace.clone();
    assert_eq!(bench.run(Release::List { workspace }), Outcome::Done);
    let known = bench.model.release.of(&bench.workspace.id).unwrap();
    let versions: Vec<&str> = known
        .deliverables
        .value()
        .unwrap()
        .iter()
        .map(|one| one.version.as_str())
        .collect();
    assert_eq!(versions, ["0.2.0"]);
    let readiness = bench.prepare(Wish::Commits);
    assert_eq!((readiness.unfinished, readiness.unpushed), (None, None));
    assert_eq!(bench.taken_back().unwrap_err().code, "not-found");
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    bench.is_released();
}

#[test]
fn a_version_that_a_remote_has_is_not_taken_back() {
    let mut bench = Bench::new();
    bench.bare("origin");
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    // Only the tag: nothing here knows of it, so the remote itself is asked.
    bench.git(&["push", "-q", "origin", "v0.3.0"]);
    let after = bench.state();
    let problem = bench.taken_back().unwrap_err();
    assert_eq!(
        (problem.code.as_ref(), problem.summary.key.as_ref()),
        ("pushed", "release-back-there")
    );
    assert_eq!(bench.state(), after);
    // A remote that does not answer may have it.
    bench.git(&["remote", "set-url", "origin", "/nowhere/at/all.git"]);
    assert_eq!(bench.taken_back().unwrap_err().code, "remote-unknown");
    assert_eq!(bench.state(), after);
}

#[test]
fn a_version_with_commits_on_top_is_not_taken_back() {
    let mut bench = Bench::new();
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    bench.write("a", "later");
    bench.commit("feat: later");
    let after = bench.state();
    let problem = bench.taken_back().unwrap_err();
    assert_eq!(problem.code, "moved-on");
    assert_eq!(problem.hint.unwrap().key, "release-back-moved-hint");
    assert_eq!(bench.state(), after);
    assert_eq!(bench.prepare(Wish::Commits).unpushed, None);
}

/// The version that was tagged elsewhere is blocked like one of our own; nothing that was said is lost.
#[test]
fn a_version_tagged_elsewhere_is_withdrawn_and_every_word_is_kept() {
    let mut bench = Bench::new();
    assert_eq!(bench.withdraw("0.2.0", Some("leaks")), Outcome::Done);
    let one = bench.made("0.2.0");
    assert_eq!((one.id, one.withdrawn.as_deref()), (0, Some("leaks")));
    assert_eq!(one.words.len(), 1);
    assert!(one.words[0].by.contains("Ana"), "{:?}", one.words);
    assert!(matches!(bench.withdraw("0.2.0", Some("other")), Outcome::Failed { problem } if problem.code == "withdrawn"));
    assert_eq!(
        bench.made("0.2.0").withdrawn.as_deref(),
        Some("leaks"),
        "the first reason stays"
    );
    assert_eq!(bench.withdraw("v0.2.0", None), Outcome::Done);
    assert!(matches!(bench.withdraw("0.2.0", None), Outcome::Failed { problem } if problem.code == "not-withdrawn"));
    let one = bench.made("0.2.0");
    assert_eq!(one.withdrawn, None);
    let reasons: Vec<Option<&str>> = one.words.iter().map(|word| word.reason.as_deref()).collect();
    assert_eq!(reasons, [Some("leaks"), None]);
    assert!(matches!(bench.withdraw("9.9.9", Some("x")), Outcome::Failed { problem } if problem.code == "not-found"));

    let runtime = bench.session().runtime().clone();
    let world = bench.session().world.clone();
    let (rows, verdict) = runtime.block_on(async {
        let id = bench.workspace.id.clone();
        let rows = world.store().audit().list(&id, None, 10).await.unwrap();
        (rows, world.store().audit().verify().await.unwrap())
    });
    let mut acts: Vec<&str> = rows.iter().map(|row| row.act.as_str()).collect();
    acts.sort_unstable();
    assert_eq!(acts, ["release.restore", "release.withdraw"]);
    assert_eq!(verdict.broken_at, None);
}

/// Ctrl+C ends it politely, and who pressed it reads what stands and what is next.
#[test]
fn a_release_that_is_interrupted_says_what_stands_and_what_is_next() {
    let mut bench = Bench::new();
    let steps = "[[task]]\nname = \"wait\"\nrun = [\"sleep\", \"60\"]\n\
                 [[release.step]]\nkind = \"bump\"\n[[release.step]]\nkind = \"commit\"\n\
                 [[release.step]]\nkind = \"task\"\ntask = \"wait\"\n[[release.step]]\nkind = \"tag\"\n";
    bench.write("chantier.toml", &format!("{}{steps}", super::PROJECT));
    bench.commit("chore: a long step");
    bench.trust_again();
    bench.close();
    let mut child = Program::new(env!("CARGO_BIN_EXE_chantier"))
        .arg("--home")
        .arg(bench.home())
        .args(["release", "run", "--events"])
        .current_dir(bench.root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let waits = "\"name\":\"wait\",\"state\":\"in_progress\"";
    assert!(lines.by_ref().any(|line| line.contains(waits)), "the step begins");
    let sent = Program::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let rest: Vec<String> = lines.collect();
    child.wait().unwrap();
    let told = rest.iter().find(|line| line.contains("release-stands")).expect("it is told");
    assert!(told.contains("release-stopped-hint"), "{told}");
    bench.open();
    assert_eq!(bench.prepare(Wish::Commits).unfinished.unwrap().step, "wait");
    assert_eq!(bench.taken_back(), Ok(()));
    assert_eq!(bench.git(&["status", "--porcelain"]), "");
}
