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
pub(super) fn made() -> PathBuf {
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

/// A clone of a repository, with its files checked out: the repository itself is only read.
pub(super) fn clone_of(repo: &Path) -> PathBuf {
    let name = repo.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-clone-{name}"));
    let head = |root: &Path| run(command("git", root).args(["rev-parse", "HEAD"])).map(|told| told.1);
    if place.join(".git").exists() && head(&place) == head(repo) {
        return place;
    }
    if place.exists() {
        std::fs::remove_dir_all(&place).unwrap();
    }
    note("cloning the repository, once");
    let (from, to) = (repo.to_str().unwrap(), place.to_str().unwrap());
    run(command("git", Path::new("/")).args(["clone", "-q", "--shared", from, to])).unwrap();
    run(command("git", &place).args(["config", "gc.auto", "0"])).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    run(command("git", &place).args(["update-index", "-q", "--refresh", "--force-write-index"]));
    place
}

/// P-GIT-4: every line that says TODO and the like, by a program that has just started and knows nothing, beside git's own search.
pub(super) fn todos(root: &Path) {
    let ours = |with_authors: bool| {
        let home = tempfile::tempdir().unwrap();
        let mut program = command(chantier(), root);
        program.args(["--home", home.path().to_str().unwrap(), "--trust", "code", "todos", "--json"]);
        if !with_authors {
            program.arg("--no-authors");
        }
        run(&mut program).unwrap().0
    };
    // Exit code 1 says that there is none.
    let peer = || {
        timed(|| {
            let mut grep = command("git", root);
            grep.args(["grep", "-nIwE", "TODO|FIXME|HACK|XXX"]);
            grep.output().unwrap();
        })
    };
    let (a, b) = alternate(|| ours(false), peer);
    line("P-GIT-4 todos, cold process", (a.wall, b.wall), "ms", "beside git grep");
    let (a, b) = alternate(|| ours(true), peer);
    line(
        "P-GIT-4 todos with authors, cold process",
        (a.wall, b.wall),
        "ms",
        "beside git grep",
    );
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

pub(super) fn status(root: &Path) {
    let home = tempfile::tempdir().unwrap();
    let ours =
        || run(command(chantier(), root).args(["--home", home.path().to_str().unwrap(), "--trust", "code", "status", "--json"]));
    ours().unwrap();
    let peer = || {
        run(command("git", root).args(["status", "--porcelain=v2", "--branch"]))
            .unwrap()
            .0
    };
    let (a, b) = alternate(|| ours().unwrap().0, peer);
    line("P-GIT-2 status, cold process", (a.wall, b.wall), "ms", "<= 1.0");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (git, cancel) = (fresh(), CancellationToken::new());
    let repo = Repo { root, is_trusted: true };
    let look = || timed(|| drop(runtime.block_on(fresh().status_now(repo, &cancel)).unwrap()));
    let (a, b) = alternate(look, peer);
    line("P-GIT-2 status, in the window", (a.wall, b.wall), "ms", "<= 1.0");
    let mut known = None;
    runtime.block_on(git.status_since(repo, &mut known, None, &cancel)).unwrap();
    // Somewhere in the middle.
    let files = run(command("git", root).args(["ls-files"])).unwrap().1;
    let files: Vec<&str> = files.lines().collect();
    let is_text = |path: &&&str| root.join(path).is_file() && !path.starts_with('"');
    let middle = files
        .iter()
        .skip(files.len() / 2)
        .find(is_text)
        .expect("a checkout has files");
    note(&format!("{} files, {middle} is changed", files.len()));
    let touched = [root.join(middle)];
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
    let root = made();
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
