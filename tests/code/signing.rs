//! Signing as git is configured, with a key of ssh made for the test: what commits, joins and moves commits signs them, and a key that
//! is missing is said; and fixups run the hooks that git runs.

use super::jobs::Bench;
use chantier::areas::code::act::Act;
use chantier::base::git_act::{GitAct, MergeMode};
use chantier::base::repo::CommitAct;
use chantier::engine::Outcome;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

impl Bench {
    /// A trusted repository that signs commits with a new key.
    fn signing() -> Self {
        let bench = Self::trusted();
        let key = bench.fixture.dir.path().join("key");
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f"])
            .arg(&key)
            .status()
            .expect("ssh-keygen is there: packaging/test.sh installs openssh-client");
        assert!(made.success());
        let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
        let allowed = bench.fixture.dir.path().join("allowed");
        std::fs::write(&allowed, format!("ada@example.org {public}")).unwrap();
        for (name, value) in [
            ("gpg.format", "ssh"),
            ("user.signingKey", key.to_str().unwrap()),
            ("gpg.ssh.allowedSignersFile", allowed.to_str().unwrap()),
            ("commit.gpgSign", "true"),
        ] {
            bench.fixture.run(&["config", name, value]);
        }
        bench
    }

    fn commits(&mut self, act: CommitAct) -> Outcome {
        let command = Act::Commit(act).on(&self.workspace);
        self.run(command)
    }

    /// The file changed and all committed.
    fn changes(&mut self, file: &str, message: &str) {
        self.fixture.write(file, format!("{message}\n"));
        self.fixture.run(&["add", "-A"]);
        let act = CommitAct {
            message: message.to_owned(),
            ..CommitAct::default()
        };
        assert_eq!(self.commits(act), Outcome::Done, "{}", self.log.join("\n"));
    }

    /// How each commit of a range is signed: `G` is good.
    fn signatures(&self, range: &str) -> String {
        self.fixture.text(&["log", "--format=%G?", range]).replace('\n', "")
    }

    fn hook(&self, name: &str, script: &str) {
        let hook = format!(".git/hooks/{name}");
        self.fixture.write(&hook, format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(self.fixture.path(&hook), PermissionsExt::from_mode(0o755)).unwrap();
    }
}

#[test]
fn what_makes_commits_signs_them() {
    let mut bench = Bench::signing();
    bench.changes("a", "one");
    bench.changes("b", "two");
    bench.changes("c", "three");
    assert_eq!(bench.signatures("HEAD"), "GGG");
    let amend = CommitAct {
        message: "three, better".to_owned(),
        is_amend: true,
        ..CommitAct::default()
    };
    assert_eq!(bench.commits(amend), Outcome::Done);
    assert_eq!(bench.signatures("-1"), "G");
    bench.fixture.write("b", "fixed\n");
    let fixup = CommitAct {
        fixup: Some("HEAD~1".to_owned()),
        is_all: true,
        ..CommitAct::default()
    };
    assert_eq!(bench.commits(fixup), Outcome::Done, "{}", bench.log.join("\n"));
    assert_eq!(bench.fixture.text(&["log", "--format=%s"]), "three, better\ntwo\none");
    assert_eq!(bench.signatures("HEAD"), "GGG");
    let mut plan = bench.plan("HEAD~2");
    plan.steps.swap(0, 1);
    bench.run_plan(&plan);
    assert_eq!(bench.fixture.text(&["log", "--format=%s"]), "two\nthree, better\none");
    assert_eq!(bench.signatures("HEAD"), "GGG");
    bench.fixture.run(&["switch", "-q", "-c", "side", "HEAD~2"]);
    bench.changes("d", "on the side");
    bench.done(GitAct::Rebase {
        onto: "main".to_owned(),
        since: None,
        is_autosquash: false,
        keeps_merges: false,
    });
    bench.fixture.run(&["switch", "-q", "main"]);
    bench.done(GitAct::Merge {
        what: "side".to_owned(),
        mode: MergeMode::NoFastForward,
        message: None,
    });
    bench.done(GitAct::Revert {
        commits: vec!["side".to_owned()],
        mainline: None,
    });
    bench.done(GitAct::CherryPick {
        commits: vec!["side".to_owned()],
        mainline: None,
        notes_origin: true,
    });
    assert_eq!(bench.signatures("HEAD"), "GGGGGGG");
    bench.done(GitAct::CreateTag {
        name: "v1".to_owned(),
        at: None,
        message: Some("the first".to_owned()),
        is_signed: true,
    });
    bench.fixture.run(&["verify-tag", "v1"]);
}

#[test]
fn a_missing_key_is_said_and_nothing_is_lost() {
    let mut bench = Bench::signing();
    bench.changes("a", "one");
    bench.changes("b", "two");
    bench.fixture.run(&["branch", "side", "HEAD~1"]);
    let key = bench.fixture.dir.path().join("key");
    std::fs::rename(&key, key.with_extension("away")).unwrap();
    std::fs::rename(key.with_extension("pub"), key.with_extension("pub.away")).unwrap();
    bench.fixture.write("c", "more\n");
    bench.fixture.run(&["add", "-A"]);
    let commit = CommitAct {
        message: "three".to_owned(),
        ..CommitAct::default()
    };
    let fixup = CommitAct {
        fixup: Some("HEAD~1".to_owned()),
        ..CommitAct::default()
    };
    for act in [commit, fixup] {
        let command = Act::Commit(act).on(&bench.workspace);
        let problem = bench.refused(command);
        assert_eq!(problem.code, "not-signed", "{problem:?}");
        assert!(problem.hint.is_some());
        assert_eq!(bench.fixture.text(&["status", "--porcelain"]), "A  c");
    }
    let tag = bench.fails(GitAct::CreateTag {
        name: "v1".to_owned(),
        at: None,
        message: Some("the first".to_owned()),
        is_signed: true,
    });
    assert_eq!(tag.code, "not-signed", "{tag:?}");
    assert_eq!(bench.fixture.text(&["tag"]), "");
    bench
        .fixture
        .run(&["-c", "commit.gpgSign=false", "commit", "-q", "-m", "three"]);
    bench.fixture.run(&["switch", "-q", "side"]);
    bench.fixture.write("d", "side\n");
    bench.fixture.run(&["add", "-A"]);
    bench
        .fixture
        .run(&["-c", "commit.gpgSign=false", "commit", "-q", "-m", "side"]);
    let rebase = bench.fails(GitAct::Rebase {
        onto: "main".to_owned(),
        since: None,
        is_autosquash: false,
        keeps_merges: false,
    });
    assert_eq!(rebase.code, "not-signed", "{rebase:?}");
    // What it stopped in can be given up, and everything is as before.
    if bench.operation().is_some() {
        bench.done(GitAct::Abort);
    }
    assert_eq!(bench.fixture.text(&["log", "--format=%s"]), "side\none");
}

#[test]
fn a_fixup_runs_the_hooks_that_git_runs() {
    let mut bench = Bench::trusted();
    bench.fixture.write("a", "1\n");
    bench.fixture.commit_all("one");
    bench.fixture.write("b", "1\n");
    bench.fixture.commit_all("two");
    bench.fixture.write("c", "1\n");
    bench.fixture.commit_all("three");
    bench.fixture.write("b", "2\n");
    let fixup = CommitAct {
        fixup: Some("HEAD~1".to_owned()),
        is_all: true,
        ..CommitAct::default()
    };
    for name in ["pre-commit", "commit-msg", "post-commit", "pre-rebase", "post-rewrite"] {
        bench.hook(
            name,
            &format!("echo {name} was here; echo {name} >> \"$(git rev-parse --git-common-dir)/ran\""),
        );
    }
    // A hook that refuses is heard, and nothing changes.
    bench.hook("pre-commit", "echo no bad words; exit 1");
    let command = Act::Commit(fixup.clone()).on(&bench.workspace);
    let problem = bench.refused(command);
    assert_eq!(problem.code, "hook-refused", "{problem:?}");
    assert!(problem.details.contains("no bad words"));
    assert_eq!(bench.fixture.text(&["log", "--format=%s"]), "three\ntwo\none");
    assert_eq!(bench.fixture.text(&["status", "--porcelain"]), " M b");
    bench.hook("pre-commit", "echo pre-commit was here; echo pre-commit >> .git/ran");
    let twin = bench.fixture.twin();
    assert_eq!(bench.commits(fixup), Outcome::Done, "{}", bench.log.join("\n"));
    assert_eq!(bench.fixture.text(&["log", "--format=%s"]), "three\ntwo\none");
    assert!(bench.log.iter().any(|line| line.contains("commit-msg was here")));
    // git does it in the same two steps.
    bench.fixture.run_in(&twin, &["commit", "-q", "-a", "--fixup=HEAD~1"]);
    bench.fixture.run_in(
        &twin,
        &["-c", "sequence.editor=true", "rebase", "-q", "-i", "--autosquash", "HEAD~3"],
    );
    let ran = |root: &std::path::Path| std::fs::read_to_string(root.join(".git/ran")).unwrap();
    assert_eq!(ran(&bench.fixture.root), ran(&twin));
}
