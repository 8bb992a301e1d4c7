//! Files that are whole, reads that are bounded, paths that can not lead out, and the program's own folders.

use chantier::adapters::dirs::Dirs;
use chantier::adapters::files::{self, Beneath};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn a_write_is_whole_keeps_mode_and_link() {
    let dir = tempfile::tempdir().unwrap();
    let (file, link) = (dir.path().join("file"), dir.path().join("link"));
    files::write_atomic(&file, b"one").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&file, &link).unwrap();
    files::write_atomic(&link, b"two").unwrap();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(files::read_text(&file, 10).unwrap(), "two");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(files::list_dir(dir.path()).unwrap().len(), 2, "no temporary file is left");
}

#[test]
fn reads_are_bounded_and_say_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    let code = |path: &Path, max| files::read_text(path, max).unwrap_err().code;
    assert_eq!(code(&path, 10), "not-found");
    assert_eq!(files::read_text_if_there(&path, 10).unwrap(), None);
    std::fs::write(&path, "twelve bytes").unwrap();
    assert_eq!(code(&path, 11), "too-large");
    assert_eq!(files::read_text(&path, 12).unwrap(), "twelve bytes");
    assert_eq!(code(Path::new("/dev/zero"), 1000), "unreadable");
    assert_eq!(code(dir.path(), 1000), "unreadable");
    let fifo = dir.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert_eq!(code(&fifo, 1000), "unreadable", "and does not hang");
    std::fs::write(&path, b"ok\n\xc3\xa9 \xff").unwrap();
    let problem = files::read_text(&path, 100).unwrap_err();
    let place = problem.place.unwrap();
    assert_eq!(
        (problem.code.as_str(), place.line, place.column),
        ("not-utf8", Some(2), Some(4))
    );
    assert_eq!(files::sha256(&path).unwrap(), files::sha256_of(b"ok\n\xc3\xa9 \xff"));
    assert_eq!(
        files::sha256_of(b"abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn row_39_links_do_not_lead_out() {
    let dir = tempfile::tempdir().unwrap();
    let (root, outside) = (dir.path().join("root"), dir.path().join("outside"));
    std::fs::create_dir(&root).unwrap();
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret"), "x").unwrap();
    symlink(&outside, root.join("out")).unwrap();
    symlink("../outside/secret", root.join("file")).unwrap();
    symlink("real", root.join("inner")).unwrap();
    let beneath = Beneath::open(&root).unwrap();
    for path in [
        "out/secret",
        "file",
        "../outside/secret",
        "/etc/passwd",
        "out/../../outside/secret",
    ] {
        assert_eq!(beneath.read(Path::new(path), 100).unwrap_err().code, "leads-out", "{path}");
    }
    for path in ["out/new", "../outside/new", "/tmp/chantier-new", "a/../../outside/new"] {
        assert!(beneath.write_atomic(Path::new(path), b"x").is_err(), "{path}");
        assert!(beneath.create_new(Path::new(path), 0o644).is_err(), "{path}");
    }
    assert!(beneath.remove_file(Path::new("out/secret")).is_err());
    beneath.write_atomic(Path::new("file"), b"replaced the link").unwrap();
    beneath.write_atomic(Path::new("real/deep/er/f"), b"inside").unwrap();
    assert_eq!(
        beneath.read(Path::new("inner/deep/er/f"), 100).unwrap(),
        b"inside",
        "links inside are fine"
    );
    assert_eq!(files::list_dir(&outside).unwrap().len(), 1);
    assert_eq!(std::fs::read_to_string(outside.join("secret")).unwrap(), "x");
}

#[test]
fn row_40_a_folder_swapped_for_a_link_while_writing() {
    let dir = tempfile::tempdir().unwrap();
    let (root, outside) = (dir.path().join("root"), dir.path().join("outside"));
    std::fs::create_dir_all(root.join("sub")).unwrap();
    std::fs::create_dir(&outside).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    let beneath = Beneath::open(&root).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                if std::fs::rename(root.join("sub"), root.join("away")).is_ok() {
                    if symlink(&outside, root.join("sub")).is_ok() {
                        std::fs::remove_file(root.join("sub")).unwrap();
                    }
                    std::fs::rename(root.join("away"), root.join("sub")).ok();
                    // Somebody made it anew meanwhile.
                    std::fs::remove_dir_all(root.join("away")).ok();
                }
            }
        });
        for n in 0..10_000 {
            // Most of them fail; none may land outside.
            drop(beneath.create_new(Path::new(&format!("sub/f{n}")), 0o644));
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    assert_eq!(files::list_dir(&outside).unwrap(), []);
}

#[test]
fn folders_are_private_and_a_home_that_can_not_be_written_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let dirs = Dirs::open(Some(&dir.path().join("home"))).unwrap();
    for path in [&dirs.settings, &dirs.data, &dirs.cache, &dirs.logs] {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
    }
    assert_eq!(Dirs::open(Some(&dir.path().join("home"))).unwrap(), dirs);
    // Row 14, by ways that hold for root too.
    std::fs::write(dir.path().join("file"), "x").unwrap();
    for bad in [dir.path().join("file"), PathBuf::from("/proc/chantier-home")] {
        let problem = Dirs::open(Some(&bad)).unwrap_err();
        assert_eq!(problem.summary.key, "files-home-unusable");
        assert_eq!(problem.hint.unwrap().key, "files-home-other-hint");
    }
}

#[test]
fn a_recording_writes_over_recordings_and_nothing_else() {
    use crate::support::cli::Home;
    let home = Home::new();
    let file = home.path("file");
    std::fs::write(&file, "[package]\nname = \"mine\"\n").unwrap();
    let args = ["devops", "list", "--record", file.to_str().unwrap()];
    let refused = home.call(&args);
    assert_eq!(
        (refused.code, std::fs::read_to_string(&file).unwrap().as_str()),
        (1, "[package]\nname = \"mine\"\n")
    );
    std::fs::remove_file(&file).unwrap();
    for _ in 0..2 {
        home.call(&args).ok();
        assert!(std::fs::read_to_string(&file).unwrap().starts_with("{\"at\":"));
    }
}
