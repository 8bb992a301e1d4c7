//! `.dockerignore` against the `docker` command's own choice, with the classic builder.

use crate::support::engine::{Removed, docker, docker_at, is_there, unique};
use chantier::adapters::docker::files_of_context;
use std::collections::BTreeSet;
use std::path::Path;

const FILES: [&str; 19] = [
    "Dockerfile",
    "README.md",
    "a.log",
    "a.txt",
    "deep/a.log",
    "deep/keep/a.log",
    "deep/keep/b.txt",
    "deep/er/c.txt",
    "deep/er/keep.txt",
    "node_modules/x/index.js",
    "src/node_modules/y.js",
    "src/main.c",
    "src/[x].c",
    "src/x.c",
    "src/.hidden",
    "target/debug/app",
    "targets",
    "été/naïve.txt",
    ".git/config",
];

const CASES: [&str; 17] = [
    "",
    "*.log\n",
    "**/*.log\n",
    "deep\n!deep/keep\n",
    "deep/**\n!deep/keep/b.txt\n",
    "**/node_modules\n",
    "# comment\n  /target/  \n\n!target/debug/app\n",
    "*\n!src\nsrc/*.c\n!src/x.c\n",
    "target*\n",
    "*/?.c\n",
    "src/[a-x].c\n",
    "src/\\[x\\].c\n",
    "./deep/../deep/er\n",
    "Dockerfile\n.dockerignore\n",
    "**\n!**/b.txt\n!README.md\n",
    "**/.hidden\n.git\nété/**\n",
    "deep/keep*\n!deep/keep/a.log\n!*.log\n",
];

fn lay_out(folder: &Path, ignore: &str) {
    for name in FILES {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, name).unwrap();
    }
    std::fs::write(folder.join("Dockerfile"), "FROM scratch\nCOPY . /ctx/\n").unwrap();
    std::fs::write(folder.join(".dockerignore"), ignore).unwrap();
}

#[test]
fn a_context_holds_what_the_docker_command_would_send() {
    if !is_there() {
        return;
    }
    for ignore in CASES {
        let folder = tempfile::tempdir().unwrap();
        lay_out(folder.path(), ignore);
        let (tag, name) = (format!("{}:1", unique("ignore")), unique("ignore"));
        let _removed = Removed(vec![("container", name.clone()), ("image", tag.clone())]);
        let built = docker_at(None, &["build", "-q", "-t", &tag, folder.path().to_str().unwrap()]);
        let complaint = String::from_utf8_lossy(&built.stderr).into_owned();
        assert!(built.status.success(), "{ignore:?}: {complaint}");
        docker(None, &["create", "--name", &name, &tag, "x"]);
        let tar = docker_at(None, &["cp", &format!("{name}:/ctx/."), "-"]).stdout;
        let mut archive = tar::Archive::new(tar.as_slice());
        let theirs: BTreeSet<String> = archive
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.header().entry_type().is_file())
            .map(|entry| entry.path().unwrap().to_string_lossy().trim_start_matches("./").to_owned())
            .collect();
        let ours = files_of_context(folder.path(), Path::new("Dockerfile")).unwrap();
        let ours: BTreeSet<String> = ours
            .into_iter()
            .filter(|path| folder.path().join(path).is_file())
            .map(|path| path.to_string_lossy().into_owned())
            // The engine takes these two out again when they are ignored.
            .filter(|path| !matches!(path.as_str(), "Dockerfile" | ".dockerignore") || theirs.contains(path))
            .collect();
        assert_eq!(ours, theirs, "{ignore:?}");
    }
}

#[test]
fn what_is_no_pattern_is_named_with_its_line_and_links_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path(), "ok\n\n!\n");
    let problem = files_of_context(folder.path(), Path::new("Dockerfile")).unwrap_err();
    assert_eq!(problem.place.unwrap().line, Some(3));
    std::fs::write(folder.path().join(".dockerignore"), "").unwrap();
    std::os::unix::fs::symlink("/etc", folder.path().join("etc")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.path().join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    let files = files_of_context(folder.path(), Path::new("Dockerfile")).unwrap();
    let names: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    assert!(names.contains(&"etc".to_owned()));
    assert!(
        !names.iter().any(|name| name.starts_with("etc/") || name == "pipe"),
        "{names:?}"
    );
}
