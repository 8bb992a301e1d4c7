//! Procedures that a project writes: they run, wait for a person, are killed, go on, are taken back, and are pushed to real remotes.

use super::{Bench, kill_verb_at};
use chantier::areas::devops::project;
use chantier::areas::release::{Command as Release, Deliverable, Step, Unfinished, Wish};
use chantier::base::{Problem, State};
use chantier::engine::Outcome;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command as Program;

const STEPS: &str = r#"
[[task]]
name = "stage"
run = ["sh", "-c", "echo {version} $CHANTIER_RELEASE_TAG > out/staged; test ! -e out/refuse"]
[[task]]
name = "unstage"
run = ["rm", "-f", "out/staged"]
[[release.step]]
kind = "check"
name = "lint"
run = ["sh", "-c", "mkdir -p out; test ! -e out/lint"]
[[release.step]]
kind = "bump"
[[release.step]]
kind = "changelog"
[[release.step]]
kind = "commit"
[[release.step]]
kind = "build"
[[release.step]]
kind = "task"
task = "stage"
undo = "unstage"
[[release.step]]
kind = "confirm"
name = "smoke"
text = "Greets by name on the staging machine"
evidence = true
[[release.step]]
kind = "tag"
[[release.step]]
kind = "pack"
[[release.step]]
kind = "publish"
"#;

impl Bench {
    /// With a procedure of its own, and two remotes.
    pub(super) fn with_steps() -> Self {
        let mut bench = Self::new();
        bench.write("chantier.toml", &format!("{}{STEPS}", super::PROJECT));
        bench.commit("chore: a procedure");
        for name in ["origin", "mirror"] {
            let remote = bench.remote(name);
            bench.git(&["init", "-q", "--bare", &remote.display().to_string()]);
            bench.git(&["remote", "add", name, &remote.display().to_string()]);
        }
        let workspace = bench.workspace.clone();
        bench.session().world.trust().trust(&workspace).unwrap();
        bench
    }

    fn remote(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(format!("{name}.git"))
    }

    /// The remote refuses every push from now on, or takes them again.
    fn refuse_pushes(&self, remote: &str, refuses: bool) {
        let hook = self.remote(remote).join("hooks/pre-receive");
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::write(&hook, format!("#!/bin/sh\nexit {}\n", u8::from(refuses))).unwrap();
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(super) fn tags_of(&self, remote: &str) -> String {
        self.git(&["ls-remote", "--tags", "--refs", remote])
            .lines()
            .filter_map(|line| line.rsplit('/').next())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn resume(&mut self) -> Outcome {
        let workspace = self.workspace.clone();
        self.run(Release::Resume { workspace })
    }

    fn abort(&mut self) -> Outcome {
        let workspace = self.workspace.clone();
        self.run(Release::Abort { workspace })
    }

    fn confirm(&mut self, step: &str, evidence: Option<&Path>) -> Outcome {
        let workspace = self.workspace.clone();
        self.run(Release::Confirm {
            workspace,
            step: step.to_owned(),
            note: "greets Ana".to_owned(),
            evidence: evidence.map(Path::to_path_buf),
        })
    }

    fn unfinished(&mut self) -> Option<Unfinished> {
        self.prepare(Wish::Commits).unfinished
    }

    fn step(&mut self, name: &str) -> Step {
        let steps = self.prepare(Wish::Commits).procedure;
        steps.into_iter().find(|step| step.name == name).unwrap()
    }

    fn evidence(&self) -> PathBuf {
        let file = self.folder.path().join("seen.txt");
        std::fs::write(&file, "Hello, Ana\n").unwrap();
        file
    }

    pub(super) fn has_staged(&self) -> bool {
        self.root().join("out/staged").exists()
    }

    fn newest(&mut self) -> Deliverable {
        let workspace = self.workspace.clone();
        assert_eq!(self.run(Release::List { workspace }), Outcome::Done);
        let known = self.model.release.of(&self.workspace.id).unwrap();
        known.deliverables.value().unwrap()[0].clone()
    }

    /// Tagged, packed, pushed to both, and nothing is left to do.
    fn is_out(&mut self) {
        assert_eq!(self.git(&["status", "--porcelain"]), "");
        assert_eq!(self.git(&["tag"]), "v0.2.0\nv0.3.0");
        for remote in ["origin", "mirror"] {
            assert_eq!(self.tags_of(remote), "v0.3.0", "{remote}");
            let there = self.git(&["ls-remote", remote, "refs/heads/main"]);
            assert!(there.starts_with(&self.git(&["rev-parse", "HEAD"])), "{remote}: {there}");
        }
        assert_eq!(self.unfinished(), None);
        let made = self.newest();
        assert_eq!((made.version.as_str(), made.artifacts.len()), ("0.3.0", 3));
        assert!(made.steps.iter().all(|step| step.state == State::Done), "{:?}", made.steps);
        let said = made.steps.iter().find_map(|step| step.confirmed.clone()).unwrap();
        assert_eq!(
            (said.by.as_str(), said.note.as_str()),
            ("Ana <ana@example.org>", "greets Ana")
        );
        let file = said.evidence.unwrap();
        assert_eq!(std::fs::read_to_string(&file.path).unwrap(), "Hello, Ana\n");
    }
}

fn failed(outcome: Outcome) -> Problem {
    match outcome {
        Outcome::Failed { problem } => problem,
        other => panic!("failed was expected, not {other:?}"),
    }
}

#[test]
fn a_release_waits_for_a_person_and_goes_on_days_later() {
    let mut bench = Bench::with_steps();
    let proposed = bench.prepare(Wish::Commits).procedure;
    assert!(proposed.iter().all(|step| step.state == State::Queued && !step.waits));
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert!(bench.has_staged());
    assert_eq!(bench.read("out/staged"), "0.3.0 v0.3.0\n");
    assert_eq!(bench.git(&["tag"]), "v0.2.0");
    bench.close();
    bench.open();
    let unfinished = bench.unfinished().unwrap();
    assert_eq!((unfinished.step.as_str(), unfinished.waits), ("smoke", true));
    assert!(bench.step("smoke").waits);
    // It waits, whatever is tried.
    assert_eq!(bench.resume(), Outcome::Done);
    assert_eq!(bench.unfinished().unwrap().step, "smoke");
    assert_eq!(failed(bench.confirm("stage", None)).code, "not-waiting");
    assert_eq!(failed(bench.confirm("smoke", None)).code, "no-evidence");
    assert_eq!(bench.unfinished().unwrap().step, "smoke");
    let file = bench.evidence();
    assert_eq!(bench.confirm("smoke", Some(&file)), Outcome::Done);
    bench.is_out();
    assert_eq!(failed(bench.resume()).code, "not-found");
    assert_eq!(failed(bench.abort()).code, "pushed", "others have it");
}

const READ: &str = r#"
[[release.step]]
kind = "bump"
[[release.step]]
kind = "changelog"
[[release.step]]
kind = "confirm"
name = "read"
text = "Read the changelog of {version}, which becomes {tag}"
[[release.step]]
kind = "commit"
[[release.step]]
kind = "tag"
"#;

/// A person goes over the changelog while the release waits: commit, tag and record have the text; taken back, it stays and is told.
#[test]
fn a_changelog_that_is_gone_over_while_the_release_waits_is_what_is_tagged() {
    let mut bench = Bench::new();
    bench.write("chantier.toml", &format!("{}{READ}", super::PROJECT));
    bench.commit("chore: a procedure");
    bench.trust_again();
    let mine = |bench: &Bench| {
        let text = bench.read("CHANGELOG.md");
        bench.write(
            "CHANGELOG.md",
            &text.replacen("### Added\n", "### Added\n\n- In words of mine\n", 1),
        );
    };
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert_eq!(
        bench.step("read").text.as_deref(),
        Some("Read the changelog of 0.3.0, which becomes v0.3.0")
    );
    mine(&bench);
    assert_eq!(bench.abort(), Outcome::Done);
    assert_eq!(bench.git(&["status", "--porcelain"]), "M CHANGELOG.md");
    assert!(
        bench.told.iter().any(|problem| problem.summary.key == "release-back-edited"),
        "{:?}",
        bench.told
    );
    bench.git(&["checkout", "-q", "CHANGELOG.md"]);

    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    mine(&bench);
    assert_eq!(bench.confirm("read", None), Outcome::Done);
    let tag = bench.git(&["tag", "-l", "--format=%(contents)", "v0.3.0"]);
    assert!(tag.contains("- In words of mine"), "{tag}");
    assert!(bench.newest().notes.contains("- In words of mine"));
}

#[test]
fn a_waiting_release_is_taken_back_with_what_its_tasks_did() {
    let mut bench = Bench::with_steps();
    let before = bench.state();
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert_ne!(bench.state(), before);
    assert_eq!(bench.abort(), Outcome::Done);
    assert_eq!(bench.state(), before);
    assert!(!bench.has_staged());
    assert_eq!(bench.unfinished(), None);
}

#[test]
fn a_step_of_the_project_that_fails_stands_until_it_is_tried_again() {
    let mut bench = Bench::with_steps();
    std::fs::create_dir_all(bench.root().join("out")).unwrap();
    bench.write("out/refuse", "");
    let problem = bench.failed(Wish::Commits);
    assert_eq!(problem.hint.unwrap().key, "release-stopped-hint");
    assert_eq!(bench.unfinished().unwrap().step, "stage");
    assert_eq!(bench.step("stage").state, State::Failed);
    assert!(
        bench.git(&["log", "-1", "--format=%s"]).contains("release"),
        "what was done stays"
    );
    // It fails again, and then not.
    assert_eq!(failed(bench.resume()).hint.unwrap().key, "release-stopped-hint");
    std::fs::remove_file(bench.root().join("out/refuse")).unwrap();
    assert_eq!(bench.resume(), Outcome::Done);
    let file = bench.evidence();
    assert_eq!(bench.confirm("smoke", Some(&file)), Outcome::Done);
    bench.is_out();
}

#[test]
fn a_push_that_is_refused_can_be_taken_back_and_one_that_was_taken_can_not() {
    let mut bench = Bench::with_steps();
    let before = bench.state();
    let file = bench.evidence();
    for remote in ["origin", "mirror"] {
        bench.refuse_pushes(remote, true);
    }
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    failed(bench.confirm("smoke", Some(&file)));
    let unfinished = bench.unfinished().unwrap();
    assert_eq!((unfinished.step.as_str(), unfinished.is_final), ("publish", false));
    assert_eq!(bench.git(&["tag"]), "v0.2.0\nv0.3.0");
    assert_eq!(bench.abort(), Outcome::Done);
    assert_eq!(bench.state(), before);

    // git lists remotes by their names: the mirror takes it, the origin does not.
    bench.refuse_pushes("mirror", false);
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let problem = failed(bench.confirm("smoke", Some(&file)));
    assert_eq!(problem.code, "refused", "{problem:?}");
    assert_eq!(
        (bench.tags_of("mirror").as_str(), bench.tags_of("origin").as_str()),
        ("v0.3.0", "")
    );
    assert!(bench.unfinished().unwrap().is_final);
    assert_eq!(failed(bench.abort()).code, "pushed");
    bench.refuse_pushes("origin", false);
    assert_eq!(bench.resume(), Outcome::Done);
    bench.is_out();
}

/// Without a way to the others nothing leaves, and what did not leave is taken back without them.
#[test]
fn a_push_to_nobody_who_answers_can_be_taken_back() {
    let mut bench = Bench::with_steps();
    for remote in ["origin", "mirror"] {
        bench.git(&["remote", "set-url", remote, "/nowhere/at/all.git"]);
    }
    let (before, file) = (bench.state(), bench.evidence());
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let problem = failed(bench.confirm("smoke", Some(&file)));
    assert_eq!(problem.summary.key, "release-said", "{problem:?}");
    let unfinished = bench.unfinished().unwrap();
    assert_eq!((unfinished.step.as_str(), unfinished.is_final), ("publish", false));
    assert_eq!(bench.abort(), Outcome::Done);
    assert_eq!((bench.state(), bench.unfinished()), (before, None));
}

/// Somebody else gave the same version out: it is told before anything is written, and what was begun by then can be taken back.
#[test]
fn a_version_that_only_the_remote_has_is_refused_and_blocks_nothing() {
    let mut bench = Bench::with_steps();
    let file = bench.evidence();
    bench.git(&["push", "-q", "origin", "HEAD~1:refs/tags/v0.3.0"]);
    let before = bench.state();
    let problem = failed(bench.release(Wish::Commits));
    assert_eq!(
        (problem.code.as_str(), bench.unfinished()),
        ("tag-there", None),
        "{problem:?}"
    );
    assert_eq!(bench.state(), before);

    bench.git(&["push", "-q", "origin", ":refs/tags/v0.3.0"]);
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    bench.git(&["push", "-q", "origin", "HEAD~1:refs/tags/v0.3.0"]);
    let problem = failed(bench.confirm("smoke", Some(&file)));
    assert_eq!(problem.code, "tag-there", "{problem:?}");
    assert_eq!(bench.tags_of("mirror"), "", "the other one is not pushed to first");
    assert!(!bench.unfinished().unwrap().is_final);
    assert_eq!(bench.abort(), Outcome::Done);
    assert_eq!((bench.state(), bench.unfinished()), (before, None));
}

/// The states of every step, in the order in which they come; those behind the confirmation in a program that confirms.
const POINTS: [(&str, &str, bool); 16] = [
    ("lint", "in_progress", false),
    ("bump", "in_progress", false),
    ("changelog", "in_progress", false),
    ("commit", "in_progress", false),
    ("commit", "done", false),
    ("build", "in_progress", false),
    ("stage", "in_progress", false),
    ("stage", "done", false),
    ("smoke", "queued", false),
    ("smoke", "in_progress", true),
    ("tag", "in_progress", true),
    ("tag", "done", true),
    ("pack", "in_progress", true),
    ("publish", "in_progress", true),
    ("publish", "done", true),
    ("record", "in_progress", true),
];

fn killed(bench: &mut Bench, step: &str, state: &str, confirms: bool) {
    if confirms {
        assert_eq!(bench.release(Wish::Commits), Outcome::Done);
        let file = bench.evidence().display().to_string();
        let verb = ["confirm", "smoke", "--note", "greets Ana", "--evidence", &file];
        kill_verb_at(bench, &verb, step, state);
    } else {
        kill_verb_at(bench, &["run"], step, state);
    }
    drop(std::fs::remove_file(bench.root().join(".git/index.lock")));
}

#[test]
fn a_written_procedure_killed_at_any_step_goes_on() {
    for (step, state, confirms) in POINTS {
        let mut bench = Bench::with_steps();
        killed(&mut bench, step, state, confirms);
        let file = bench.evidence();
        if bench.unfinished().is_some() {
            assert_eq!(bench.resume(), Outcome::Done, "{step} {state}");
        }
        if bench.unfinished().is_some_and(|unfinished| unfinished.waits) {
            assert_eq!(bench.confirm("smoke", Some(&file)), Outcome::Done, "{step} {state}");
        }
        bench.is_out();
    }
}

#[test]
fn a_written_procedure_killed_at_any_step_before_the_push_is_taken_back() {
    for (step, state, confirms) in POINTS.into_iter().take_while(|(step, ..)| *step != "publish") {
        let mut bench = Bench::with_steps();
        let before = bench.state();
        killed(&mut bench, step, state, confirms);
        assert_eq!(bench.abort(), Outcome::Done, "{step} {state}");
        assert_eq!(bench.state(), before, "{step} {state}");
        assert!(!bench.has_staged(), "{step} {state}");
        assert_eq!(bench.unfinished(), None);
    }
}

#[test]
fn a_script_is_told_that_a_person_is_waited_for() {
    let mut bench = Bench::with_steps();
    bench.close();
    let run = |verb: &[&str]| {
        let output = Program::new(env!("CARGO_BIN_EXE_chantier"))
            .arg("--home")
            .arg(bench.home())
            .args(["--lang", "en", "release"])
            .args(verb)
            .current_dir(bench.root())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    };
    let (code, text) = run(&["run"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("chantier release confirm smoke"), "{text}");
    let (code, text) = run(&["steps"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("waits for you"), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    let never = lines
        .iter()
        .position(|line| line.contains("nothing can be taken back"))
        .unwrap();
    assert!(lines[never + 1].contains("Push"), "{text}");
    let file = bench.evidence().display().to_string();
    let (code, text) = run(&["confirm", "smoke", "--note", "greets Ana", "--evidence", &file]);
    assert_eq!(code, Some(0), "{text}");
    let (_, text) = run(&["show", "0.3.0"]);
    assert!(text.contains("Ana <ana@example.org>: greets Ana"), "{text}");
    bench.open();
    bench.is_out();
}

#[test]
fn what_is_wrong_with_a_procedure_is_told_and_forbids_the_release() {
    let step = |words: &str| format!("[[release.step]]\nkind = \"tag\"\n[[release.step]]\n{words}\n");
    let cases = [
        (step("kind = \"task\""), "devops-step-needs"),
        (step("kind = \"task\"\ntask = \"none\""), "devops-project-missing"),
        (step("kind = \"check\""), "devops-step-needs"),
        (step("kind = \"check\"\ncheck = \"weather\""), "devops-step-check"),
        (step("kind = \"confirm\""), "devops-step-needs"),
        (step("kind = \"tag\""), "devops-project-twice"),
        (step("kind = \"build\""), "devops-step-order"),
        (step("kind = \"ready\""), "devops-step-stray"),
        (step("kind = \"pack\"\nremotes = [\"origin\"]"), "devops-step-stray"),
        (step("kind = \"pack\"\nwhere = 1"), "wrong-key"),
        ("[[release.step]]\nkind = \"commit\"\n".to_owned(), "devops-step-lacks"),
        (
            "[[release.step]]\nkind = \"bump\"\n[[release.step]]\nkind = \"tag\"\n".to_owned(),
            "devops-step-lacks",
        ),
    ];
    for (text, key) in cases {
        let (_, problems) = project::parse(&text, Path::new("chantier.toml"));
        let keys: Vec<&str> = problems.iter().map(|problem| problem.summary.key.as_ref()).collect();
        assert_eq!(keys, [key], "{text}");
        assert!(problems[0].place.as_ref().unwrap().line > Some(0), "{text}");
    }
    let mut bench = Bench::new();
    bench.write("chantier.toml", &format!("{}{}", super::PROJECT, step("kind = \"task\"")));
    bench.commit("chore: a wrong procedure");
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    assert_eq!(bench.failed(Wish::Commits).code, "not-ready");
}

/// It says what its manifest says: whoever names the manifest has it follow, where git has it.
#[test]
fn the_lock_file_beside_a_named_manifest_follows() {
    for (ignored, after) in [("", "0.3.0"), ("Cargo.lock\n", "0.2.0")] {
        let mut bench = Bench::new();
        let lock = |version: &str| format!("version = 4\n\n[[package]]\nname = \"app\"\nversion = \"{version}\"\n");
        bench.write(".gitignore", &format!("out/\n{ignored}"));
        bench.write("Cargo.lock", &lock("0.2.0"));
        bench.commit("build: a lock file");
        assert_eq!(bench.release(Wish::Commits), Outcome::Done);
        assert!(bench.read("Cargo.toml").contains("0.3.0"));
        assert_eq!(bench.read("Cargo.lock"), lock(after), "{ignored}");
        assert_eq!(bench.git(&["status", "--porcelain"]), "");
    }
}

/// What somebody commits while a release waits is part of none, and stays here; what they push themselves stays there.
#[test]
fn only_the_commit_of_a_release_is_given_out() {
    let mut bench = Bench::with_steps();
    let kinds = ["bump", "changelog", "commit", "tag", "confirm\"\nname = \"look", "publish"];
    let steps = kinds.map(|kind| format!("[[release.step]]\nkind = \"{kind}\"\n")).concat();
    bench.write("chantier.toml", &format!("{}{steps}", super::PROJECT));
    bench.commit("chore: another procedure");
    bench.trust_again();
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let release = bench.git(&["rev-parse", "HEAD"]);
    bench.write("b", "b");
    bench.git(&["add", "b"]);
    bench.git(&["commit", "-q", "-m", "feat: meanwhile"]);
    let newer = bench.git(&["rev-parse", "HEAD"]);
    bench.git(&["push", "-q", "mirror", "main"]);
    assert_eq!(bench.confirm("look", None), Outcome::Done);
    let there = |name: &str, place: &str| bench.git(&["ls-remote", name, place]);
    for (remote, tip) in [("origin", &release), ("mirror", &newer)] {
        assert!(there(remote, "refs/heads/main").starts_with(tip.as_str()), "{remote}");
        assert!(there(remote, "refs/tags/v0.3.0^{}").starts_with(release.as_str()), "{remote}");
    }
    assert_eq!(bench.git(&["rev-parse", "HEAD"]), newer);
}
