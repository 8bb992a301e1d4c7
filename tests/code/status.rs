//! Status, history, differences and source state, compared with git's program.

use super::fixture::{Fixture, cases, path};
use chantier::base::diff::{DiffContent, DiffLook, DiffOf, LineKind};
use chantier::base::repo::{Change, Head, Status};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

/// `XY path` as git's program says it, and as ours does.
pub(crate) fn judge(fixture: &Fixture) -> BTreeSet<Vec<u8>> {
    let answer = fixture.run(&["status", "--porcelain=v2", "-z"]);
    let mut set = BTreeSet::new();
    let mut records = answer.split(|byte| *byte == 0).filter(|record| !record.is_empty());
    while let Some(record) = records.next() {
        let n_fields = match record[0] {
            b'1' => 9,
            b'2' => {
                let fields: Vec<&[u8]> = record.splitn(10, |byte| *byte == b' ').collect();
                let former = records.next().unwrap();
                set.insert([fields[1], b" ", former, b" -> ", fields[9]].concat());
                continue;
            }
            b'u' => 11,
            _ => 2,
        };
        let fields: Vec<&[u8]> = record.splitn(n_fields, |byte| *byte == b' ').collect();
        let letters = if n_fields == 2 { b"??".as_slice() } else { fields[1] };
        set.insert([letters, b" ", fields[n_fields - 1]].concat());
    }
    set
}

pub(crate) fn ours(status: &Status) -> BTreeSet<Vec<u8>> {
    let letter = |change: Option<Change>| change.map_or(".", Change::letter);
    let letters = |entry: &chantier::base::repo::StatusEntry| match (&entry.conflict, entry.unstaged) {
        (Some(letters), _) => letters.clone(),
        (None, Some(Change::Untracked)) if entry.staged.is_none() => "??".to_owned(),
        _ => format!("{}{}", letter(entry.staged), letter(entry.unstaged)),
    };
    let entries = status.entries.iter();
    entries
        .flat_map(|entry| {
            // Staged as deleted and there again, untracked: git says it in two lines.
            if entry.staged == Some(Change::Deleted) && entry.unstaged == Some(Change::Untracked) {
                let path = entry.path.as_bytes();
                return vec![[b"D. ".as_slice(), path].concat(), [b"?? ".as_slice(), path].concat()];
            }
            let former = entry.renamed_from.iter().map(|former| [former.as_bytes(), b" -> "].concat());
            let former = former.flatten().collect::<Vec<u8>>();
            vec![[letters(entry).as_bytes(), b" ", &former, entry.path.as_bytes()].concat()]
        })
        .collect()
}

async fn check(fixture: &Fixture) {
    let truth = judge(fixture);
    let slow = fixture.git.status(&fixture.root).unwrap();
    assert_eq!(ours(&slow), truth, "libgit2");
    let quick = fixture.git.status_now(fixture.repo(), &fixture.cancel).await.unwrap();
    assert_eq!(ours(&quick), truth, "git's program");
    assert_eq!(slow.summary, quick.summary);
    assert!(quick.entries.windows(2).all(|pair| pair[0].path <= pair[1].path));
}

#[tokio::test]
async fn status_is_gits_status_in_random_checkouts() {
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        cases(40, |rng| {
            let fixture = Fixture::new();
            let names: Vec<Vec<u8>> = [
                &b"a.txt"[..],
                b"b b.txt",
                b"d/e.txt",
                b"d/f/g.rs",
                "é.txt".as_bytes(),
                b"bad\xff\xfe.bin",
                b"tab\there",
                b"q\"uote",
                b"back\\slash",
                b"-dash",
                b"*star",
                b"d/[x]",
                b":colon",
                b"ign.log",
            ]
            .iter()
            .map(|name| name.to_vec())
            .collect();
            fixture.write(".gitignore", "*.log\n");
            for name in &names {
                if rng.bool() {
                    fixture.write(name, format!("{}\n", rng.u32(..)));
                }
            }
            fixture.commit_all("first");
            for _ in 0..rng.usize(1..14) {
                let name = &names[rng.usize(..names.len())];
                let file = fixture.path(name);
                match rng.u8(..8) {
                    0 | 1 => fixture.write(name, format!("{}\n", rng.u32(..))),
                    2 => drop(std::fs::remove_file(&file)),
                    3 => drop(fixture.try_run(&fixture.root, &["add", "-A"])),
                    4 if file.is_file() => std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap(),
                    5 if file.is_file() => {
                        std::fs::remove_file(&file).unwrap();
                        std::os::unix::fs::symlink("a.txt", &file).unwrap();
                    }
                    6 => fixture.write(format!("new{}/x/y.txt", rng.u8(..3)), "n\n"),
                    7 => drop(fixture.try_run(&fixture.root, &["reset", "-q"])),
                    _ => {}
                }
            }
            runtime.block_on(check(&fixture));
        });
    })
    .await
    .unwrap();
}

/// As the files of a home folder are kept: only what was added counts.
#[tokio::test]
async fn untracked_files_are_left_out_where_the_settings_say_so() {
    let fixture = Fixture::new();
    fixture.write("kept", "1\n");
    fixture.commit_all("first");
    fixture.write("kept", "2\n");
    fixture.write("stray", "s\n");
    fixture.write("folder/inside", "s\n");
    for (value, n_told) in [("no", 1), ("normal", 3), ("all", 3)] {
        fixture.run(&["config", "status.showUntrackedFiles", value]);
        let slow = fixture.git.status(&fixture.root).unwrap();
        let quick = fixture.git.status_now(fixture.repo(), &fixture.cancel).await.unwrap();
        assert_eq!((slow.entries.len(), &slow), (n_told, &quick), "{value}");
        // With a split index it is git's program that tells.
        fixture.run(&["update-index", "--split-index"]);
        let split = fixture.git.status_now(fixture.repo(), &fixture.cancel).await.unwrap();
        fixture.run(&["update-index", "--no-split-index"]);
        assert_eq!(split, quick, "{value}");
    }
}

#[tokio::test]
async fn status_counts_conflicts_branches_and_operations() {
    let fixture = Fixture::new();
    fixture.write("a", "base\n");
    fixture.write("b", "base\n");
    fixture.write("c", "base\n");
    fixture.commit_all("base");
    fixture.run(&["switch", "-q", "-c", "side"]);
    fixture.write("a", "side\n");
    fixture.write("n", "side\n");
    std::fs::remove_file(fixture.path("b")).unwrap();
    fixture.commit_all("side");
    fixture.run(&["switch", "-q", "main"]);
    fixture.write("a", "main\n");
    fixture.write("b", "main\n");
    fixture.write("n", "main\n");
    fixture.commit_all("main");
    assert_ne!(fixture.try_run(&fixture.root, &["merge", "side"]).0, 0);
    check(&fixture).await;
    let summary = fixture.git.summary(&fixture.root).unwrap();
    assert_eq!((summary.n_conflicted, summary.n_staged), (3, 0));
    assert_eq!(summary.operation, Some(chantier::base::repo::Operation::Merge));
    assert_eq!(summary.head, Head::Branch { name: "main".into() });
}

#[tokio::test]
async fn upstream_counts_are_gits() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    fixture.commit_all("one");
    let upstream = fixture.twin();
    fixture.run(&["remote", "add", "origin", upstream.to_str().unwrap()]);
    fixture.run(&["fetch", "-q", "origin"]);
    fixture.run(&["branch", "-q", "--set-upstream-to=origin/main"]);
    fixture.run_in(&upstream, &["commit", "-q", "--allow-empty", "-m", "theirs"]);
    fixture.write("a", "2\n");
    fixture.commit_all("two");
    fixture.commit_all("three");
    fixture
        .git
        .transfer(
            fixture.repo(),
            &["fetch".into(), "--progress".into()],
            &fixture.cancel,
            |_| (),
        )
        .await
        .unwrap();
    check(&fixture).await;
    let summary = fixture.git.summary(&fixture.root).unwrap();
    assert_eq!(
        (summary.n_ahead, summary.n_behind, summary.upstream.as_deref()),
        (2, 1, Some("origin/main"))
    );
    let refs = fixture.git.refs(fixture.repo(), &fixture.cancel).await.unwrap();
    let main = refs.branches.iter().find(|branch| branch.is_current).unwrap();
    assert_eq!((main.n_ahead, main.n_behind, main.name.as_str()), (2, 1, "main"));
    assert!(
        refs.remotes
            .iter()
            .any(|remote| remote.name == "origin" && !remote.url.is_empty())
    );
    fixture.run(&["update-ref", "-d", "refs/remotes/origin/main"]);
    check(&fixture).await;
    assert!(fixture.git.summary(&fixture.root).unwrap().is_upstream_gone);
}

#[tokio::test]
async fn differences_are_gits_differences() {
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let _guard = runtime.enter();
        cases(40, |rng| {
            let fixture = Fixture::new();
            let old = super::hunks::random_text(rng);
            fixture.write("f", &old);
            fixture.commit_all("one");
            let new = super::hunks::mutate(rng, &old);
            if new == old {
                return;
            }
            fixture.write("f", &new);
            let file = fixture
                .git
                .diff(&fixture.root, &DiffOf::Unstaged, &path("f"), None, DiffLook::default(), false)
                .unwrap();
            // The patch that our hunks say must lead from one text to the other: git's program is the judge.
            let mut patch = b"diff --git a/f b/f\n--- a/f\n+++ b/f\n".to_vec();
            for hunk in file.hunks() {
                patch.extend_from_slice(format!("{}\n", hunk.range()).as_bytes());
                for line in &hunk.lines {
                    let sign = match line.kind {
                        LineKind::Context => ' ',
                        LineKind::Added => '+',
                        LineKind::Removed => '-',
                    };
                    let end = match line.end {
                        chantier::base::diff::LineEnd::Lf => "\n",
                        chantier::base::diff::LineEnd::CrLf => "\r\n",
                        chantier::base::diff::LineEnd::None => "\n\\ No newline at end of file\n",
                    };
                    patch.extend_from_slice(format!("{sign}{}{end}", line.text).as_bytes());
                }
            }
            let file = fixture.dir.path().join("p");
            std::fs::write(&file, &patch).unwrap();
            fixture.write("f", &old);
            fixture.run(&["apply", "--whitespace=nowarn", file.to_str().unwrap()]);
            assert_eq!(fixture.read("f"), new, "{}", String::from_utf8_lossy(&patch));
        });
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn kinds_of_differences() {
    let fixture = Fixture::new();
    fixture.write("mode", "x\n");
    fixture.write("bin", b"\0\x01");
    fixture.write("old-name", "a long line that stays\nanother one\nand a third\n".repeat(4));
    fixture.write("big", "x\n");
    fixture.write("gone", "x\n");
    fixture.commit_all("one");
    std::fs::set_permissions(fixture.path("mode"), PermissionsExt::from_mode(0o755)).unwrap();
    fixture.write("bin", b"\0\x02\x03");
    fixture.write("big", "yy\n".repeat(500_000));
    fixture.write("new", "n\n");
    std::fs::remove_file(fixture.path("gone")).unwrap();
    let diff = |name: &str, forced| {
        fixture
            .git
            .diff(
                &fixture.root,
                &DiffOf::Unstaged,
                &path(name),
                None,
                DiffLook::default(),
                forced,
            )
            .unwrap()
    };
    assert!(diff("mode", false).is_mode_changed());
    assert_eq!(
        diff("bin", false).content,
        DiffContent::Binary {
            old_size: 2,
            new_size: 3
        }
    );
    assert!(matches!(
        diff("big", false).content,
        DiffContent::TooLarge { is_hopeless: false, .. }
    ));
    assert!(matches!(
        diff("big", true).content,
        DiffContent::TooLarge { is_hopeless: true, .. }
    ));
    assert_eq!(
        (diff("new", false).change, diff("new", false).n_added),
        (Change::Untracked, 1)
    );
    assert_eq!(
        (diff("gone", false).change, diff("gone", false).n_removed),
        (Change::Deleted, 1)
    );
    assert_eq!(
        fixture
            .git
            .diff(
                &fixture.root,
                &DiffOf::Unstaged,
                &path("none"),
                None,
                DiffLook::default(),
                false
            )
            .unwrap_err()
            .code,
        "not-found"
    );
    fixture.run(&["mv", "old-name", "new-name"]);
    let oid = fixture.commit_all("two");
    let detail = fixture.git.commit(&fixture.root, &oid).unwrap();
    let renamed = detail.files.iter().find(|file| file.change == Change::Renamed).unwrap();
    assert_eq!(
        (renamed.path.clone(), renamed.old_path.clone()),
        (path("new-name"), Some(path("old-name")))
    );
    let of = DiffOf::Commit { oid };
    let file = fixture
        .git
        .diff(
            &fixture.root,
            &of,
            &renamed.path,
            renamed.old_path.as_ref(),
            DiffLook::default(),
            false,
        )
        .unwrap();
    assert_eq!((file.change, file.hunks().len()), (Change::Renamed, 0));
    let truth = fixture.text(&["show", "--numstat", "--format=", "HEAD", "-M"]);
    let added: u32 = truth
        .lines()
        .filter_map(|line| line.split('\t').next()?.parse::<u32>().ok())
        .sum();
    assert_eq!(detail.n_added, added);
}

#[test]
fn changed_words_are_marked() {
    let fixture = Fixture::new();
    fixture.write("f", "let n = self.live.len();\nsame\n");
    fixture.commit_all("one");
    fixture.write("f", "let n = self.live.total_weight();\nsame\n");
    let file = fixture
        .git
        .diff(&fixture.root, &DiffOf::Unstaged, &path("f"), None, DiffLook::default(), false)
        .unwrap();
    let marked: Vec<&str> = file.hunks()[0]
        .lines
        .iter()
        .flat_map(|line| {
            line.spans
                .iter()
                .map(|span| &line.text[span.start as usize..span.end as usize])
        })
        .collect();
    assert_eq!(marked, ["len", "total_weight"]);
}

#[test]
fn the_source_state_names_content_and_nothing_else() {
    let fixture = Fixture::new();
    fixture.write("a", "1\n");
    fixture.write(".gitignore", "*.log\n");
    let oid = fixture.commit_all("one");
    let state = || fixture.git.head(&fixture.root).unwrap();
    assert_eq!((state().commit.as_deref(), state().dirty), (Some(oid.as_str()), None));
    // What is planned, and what is tested by hand, makes no result of a test a stale one.
    fixture.write(".chantier/tests/hand.md", "# Release\n");
    fixture.write("shop/.chantier/plan/a.md", "item\n");
    assert_eq!(state().dirty, None);
    fixture.write(".chantier/tests.md", "no plan\n");
    assert!(state().dirty.is_some());
    std::fs::remove_file(fixture.path(".chantier/tests.md")).unwrap();
    fixture.write("x.log", "ignored");
    assert_eq!(state().dirty, None);
    fixture.write("a", "2\n");
    let unstaged = state().dirty;
    assert!(unstaged.is_some());
    fixture.run(&["add", "a"]);
    assert_eq!(state().dirty, unstaged, "staging changes no source");
    fixture.write("n/m", "new\n");
    assert_ne!(state().dirty, unstaged);
    std::fs::remove_file(fixture.path("n/m")).unwrap();
    fixture.write("a", "1\n");
    assert_eq!(state().dirty, None, "staged and changed back by hand");
    fixture.run(&["reset", "-q"]);
    std::fs::set_permissions(fixture.path("a"), PermissionsExt::from_mode(0o755)).unwrap();
    assert!(state().dirty.is_some());
    assert_eq!(
        fixture.git.head(fixture.dir.path()).unwrap(),
        chantier::adapters::git::SourceState::default()
    );
}

#[test]
fn a_folder_in_the_place_of_a_file_in_conflict_is_no_repository() {
    let fixture = Fixture::new();
    fixture.write("e", "file\n");
    fixture.commit_all("one");
    fixture.run(&["switch", "-q", "-c", "side"]);
    std::fs::remove_file(fixture.path("e")).unwrap();
    fixture.write("e/inside", "folder\n");
    fixture.commit_all("a folder");
    fixture.run(&["switch", "-q", "main"]);
    fixture.write("e", "another file\n");
    fixture.commit_all("two");
    fixture.try_run(&fixture.root, &["merge", "-q", "side"]);
    // One that looks like a repository, and is none.
    for folder in [None, Some("e/.git")] {
        if let Some(folder) = folder {
            std::fs::create_dir(fixture.path(folder)).unwrap();
        }
        assert!(fixture.git.head(&fixture.root).unwrap().dirty.is_some());
    }
}
