//! Acts on files, commits and branches, and taking each of them back.

use super::fixture::{Fixture, path};
use chantier::adapters::git::{Budget, Repo, Scope};
use chantier::base::git_act::LocalChanges;
use chantier::base::repo::{CommitAct, UndoKind, Which};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

fn entry(id: Option<u64>) -> Which {
    Which::Entry { id: id.unwrap() }
}

async fn commit(fixture: &Fixture, act: &CommitAct, kind: UndoKind) -> Option<u64> {
    let subject = act.message.as_str();
    let mark = fixture
        .git
        .mark(fixture.repo(), kind, subject, Scope::files(), fixture.at())
        .await
        .unwrap();
    let cmd = fixture.git.commit_cmd(fixture.repo(), act, &fixture.cancel).await.unwrap();
    let mut child = Command::new(&cmd.program)
        .args(&cmd.args)
        .current_dir(&fixture.root)
        .env("HOME", fixture.dir.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), act.message.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    fixture.git.remember(fixture.repo(), mark).await.unwrap().undo
}

#[tokio::test]
async fn discarded_files_come_back_exactly() {
    let fixture = Fixture::new();
    fixture.write("changed", "old\n");
    fixture.write("gone", "old\n");
    fixture.write("mode", "x\n");
    fixture.write("kind", "x\n");
    fixture.write("other", "x\n");
    fixture.write(".gitignore", "*.log\n");
    fixture.commit_all("one");
    let odd = b"new\r\n\0\xff no end".to_vec();
    fixture.write("changed", &odd);
    std::fs::remove_file(fixture.path("gone")).unwrap();
    std::fs::set_permissions(fixture.path("mode"), PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::remove_file(fixture.path("kind")).unwrap();
    std::os::unix::fs::symlink("else\u{e9}where", fixture.path("kind")).unwrap();
    fixture.write("dir/sub/\u{fc}ntracked", &odd);
    fixture.write("dir/keep.log", "ignored");
    fixture.write("other", "stays\n");
    fixture.write("-rf", "dash\n");
    let wanted: Vec<_> = ["changed", "gone", "mode", "kind", "dir", "-rf"].iter().map(path).collect();
    let done = fixture
        .git
        .discard(fixture.repo(), &wanted, fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    assert_eq!(fixture.text(&["status", "--porcelain"]), " M other");
    assert!(!fixture.path("dir/sub").exists() && fixture.path("dir/keep.log").exists());
    fixture.fsck();
    // The repository's own care must not lose what is kept.
    fixture.run(&["gc", "-q", "--prune=now"]);
    let back = fixture
        .git
        .take_back(fixture.repo(), entry(done.undo), false, fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    assert_eq!(fixture.read("changed"), odd);
    assert_eq!(fixture.read("dir/sub/\u{fc}ntracked"), odd);
    assert!(!fixture.path("gone").exists());
    assert_eq!(
        std::fs::read_link(fixture.path("kind")).unwrap().to_str().unwrap(),
        "else\u{e9}where"
    );
    assert_eq!(
        std::fs::metadata(fixture.path("mode")).unwrap().permissions().mode() & 0o111,
        0o111
    );
    assert_eq!((back.undo, back.taken.len()), (None, 1));
    // And again: what was taken back can be done again.
    fixture
        .git
        .redo(fixture.repo(), Which::Last { n: 1 }, false, fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    assert_eq!(fixture.text(&["status", "--porcelain"]), " M other");
    fixture.fsck();
}

#[tokio::test]
async fn a_discard_never_goes_through_a_link_or_takes_a_repository() {
    let fixture = Fixture::new();
    fixture.write("d/f", "tracked\n");
    fixture.commit_all("one");
    let outside = fixture.dir.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("f"), "precious\n").unwrap();
    std::fs::remove_dir_all(fixture.path("d")).unwrap();
    std::os::unix::fs::symlink(&outside, fixture.path("d")).unwrap();
    let at_f = fixture
        .git
        .discard(fixture.repo(), &[path("d/f")], fixture.at(), &fixture.cancel)
        .await;
    assert!(at_f.is_err());
    assert_eq!(std::fs::read(outside.join("f")).unwrap(), b"precious\n");
    std::fs::create_dir(fixture.path("inner")).unwrap();
    fixture.run_in(&fixture.path("inner"), &["init", "-q"]);
    std::fs::write(fixture.path("inner/file"), "x").unwrap();
    assert!(
        fixture
            .git
            .discard(fixture.repo(), &[path("inner/")], fixture.at(), &fixture.cancel)
            .await
            .is_err()
    );
    assert!(fixture.path("inner/file").exists());
    let untrusted = Repo {
        is_trusted: false,
        ..fixture.repo()
    };
    let problem = fixture
        .git
        .discard(untrusted, &[path("d")], fixture.at(), &fixture.cancel)
        .await
        .unwrap_err();
    assert!(problem.is_untrusted());
}

#[tokio::test]
async fn staging_files_is_gits_staging_and_comes_back() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    fixture.write("b", "1\n");
    fixture.commit_all("one");
    fixture.write("a", "2\n");
    std::fs::remove_file(fixture.path("b")).unwrap();
    fixture.write(b"n\xffew/x", "n\n");
    fixture.write("*", "star\n");
    let before = fixture.run(&["ls-files", "-s", "-z"]);
    let wanted = [path("a"), path("b"), path(b"n\xffew/"), path("*")];
    let staged = fixture
        .git
        .stage(fixture.repo(), &wanted, fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    assert_eq!(
        fixture.text(&["-c", "core.quotePath=true", "status", "--porcelain"]),
        "A  *\nM  a\nD  b\nA  \"n\\377ew/x\""
    );
    let unstaged = fixture
        .git
        .unstage(fixture.repo(), &[path("a")], fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    assert!(fixture.text(&["status", "--porcelain"]).contains(" M a"));
    fixture
        .git
        .take_back(fixture.repo(), entry(unstaged.undo), false, fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    fixture
        .git
        .take_back(fixture.repo(), entry(staged.undo), false, fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    assert_eq!(fixture.run(&["ls-files", "-s", "-z"]), before);
    let all = fixture
        .git
        .stage(fixture.repo(), &[], fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    fixture.commit_all("went on");
    let problem = fixture
        .git
        .take_back(fixture.repo(), entry(all.undo), false, fixture.at(), &fixture.cancel)
        .await
        .unwrap_err();
    assert_eq!(problem.code, "went-on");
    fixture.fsck();
}

#[tokio::test]
async fn the_first_commit_an_amend_and_a_commit_of_everything_come_back() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    fixture
        .git
        .stage(fixture.repo(), &[path("a")], fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    let act = CommitAct {
        message: "#1 first\n\nbody".to_owned(),
        is_amend: false,
        is_all: false,
        ..CommitAct::default()
    };
    let first = commit(&fixture, &act, UndoKind::Commit).await;
    assert_eq!(fixture.text(&["log", "--format=%B"]), "#1 first\n\nbody");
    let oid = fixture.text(&["rev-parse", "HEAD"]);
    let amended = commit(
        &fixture,
        &CommitAct {
            message: "better".to_owned(),
            is_amend: true,
            is_all: false,
            ..CommitAct::default()
        },
        UndoKind::Amend,
    )
    .await;
    assert_eq!(fixture.text(&["log", "--format=%s"]), "better");
    fixture
        .git
        .take_back(fixture.repo(), entry(amended), false, fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    assert_eq!(fixture.text(&["rev-parse", "HEAD"]), oid);
    fixture.write("a", "2\n");
    let all = commit(
        &fixture,
        &CommitAct {
            message: "all".to_owned(),
            is_amend: false,
            is_all: true,
            ..CommitAct::default()
        },
        UndoKind::Commit,
    )
    .await;
    assert_eq!(fixture.text(&["status", "--porcelain"]), "");
    fixture
        .git
        .take_back(fixture.repo(), entry(all), false, fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    assert_eq!(
        fixture.text(&["status", "--porcelain"]),
        " M a",
        "the index is as it was before, too"
    );
    fixture.run(&["checkout", "-q", "--", "a"]);
    fixture
        .git
        .take_back(fixture.repo(), entry(first), false, fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    assert_eq!(fixture.text(&["status", "--porcelain"]), "A  a");
    fixture.fsck();
}

#[tokio::test]
async fn branches_are_made_switched_and_left_again() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    fixture.commit_all("one");
    let (repo, at, cancel) = (fixture.repo(), fixture.at(), &fixture.cancel);
    let made = fixture
        .git
        .create_branch(repo, "side", None, false, at, cancel)
        .await
        .unwrap();
    assert_eq!(
        fixture
            .git
            .create_branch(repo, "side", None, false, at, cancel)
            .await
            .unwrap_err()
            .code,
        "exists"
    );
    assert!(fixture.git.create_branch(repo, "-x", None, false, at, cancel).await.is_err());
    assert!(fixture.git.create_branch(repo, "a b", None, false, at, cancel).await.is_err());
    let switched = fixture
        .git
        .switch(repo, "side", LocalChanges::Carry, at, cancel)
        .await
        .unwrap();
    fixture.write("a", "side\n");
    fixture.commit_all("side");
    fixture.write("a", "changed\n");
    let refused = fixture
        .git
        .switch(repo, "main", LocalChanges::Carry, at, cancel)
        .await
        .unwrap_err();
    assert_eq!((refused.code.as_str(), refused.details.as_str()), ("would-overwrite", "a"));
    let refused = fixture.git.take_back(repo, entry(switched.undo), false, at, cancel).await;
    assert_eq!(refused.unwrap_err().code, "went-on", "there is a commit since");
    fixture.run(&["reset", "-q", "--hard", "HEAD~1"]);
    fixture.write("b", "comes along\n");
    fixture
        .git
        .take_back(repo, entry(switched.undo), false, at, cancel)
        .await
        .unwrap();
    assert_eq!(
        (
            fixture.text(&["branch", "--show-current"]).as_str(),
            fixture.path("b").exists()
        ),
        ("main", true)
    );
    fixture.run(&["branch", "-q", "--force", "side", "ORIG_HEAD"]);
    assert_eq!(
        fixture
            .git
            .take_back(repo, entry(made.undo), false, at, cancel)
            .await
            .unwrap_err()
            .code,
        "went-on"
    );
    assert_eq!(
        fixture
            .git
            .switch(repo, "nowhere", LocalChanges::Carry, at, cancel)
            .await
            .unwrap_err()
            .code,
        "not-found"
    );
    let detached = fixture
        .git
        .switch(repo, "side~1", LocalChanges::Carry, at, cancel)
        .await
        .unwrap();
    assert_eq!(fixture.text(&["branch", "--show-current"]), "");
    fixture
        .git
        .take_back(repo, entry(detached.undo), false, at, cancel)
        .await
        .unwrap();
    assert_eq!(fixture.text(&["branch", "--show-current"]), "main");
    fixture.fsck();
}

#[tokio::test]
async fn old_entries_go_and_it_is_told() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    fixture.commit_all("one");
    let budget = Budget {
        max_entries: 20,
        max_bytes: 1000,
    };
    fixture.git.set_undo_budget(budget);
    let mut n_pruned = 0;
    for n in 0..budget.max_entries + 3 {
        fixture.write("a", format!("{n} changed\n"));
        n_pruned += fixture
            .git
            .discard(fixture.repo(), &[path("a")], fixture.at(), &fixture.cancel)
            .await
            .unwrap()
            .n_pruned;
    }
    let list = fixture.git.undo_list(&fixture.root).unwrap();
    assert_eq!(
        (n_pruned, list.len(), list[0].kind),
        (3, budget.max_entries, UndoKind::Discard)
    );
    assert_eq!(list[0].paths, [path("a")]);
    assert!(list.windows(2).all(|pair| pair[0].id > pair[1].id));
    // Bytes count too; the newest entry stays whatever its size.
    fixture.write("a", "x".repeat(900));
    let paths = [path("a")];
    fixture
        .git
        .discard(fixture.repo(), &paths, fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    fixture.write("a", "y".repeat(2000));
    let done = fixture
        .git
        .discard(fixture.repo(), &paths, fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    assert!(done.n_pruned > 0);
    assert_eq!(fixture.git.undo_list(&fixture.root).unwrap().len(), 1);
}

#[tokio::test]
async fn a_held_index_lock_names_its_holder() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    let lock = std::fs::File::create(fixture.path(".git/index.lock")).unwrap();
    let problem = fixture
        .git
        .stage(fixture.repo(), &[], fixture.at(), &fixture.cancel)
        .await
        .unwrap_err();
    assert_eq!(problem.code, "index-locked");
    assert!(format!("{problem:?}").contains(&std::process::id().to_string()));
    drop(lock);
    assert!(fixture.git.status(&fixture.root).is_ok(), "reading goes on");
}
