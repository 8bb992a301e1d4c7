//! Repositories as they are found in the wild: none, bare, unborn, detached, shallow, broken, hostile.

use super::fixture::{Fixture, path};
use chantier::adapters::git::{Repo, Scope};
use chantier::base::diff::{DiffLook, DiffOf};
use chantier::base::git_act::LocalChanges;
use chantier::base::repo::{Change, Head, UndoKind, Which};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Reads everything there is to read, both ways; gives the codes of the problems.
async fn read_all(fixture: &Fixture, root: &Path) -> Vec<String> {
    let mut codes = Vec::new();
    for is_trusted in [false, true] {
        let repo = Repo { root, is_trusted };
        codes.extend(fixture.git.status_now(repo, &fixture.cancel).await.err());
        codes.extend(fixture.log(repo).await.err());
        codes.extend(fixture.git.refs(repo, &fixture.cancel).await.err());
    }
    codes.extend(fixture.git.head(root).err());
    codes.extend(fixture.git.undo_list(root).err());
    codes.iter().map(|problem| problem.code.clone()).collect()
}

#[tokio::test]
async fn no_repository_is_said_everywhere() {
    let fixture = Fixture::bare_folder();
    let codes = read_all(&fixture, &fixture.root).await;
    assert!(
        codes.iter().all(|code| code == "not-a-repository") && codes.len() == 7,
        "{codes:?}"
    );
}

#[tokio::test]
async fn an_unborn_and_a_detached_head_are_read() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    assert!(read_all(&fixture, &fixture.root).await.is_empty());
    let summary = fixture.git.summary(&fixture.root).unwrap();
    assert_eq!(
        (summary.head, summary.oid, summary.n_untracked),
        (Head::Unborn { name: "main".into() }, None, 1)
    );
    fixture
        .git
        .stage(fixture.repo(), &[], fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    fixture
        .git
        .unstage(fixture.repo(), &[], fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    assert_eq!(fixture.text(&["status", "--porcelain"]), "?? a");
    let oid = fixture.commit_all("one");
    fixture.run(&["checkout", "-q", "--detach"]);
    assert!(read_all(&fixture, &fixture.root).await.is_empty());
    let summary = fixture.git.summary(&fixture.root).unwrap();
    assert_eq!(
        (summary.head.clone(), summary.head_name()),
        (Head::Detached, oid[..7].to_owned())
    );
}

#[tokio::test]
async fn bare_repositories_have_history_and_no_files() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    fixture.commit_all("one");
    let bare = fixture.dir.path().join("bare.git");
    fixture.run(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let repo = Repo {
        root: &bare,
        is_trusted: true,
    };
    assert!(fixture.git.summary(&bare).unwrap().is_bare);
    assert_eq!(fixture.log(repo).await.unwrap().len(), 1);
    assert_eq!(fixture.git.status_now(repo, &fixture.cancel).await.unwrap().entries, []);
    assert_eq!(
        fixture
            .git
            .mark(repo, UndoKind::Switch, "", Scope::files(), fixture.at())
            .await
            .unwrap_err()
            .code,
        "bare"
    );
    // The same among the files of a checkout: its settings are nobody's.
    let nested = fixture.path("nested");
    fixture.run(&["clone", "-q", "--bare", ".", nested.to_str().unwrap()]);
    let codes = read_all(&fixture, &nested).await;
    assert!(
        codes.iter().all(|code| code == "nested-bare") && codes.len() == 8,
        "{codes:?}"
    );
}

#[tokio::test]
async fn worktrees_submodules_and_shallow_clones_are_read() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    fixture.commit_all("one");
    fixture.commit_all("two");
    let worktree = fixture.dir.path().join("wt");
    fixture.run(&["worktree", "add", "-q", worktree.to_str().unwrap(), "-b", "wt"]);
    std::fs::write(worktree.join("a"), "2\n").unwrap();
    assert!(read_all(&fixture, &worktree).await.is_empty());
    let summary = fixture.git.summary(&worktree).unwrap();
    assert!(summary.is_linked_worktree && summary.n_unstaged == 1);
    let refs = fixture.git.refs(fixture.repo(), &fixture.cancel).await.unwrap();
    assert!(
        refs.branches
            .iter()
            .any(|branch| branch.name == "wt" && branch.elsewhere.is_some())
    );
    let problem = fixture
        .git
        .switch(fixture.repo(), "wt", LocalChanges::Carry, fixture.at(), &fixture.cancel)
        .await
        .unwrap_err();
    assert_eq!(problem.code, "elsewhere");
    let here = Repo {
        root: &worktree,
        is_trusted: true,
    };
    let done = fixture
        .git
        .discard(here, &[path("a")], fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    fixture
        .git
        .take_back(
            here,
            Which::Entry { id: done.undo.unwrap() },
            false,
            fixture.at(),
            &fixture.cancel,
        )
        .await
        .unwrap();
    assert_eq!(std::fs::read(worktree.join("a")).unwrap(), b"2\n");

    let shallow = fixture.dir.path().join("shallow");
    let url = format!("file://{}", fixture.root.display());
    fixture.run(&["clone", "-q", "--depth=1", &url, shallow.to_str().unwrap()]);
    assert!(read_all(&fixture, &shallow).await.is_empty());
    assert!(fixture.git.summary(&shallow).unwrap().is_shallow);

    let outer = Fixture::new();
    outer.run(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", &url, "sub"]);
    outer.commit_all("with a submodule");
    outer.write("sub/a", "changed\n");
    let status = outer.git.status_now(outer.repo(), &outer.cancel).await.unwrap();
    assert_eq!(status, outer.git.status(&outer.root).unwrap());
    assert!(status.entries[0].is_submodule && status.entries[0].path == path("sub"));
    assert!(read_all(&outer, &outer.path("sub")).await.is_empty());
    let dirty = outer.git.head(&outer.root).unwrap().dirty;
    assert!(dirty.is_some());
    outer.write("sub/a", "changed more\n");
    assert_ne!(outer.git.head(&outer.root).unwrap().dirty, dirty);
    assert!(
        outer
            .git
            .discard(outer.repo(), &[path("sub")], outer.at(), &outer.cancel)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn names_in_no_encoding_go_all_the_way() {
    let fixture = Fixture::new();
    let name = b"caf\xe9/\xff\"quoted\"\n\x1b[31m.txt";
    fixture.write(name, "1\n");
    fixture.commit_all("one");
    fixture.write(name, "2\n");
    let status = fixture.git.status_now(fixture.repo(), &fixture.cancel).await.unwrap();
    assert_eq!(status.entries[0].path, path(name));
    let shown = status.entries[0].path.display();
    assert!(!shown.contains('\u{1b}') && !shown.contains('\n') && shown.contains("\\xe9"));
    let json = serde_json::to_string(&status).unwrap();
    let again: chantier::base::repo::Status = serde_json::from_str(&json).unwrap();
    assert_eq!(again, status);
    assert_eq!(
        fixture
            .git
            .diff(
                &fixture.root,
                &DiffOf::Unstaged,
                &path(name),
                None,
                DiffLook::default(),
                false
            )
            .unwrap()
            .n_added,
        1
    );
    fixture
        .git
        .stage(fixture.repo(), &[path(name)], fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    assert_eq!(fixture.git.summary(&fixture.root).unwrap().n_staged, 1);
}

#[tokio::test]
async fn a_broken_index_is_named_and_nothing_is_touched() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    fixture.commit_all("one");
    fixture.write(".git/index", "DIRCgarbage");
    let index = fixture.read(".git/index");
    for is_trusted in [true, false] {
        let problem = fixture
            .git
            .status_now(
                Repo {
                    is_trusted,
                    ..fixture.repo()
                },
                &fixture.cancel,
            )
            .await
            .unwrap_err();
        assert_eq!(problem.code, "corrupt-index", "{problem:?}");
    }
    assert_eq!(fixture.log(fixture.repo()).await.unwrap().len(), 1);
    assert_eq!(fixture.read(".git/index"), index);
}

#[tokio::test]
async fn unreadable_files_and_folders_do_not_hide_the_rest() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    fixture.write("locked", "1\n");
    fixture.commit_all("one");
    fixture.write("a", "2\n");
    fixture.write("locked", "22\n");
    fixture.write("closed/x", "1\n");
    std::fs::set_permissions(fixture.path("locked"), PermissionsExt::from_mode(0o0)).unwrap();
    std::fs::set_permissions(fixture.path("closed"), PermissionsExt::from_mode(0o0)).unwrap();
    for is_trusted in [true, false] {
        let status = fixture
            .git
            .status_now(
                Repo {
                    is_trusted,
                    ..fixture.repo()
                },
                &fixture.cancel,
            )
            .await
            .unwrap();
        assert_eq!(status.entry(&path("a")).unwrap().unstaged, Some(Change::Modified));
        assert!(status.entry(&path("locked")).is_some());
    }
    assert!(fixture.git.head(&fixture.root).unwrap().dirty.is_some());
    std::fs::set_permissions(fixture.path("closed"), PermissionsExt::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn the_repository_of_another_owner_is_not_opened() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    fixture.commit_all("one");
    let status = Command::new("chown")
        .args(["-R", "12345:12345"])
        .arg(&fixture.root)
        .status()
        .unwrap();
    if !status.success() {
        eprintln!("SKIPPED: only root can give a folder to another owner");
        return;
    }
    let codes = read_all(&fixture, &fixture.root).await;
    assert!(
        codes.iter().all(|code| code == "other-owner") && codes.len() == 8,
        "{codes:?}"
    );
}

#[tokio::test]
async fn a_worktree_setting_that_points_elsewhere_is_refused() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    fixture.commit_all("one");
    let other = fixture.dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    fixture.run(&["config", "core.worktree", other.to_str().unwrap()]);
    assert_eq!(fixture.git.summary(&fixture.root).unwrap_err().code, "worktree-elsewhere");
}

/// A repository whose settings run programs wherever git lets them (QUALITY 6, row 34).
#[tokio::test]
async fn nothing_that_a_hostile_repository_names_runs() {
    let fixture = Fixture::new();
    let marks = fixture.dir.path().join("marks");
    std::fs::create_dir(&marks).unwrap();
    fixture.write("a.txt", "hi\n");
    fixture.write(".gitattributes", "*.txt diff=evil filter=evil merge=evil\n");
    fixture.commit_all("one");
    fixture.write("a.txt", "bye\n");
    fixture.write(".git/info/attributes", "*.txt diff=evil filter=evil\n");
    let touch = |what: &str| format!("sh -c 'touch {}; cat'", marks.join(what).display());
    let bang = |what: &str| format!("!touch {}", marks.join(what).display());
    for (key, value) in [
        ("core.fsmonitor", touch("fsmonitor")),
        ("diff.evil.textconv", touch("textconv")),
        ("diff.evil.command", touch("command")),
        ("diff.external", touch("external")),
        ("filter.evil.clean", touch("clean")),
        ("filter.evil.smudge", touch("smudge")),
        ("filter.evil.process", touch("process")),
        ("filter.evil.required", "true".into()),
        ("merge.evil.driver", touch("merge")),
        ("core.pager", touch("pager")),
        ("core.editor", touch("editor")),
        ("core.sshCommand", touch("ssh")),
        ("core.gitProxy", touch("proxy")),
        ("core.alternateRefsCommand", touch("alternate")),
        ("credential.helper", bang("credential")),
        ("gpg.program", touch("gpg")),
        ("log.showSignature", "true".into()),
        ("alias.status", bang("alias")),
        ("alias.log", bang("alias")),
        (
            "remote.origin.url",
            format!("ext::sh -c touch% {}", marks.join("ext").display()),
        ),
        ("remote.origin.promisor", "true".into()),
        ("remote.origin.uploadpack", touch("uploadpack")),
    ] {
        fixture.run(&["config", key, &value]);
    }
    for hook in [
        "pre-commit",
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "pre-push",
        "fsmonitor-watchman",
    ] {
        fixture.write(
            format!(".git/hooks/{hook}"),
            format!("#!/bin/sh\ntouch {}\n", marks.join(hook).display()),
        );
        std::fs::set_permissions(fixture.path(format!(".git/hooks/{hook}")), PermissionsExt::from_mode(0o755)).unwrap();
    }
    let repo = Repo {
        is_trusted: false,
        ..fixture.repo()
    };
    for _ in 0..2 {
        fixture.git.status_now(repo, &fixture.cancel).await.unwrap();
        fixture.git.summary(&fixture.root).unwrap();
        fixture.git.head(&fixture.root).unwrap();
        fixture.log(repo).await.unwrap();
        fixture.git.refs(repo, &fixture.cancel).await.unwrap();
        fixture
            .git
            .diff(
                &fixture.root,
                &DiffOf::Unstaged,
                &path("a.txt"),
                None,
                DiffLook::default(),
                false,
            )
            .unwrap();
        fixture.git.commit(&fixture.root, "HEAD").unwrap();
        fixture.git.undo_list(&fixture.root).unwrap();
        assert!(
            fixture
                .git
                .stage(repo, &[], fixture.at(), &fixture.cancel)
                .await
                .unwrap_err()
                .is_untrusted()
        );
        assert!(
            fixture
                .git
                .mark(repo, UndoKind::Stage, "", Scope::refs(), fixture.at())
                .await
                .unwrap_err()
                .is_untrusted()
        );
        assert!(
            fixture
                .git
                .transfer(repo, &["fetch".into()], &fixture.cancel, |_| ())
                .await
                .unwrap_err()
                .is_untrusted()
        );
    }
    let ran: Vec<_> = std::fs::read_dir(&marks)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert!(ran.is_empty(), "{ran:?}");
    // The trap is a real one: git alone walks into it.
    fixture.try_run(&fixture.root, &["diff"]);
    assert!(std::fs::read_dir(&marks).unwrap().count() > 0);
}

/// Trees of old programs have modes like 100600 and 100664, which git takes for a plain file.
#[test]
fn odd_modes_in_trees_are_shown_as_git_takes_them() {
    let fixture = Fixture::new();
    let tree = |mode: &str, content: &str| {
        fixture.write("a", content);
        let blob = fixture.text(&["hash-object", "-w", "a"]);
        let raw = (0..20).map(|n| u8::from_str_radix(&blob[2 * n..2 * n + 2], 16).unwrap());
        let bytes: Vec<u8> = format!("{mode} a\0").into_bytes().into_iter().chain(raw).collect();
        let file = fixture.dir.path().join("tree");
        std::fs::write(&file, bytes).unwrap();
        fixture.text(&["hash-object", "-t", "tree", "-w", "--literally", file.to_str().unwrap()])
    };
    let (one, two) = (tree("100600", "1\n"), tree("100666", "2\n"));
    let first = fixture.text(&["commit-tree", "-m", "one", &one]);
    let second = fixture.text(&["commit-tree", "-m", "two", "-p", &first, &two]);
    fixture.run(&["update-ref", "HEAD", &second]);
    fixture.run(&["reset", "-q", "--hard"]);
    let file = fixture
        .git
        .diff(
            &fixture.root,
            &DiffOf::Commit { oid: second.clone() },
            &path("a"),
            None,
            DiffLook::default(),
            false,
        )
        .unwrap();
    assert_eq!(
        (file.change, file.old_mode, file.new_mode, file.n_added),
        (Change::Modified, 0o100_644, 0o100_644, 1)
    );
    assert_eq!(fixture.git.commit(&fixture.root, &second).unwrap().files.len(), 1);
    fixture.write("a", "3\n");
    fixture.run(&["add", "a"]);
    let staged = fixture
        .git
        .diff(&fixture.root, &DiffOf::Staged, &path("a"), None, DiffLook::default(), false)
        .unwrap();
    assert_eq!((staged.old_mode, staged.new_mode), (0o100_644, 0o100_644));
    let status = fixture.git.status(&fixture.root).unwrap();
    assert_eq!(status.summary.n_staged, 1);
}
