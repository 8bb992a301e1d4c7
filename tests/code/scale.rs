//! Rows 38, 43, 44, 47 and 48 of the faults: many files, a watcher that is not read, a store that is repacked meanwhile, and huge contents.

use super::fixture::{Fixture, path};
use chantier::adapters::watch::{Touched, Watch};
use chantier::base::diff::{DiffContent, DiffLook, DiffOf};
use chantier::base::repo::{Change, Status};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn row_43_a_hundred_thousand_untracked_files_are_counted() {
    let fixture = Fixture::new();
    fixture.write("tracked/a", "a\n");
    fixture.write(".gitignore", "*.log\n");
    fixture.commit_all("one");
    for n in 0..100_000 {
        let folder = if n % 2 == 0 { "tracked" } else { "new" };
        let end = if n % 10 == 4 { "log" } else { "txt" };
        let file = fixture.path(format!("{folder}/f{n}.{end}"));
        if n < 2 {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        }
        std::fs::write(file, "").unwrap();
    }
    let status = fixture.git.status_now(fixture.repo(), &fixture.cancel).await.unwrap();
    assert_eq!(
        status.summary.n_untracked,
        40_000 + 1,
        "those beside tracked ones, and one folder"
    );
    assert_eq!(status.entries.len(), Status::MAX_ENTRIES);
    assert_eq!(status.n_unlisted as usize, 40_001 - Status::MAX_ENTRIES);
}

#[tokio::test]
async fn row_44_a_watcher_that_runs_over_looks_at_everything() {
    let fixture = Fixture::new();
    for n in 0..40 {
        fixture.write(format!("d{n}/f"), "x\n");
    }
    fixture.commit_all("one");
    let root = fixture.root.clone();
    let mut watch = tokio::task::spawn_blocking(move || Watch::open(&root, 0).unwrap())
        .await
        .unwrap();
    let mut known = None;
    let (repo, cancel) = (fixture.repo(), &fixture.cancel);
    fixture.git.status_since(repo, &mut known, None, cancel).await.unwrap();
    // The system keeps 16,384 events that nobody reads.
    for n in 0..24_000 {
        std::fs::write(fixture.path(format!("d{}/new{n}", n % 40)), "x").unwrap();
    }
    std::fs::write(fixture.path("d39/f"), "changed last\n").unwrap();
    let touched = watch.changed(cancel).await.unwrap();
    assert_eq!(touched, Touched::Everything);
    let status = fixture
        .git
        .status_since(repo, &mut known, touched.paths(), cancel)
        .await
        .unwrap();
    assert_eq!((status.summary.n_untracked, status.summary.n_unstaged), (24_000, 1));
    // It goes on where it was.
    std::fs::write(fixture.path("d0/f"), "changed too\n").unwrap();
    let touched = watch.changed(cancel).await.unwrap();
    assert_eq!(touched, Touched::Paths(vec![fixture.path("d0/f")]));
}

#[tokio::test]
async fn folders_that_move_are_followed_and_tracked_ones_are_watched_whatever_the_rules_say() {
    let fixture = Fixture::new();
    fixture.write("kept/ignored/f", "x\n");
    fixture.write("a/deep/f", "x\n");
    fixture.commit_all("one");
    fixture.write(".gitignore", "ignored/\n");
    fixture.write("other/ignored/f", "x\n");
    let root = fixture.root.clone();
    let mut watch = tokio::task::spawn_blocking(move || Watch::open(&root, 0).unwrap())
        .await
        .unwrap();
    let cancel = CancellationToken::new();
    fixture.write("other/ignored/f", "nobody cares\n");
    fixture.write("kept/ignored/f", "tracked all the same\n");
    assert_eq!(
        watch.changed(&cancel).await.unwrap(),
        Touched::Paths(vec![fixture.path("kept/ignored/f")])
    );
    std::fs::rename(fixture.path("a"), fixture.path("b")).unwrap();
    let Touched::Paths(moved) = watch.changed(&cancel).await.unwrap() else {
        panic!("two folders only")
    };
    assert!(
        moved.contains(&fixture.path("a")) && moved.contains(&fixture.path("b")),
        "{moved:?}"
    );
    fixture.write("b/deep/f", "under its new name\n");
    assert_eq!(
        watch.changed(&cancel).await.unwrap(),
        Touched::Paths(vec![fixture.path("b/deep/f")])
    );
}

#[tokio::test]
async fn row_47_reading_goes_on_while_the_store_is_repacked() {
    let fixture = Arc::new(Fixture::new());
    for n in 0..30 {
        fixture.write("f", format!("{n}\n").repeat(200));
        fixture.commit_all(&format!("commit {n}"));
    }
    fixture.write("f", "changed\n");
    let ends = Arc::new(AtomicBool::new(false));
    let (other, end) = (Arc::clone(&fixture), Arc::clone(&ends));
    let packing = tokio::task::spawn_blocking(move || {
        let mut n_packed = 0;
        while !end.load(Ordering::Relaxed) || n_packed == 0 {
            other.run(&["gc", "-q", "--prune=now"]);
            other.try_run(&other.root, &["unpack-objects", "-q"]);
            n_packed += 1;
        }
        n_packed
    });
    for _ in 0..40 {
        let status = fixture.git.status_now(fixture.repo(), &fixture.cancel).await.unwrap();
        assert_eq!(status.summary.n_unstaged, 1);
        let file = fixture
            .git
            .diff(&fixture.root, &DiffOf::Both, &path("f"), None, DiffLook::default(), false)
            .unwrap();
        assert_eq!((file.n_added, file.n_removed), (1, 200));
        fixture.git.commit(&fixture.root, "HEAD~20").unwrap();
    }
    ends.store(true, Ordering::Relaxed);
    assert!(packing.await.unwrap() > 0);
    fixture.fsck();
}

#[tokio::test]
async fn row_48_huge_contents_are_said_and_not_read() {
    let fixture = Fixture::new();
    fixture.write("large.bin", "small\n");
    fixture.write("long.txt", "one\n");
    fixture.commit_all("one");
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(fixture.path("large.bin"))
        .unwrap();
    file.set_len(2 << 30).unwrap();
    fixture.write("long.txt", "another line\n".repeat(1_000_000));
    let status = fixture.git.status_now(fixture.repo(), &fixture.cancel).await.unwrap();
    let changes: Vec<_> = status.entries.iter().map(|entry| entry.unstaged).collect();
    assert_eq!(changes, [Some(Change::Modified), Some(Change::Modified)]);
    for of in [DiffOf::Unstaged, DiffOf::Both] {
        for is_forced in [false, true] {
            let large = fixture
                .git
                .diff(&fixture.root, &of, &path("large.bin"), None, DiffLook::default(), is_forced)
                .unwrap();
            assert!(matches!(large.content, DiffContent::TooLarge { bytes, is_hopeless: true, .. } if bytes == 2 << 30));
            let long = fixture
                .git
                .diff(&fixture.root, &of, &path("long.txt"), None, DiffLook::default(), is_forced)
                .unwrap();
            assert!(matches!(long.content, DiffContent::TooLarge { .. }), "{of:?} {is_forced}");
        }
    }
}

#[tokio::test]
async fn row_38_addresses_of_submodules_that_run_programs_are_only_text() {
    let fixture = Fixture::new();
    let marker = fixture.dir.path().join("marker");
    let urls = [
        format!("ext::sh -c touch% {}", marker.display()),
        format!("--upload-pack=touch {}", marker.display()),
        format!("-u touch {}", marker.display()),
    ];
    let mut modules = String::new();
    for (n, url) in urls.iter().enumerate() {
        modules.push_str(&format!(
            "[submodule \"s{n}\"]
	path = s{n}
	url = \"{url}\"
"
        ));
        let entry = format!("160000,{},s{n}", "1".repeat(40));
        fixture.run(&["update-index", "--add", "--cacheinfo", &entry]);
        std::fs::create_dir(fixture.path(format!("s{n}"))).unwrap();
    }
    fixture.write(".gitmodules", modules);
    fixture.run(&["add", ".gitmodules"]);
    fixture.run(&["commit", "-q", "-m", "one"]);
    for is_trusted in [true, false] {
        let repo = chantier::adapters::git::Repo {
            root: &fixture.root,
            is_trusted,
        };
        fixture.git.status_now(repo, &fixture.cancel).await.unwrap();
        fixture.git.refs(repo, &fixture.cancel).await.unwrap();
    }
    fixture.git.commit(&fixture.root, "HEAD").unwrap();
    assert!(!marker.exists());
}
