//! P-GIT-2 and P-WATCH: a checkout of 100,000 files, its status beside git's, and watching it beside a plain walk.

use super::measure::{Took, alternate, chantier, command, line, note, run};
use super::{fresh, timed};
use chantier::adapters::git::Repo;
use chantier::adapters::watch::{Touched, Watch};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

const FOLDERS: usize = 4_000;
const FILES_EACH: usize = 25;

/// Made once, below the build folder.
fn place() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-checkout-100000");
    if place.join("done").is_file() {
        return place;
    }
    if place.exists() {
        std::fs::remove_dir_all(&place).unwrap();
    }
    note("making the checkout, once");
    for folder in 0..FOLDERS {
        let folder = place.join(format!("area{}/part{}/m{folder}", folder / 400, folder / 20 % 20));
        std::fs::create_dir_all(&folder).unwrap();
        for file in 0..FILES_EACH {
            std::fs::write(
                folder.join(format!("file{file}.rs")),
                format!("fn f{file}() {{}}\n").repeat(8),
            )
            .unwrap();
        }
    }
    std::fs::write(place.join(".gitignore"), "target/\n*.log\n/done\n").unwrap();
    for args in [
        &["init", "-q", "-b", "main"][..],
        &["config", "gc.auto", "0"],
        &["add", "-A"],
        &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "one"],
    ] {
        run(command("git", &place).args(args)).unwrap();
    }
    // Older than the index for sure: no entry is racy.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    run(command("git", &place).args(["update-index", "--refresh", "--force-write-index"])).unwrap();
    std::fs::write(place.join("done"), "").unwrap();
    place
}

fn walk(folder: &Path, n: &mut usize) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        *n += 1;
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), n);
        }
    }
}

fn stat_walk(folder: &Path, n: &mut usize) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let meta = entry.metadata().unwrap();
        *n += 1;
        if meta.is_dir() {
            stat_walk(&entry.path(), n);
        }
    }
}

pub(super) fn status() {
    let root = place();
    let home = tempfile::tempdir().unwrap();
    let ours =
        || run(command(chantier(), &root).args(["--home", home.path().to_str().unwrap(), "--trust", "code", "status", "--json"]));
    ours().unwrap();
    let peer = || {
        run(command("git", &root).args(["status", "--porcelain=v2", "--branch"]))
            .unwrap()
            .0
    };
    let (a, b) = alternate(|| ours().unwrap().0, peer);
    line("P-GIT-2 status, cold process", (a.wall, b.wall), "ms", "<= 1.0");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (git, cancel) = (fresh(), CancellationToken::new());
    let repo = Repo {
        root: &root,
        is_trusted: true,
    };
    let look = || timed(|| drop(runtime.block_on(fresh().status_now(repo, &cancel)).unwrap()));
    let (a, b) = alternate(look, peer);
    line("P-GIT-2 status, in the window", (a.wall, b.wall), "ms", "<= 1.0");
    let mut known = None;
    runtime.block_on(git.status_since(repo, &mut known, None, &cancel)).unwrap();
    let touched = [root.join("area1/part3/m460/file7.rs")];
    let before = std::fs::read(&touched[0]).unwrap();
    let mut n = 0;
    let after_one = || {
        n += 1;
        std::fs::write(&touched[0], format!("changed {n}\n")).unwrap();
        timed(|| {
            let status = runtime
                .block_on(git.status_since(repo, &mut known, Some(&touched), &cancel))
                .unwrap();
            assert_eq!(status.summary.n_unstaged, 1);
        })
    };
    let (a, b) = alternate(after_one, peer);
    std::fs::write(&touched[0], before).unwrap();
    line("P-GIT-2 status, watched, one file changed", (a.wall, b.wall), "ms", "<= 0.05");
}

pub(super) fn watch() {
    let root = place();
    let plain = || {
        timed(|| {
            let mut n = 0;
            walk(&root, &mut n);
        })
    };
    let set_up = || {
        let mut watch = None;
        let took = timed(|| watch = Some(Watch::open(&root, u32::MAX).unwrap()));
        assert!(watch.unwrap().limit().is_none(), "too few watches on this machine");
        took
    };
    let (a, b) = alternate(set_up, plain);
    line("P-WATCH set-up beside a walk", (a.wall, b.wall), "ms", "<= 1.5");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (git, cancel) = (fresh(), CancellationToken::new());
    let repo = Repo {
        root: &root,
        is_trusted: true,
    };
    let mut watch = Watch::open(&root, u32::MAX).unwrap();
    let mut known = None;
    runtime.block_on(git.status_since(repo, &mut known, None, &cancel)).unwrap();
    // Nobody reads meanwhile: the queue runs over.
    let mut truth = 0;
    for folder in 0..FOLDERS {
        let folder = root.join(format!("area{}/part{}/m{folder}", folder / 400, folder / 20 % 20));
        for file in 0..FILES_EACH {
            std::fs::write(folder.join(format!("file{file}.rs")), "touched\n").unwrap();
            truth += 1;
        }
    }
    let mut found = 0;
    let took = timed(|| {
        let touched = runtime.block_on(watch.changed(&cancel)).unwrap();
        assert_eq!(touched, Touched::Everything);
        let status = runtime
            .block_on(git.status_since(repo, &mut known, touched.paths(), &cancel))
            .unwrap();
        found = status.summary.n_unstaged;
    });
    let mut n = 0;
    let plain: Took = timed(|| stat_walk(&root, &mut n));
    line(
        "P-WATCH recall after 100,000 changes",
        (f64::from(found), f64::from(truth)),
        "paths",
        "1.000",
    );
    line(
        "P-WATCH look after them beside a walk",
        (took.wall - 120.0, plain.wall),
        "ms",
        "<= 2 (settling of 120 ms left out)",
    );
    run(command("git", &root).args(["checkout", "-q", "--", "."])).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    run(command("git", &root).args(["update-index", "--refresh", "--force-write-index"])).unwrap();
}
