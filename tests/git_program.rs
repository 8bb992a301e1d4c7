//! Git's program: nothing runs in a hostile repository, everything works in a trusted one, and locks name their holder.

use crate::support::children::{assert_none_left, never, processes, sh, wait_for_line, wait_until_none_left};
use chantier::adapters::files;
use chantier::adapters::git::program::{GitProgram, GitVersion, Repo};
use chantier::adapters::masks::Masks;
use chantier::adapters::process::{ProcessConfig, Processes};
use chantier::base::Clock;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository whose configuration runs programs wherever git lets it; each leaves a file `ran-NAME` in `markers`.
struct Hostile {
    dir: tempfile::TempDir,
    root: PathBuf,
}

impl Hostile {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().join("repo");
        let module = dir.path().join("module");
        for path in [&root, &module] {
            std::fs::create_dir(path).unwrap();
            git(path, &["init", "-q", "-b", "main"]);
            std::fs::write(path.join("a.txt"), "hi\n").unwrap();
            std::fs::write(path.join(".gitattributes"), "*.txt diff=evil filter=evil merge=evil\n").unwrap();
            git(path, &["add", "-A"]);
            git(path, &["commit", "-qm", "1"]);
        }
        git(
            &root,
            &[
                "-c",
                "protocol.file.allow=always",
                "submodule",
                "--quiet",
                "add",
                module.to_str().unwrap(),
                "module",
            ],
        );
        git(&root, &["commit", "-qm", "module"]);
        std::fs::write(root.join("a.txt"), "hi\nbye\n").unwrap();
        std::fs::write(root.join("module/a.txt"), "hi\nbye\n").unwrap();
        std::fs::write(root.join("new.txt"), "new\n").unwrap();
        let hostile = Self { dir, root };
        hostile.poison(&hostile.root.join(".git"));
        hostile.poison(&hostile.root.join(".git/modules/module"));
        hostile
    }

    fn markers(&self) -> Vec<String> {
        let names = files::list_dir(self.dir.path())
            .unwrap()
            .into_iter()
            .map(|entry| entry.name.to_string_lossy().into_owned());
        names.filter(|name| name.starts_with("ran-")).collect()
    }

    fn poison(&self, git_dir: &Path) {
        let marker = |name: &str| format!("touch {}", self.dir.path().join(format!("ran-{name}")).display());
        let script = |name: &str| {
            let path = git_dir.join(format!("evil-{name}"));
            std::fs::write(&path, format!("#!/bin/sh\n{}\nexit 1\n", marker(name))).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            path.display().to_string()
        };
        let settings = [
            ("core.fsmonitor", script("fsmonitor")),
            ("core.pager", marker("pager")),
            ("core.editor", marker("editor")),
            ("core.sshCommand", script("ssh")),
            ("core.askPass", script("askpass")),
            ("core.alternateRefsCommand", script("alternate")),
            ("core.gitProxy", script("proxy")),
            ("core.hooksPath", git_dir.join("evil-hooks").display().to_string()),
            ("diff.external", script("extdiff")),
            ("diff.evil.textconv", format!("sh -c '{}; cat \"$1\"' -", marker("textconv"))),
            ("diff.evil.command", script("diffcommand")),
            ("filter.evil.clean", format!("sh -c '{}; cat'", marker("clean"))),
            ("filter.evil.smudge", format!("sh -c '{}; cat'", marker("smudge"))),
            ("filter.evil.process", script("filterprocess")),
            ("filter.evil.required", "true".into()),
            ("merge.evil.driver", marker("merge")),
            ("credential.helper", format!("!{}", marker("credential"))),
            ("gpg.program", script("gpg")),
            ("gpg.ssh.program", script("gpgssh")),
            ("commit.gpgSign", "true".into()),
            ("log.showSignature", "true".into()),
            ("alias.st", format!("!{}", marker("alias"))),
            ("alias.status", format!("!{}", marker("alias-status"))),
            ("pager.log", marker("pagerlog")),
            ("interactive.diffFilter", marker("difffilter")),
            ("status.submoduleSummary", "true".into()),
            ("diff.submodule", "log".into()),
            ("remote.origin.url", "ssh://127.0.0.1:1/x".into()),
            ("remote.origin.uploadpack", script("uploadpack")),
        ];
        for (name, value) in &settings {
            git(git_dir, &["--git-dir", ".", "config", name, value]);
        }
        let hooks = git_dir.join("evil-hooks");
        std::fs::create_dir(&hooks).unwrap();
        for hook in [
            "pre-commit",
            "post-checkout",
            "post-index-change",
            "reference-transaction",
            "pre-push",
            "prepare-commit-msg",
            "fsmonitor-watchman",
        ] {
            for dir in [&hooks, &git_dir.join("hooks")] {
                std::fs::create_dir_all(dir).unwrap();
                let path = dir.join(hook);
                std::fs::write(&path, format!("#!/bin/sh\n{}\n", marker(&format!("hook-{hook}")))).unwrap();
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
    }
}

fn git(cwd: &Path, args: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=n", "-c", "user.email=n@example.com"])
        .args(args)
        .current_dir(cwd)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

const READS: &[&[&str]] = &[
    &["status", "--porcelain=v2", "-z", "--branch"],
    &["status"],
    &["diff"],
    &["diff", "--cached"],
    &["diff", "--submodule=log"],
    &["diff", "HEAD", "--stat"],
    &["log", "-p", "--stat", "--all"],
    &["log", "--graph", "--format=%H %G?"],
    &["show", "HEAD"],
    &["show", "HEAD:a.txt"],
    &["blame", "a.txt"],
    &["blame", "--porcelain", "HEAD", "--", "a.txt"],
    &["grep", "-n", "bye"],
    &["ls-files", "-m", "-o"],
    &["diff-index", "-p", "HEAD"],
    &["diff-files", "-p"],
    &["branch", "-vv"],
    &["for-each-ref"],
    &["stash", "list"],
    &["cat-file", "-p", "HEAD"],
    &["describe", "--always", "--dirty"],
    &["submodule", "status"],
];

#[tokio::test(flavor = "multi_thread")]
async fn row_34_a_hostile_repository_runs_nothing() {
    // As it is, and as by a git too old to take attributes from elsewhere.
    for version in [None, Some(GitVersion(2, 39, 5))] {
        let hostile = Hostile::new();
        let processes = processes();
        let program = GitProgram::new(processes.clone());
        if let Some(version) = version {
            program.assume_version(version);
        }
        let repo = Repo {
            root: &hostile.root,
            is_trusted: false,
        };
        let mut ran = Vec::new();
        for args in READS {
            let output = program.read_output(repo, args, &never()).await.unwrap();
            let is_fine = output.exit.is_success();
            assert!(is_fine, "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
            for marker in hostile.markers() {
                ran.push(format!("{args:?} {marker}"));
                std::fs::remove_file(hostile.dir.path().join(marker)).unwrap();
            }
        }
        assert_eq!(ran, Vec::<String>::new(), "git {version:?}");
        let status = program.read(repo, &["status", "--porcelain"], &never()).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&status), " M a.txt\n M module\n?? new.txt\n");
        // Rows 35 and 38: what writes runs no hook and signs nothing; what goes to the network is refused.
        let args = ["-c", "user.name=n", "-c", "user.email=n@example.com", "commit", "-aqm", "2"];
        program.write(repo, &args, b"", &never()).await.unwrap();
        let problem = program
            .network(repo, &["fetch", "origin"], None, &never(), |_| {})
            .await
            .unwrap_err();
        assert!(problem.is_untrusted());
        assert_eq!(hostile.markers(), Vec::<String>::new(), "commit by git {version:?}");
        assert_none_left(&processes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hostile_repository_is_one() {
    // Without protection the same commands do run things: else the test above proves nothing.
    let hostile = Hostile::new();
    let program = GitProgram::new(processes());
    let repo = Repo {
        root: &hostile.root,
        is_trusted: true,
    };
    for args in READS {
        drop(program.read_output(repo, args, &never()).await.unwrap());
    }
    // Git gives up on a file whose filter fails; without the filter it gets as far as the external diff.
    let args = ["-c", "filter.evil.process=", "-c", "filter.evil.required=false", "diff"];
    drop(program.read_output(repo, &args, &never()).await.unwrap());
    let markers = hostile.markers();
    for name in [
        "ran-fsmonitor",
        "ran-diffcommand",
        "ran-textconv",
        "ran-filterprocess",
        "ran-hook-post-index-change",
    ] {
        assert!(markers.iter().any(|marker| marker == name), "{name} in {markers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_36_a_nested_bare_repository_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q", "--bare", "."]);
    let program = GitProgram::new(processes());
    let problem = program
        .read(
            Repo {
                root: dir.path(),
                is_trusted: false,
            },
            &["log"],
            &never(),
        )
        .await
        .unwrap_err();
    assert!(problem.is_untrusted(), "{problem:?}");
    drop(
        program
            .read(
                Repo {
                    root: dir.path(),
                    is_trusted: true,
                },
                &["rev-parse", "--git-dir"],
                &never(),
            )
            .await
            .unwrap(),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn trusted_hooks_and_filters_work() {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q"]);
    let hook = dir.path().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho no commits on Saturdays >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = GitProgram::new(processes());
    let repo = Repo {
        root: dir.path(),
        is_trusted: true,
    };
    let args = [
        "-c",
        "user.name=n",
        "-c",
        "user.email=n@example.com",
        "commit",
        "--allow-empty",
        "-qF",
        "-",
    ];
    let problem = program.write(repo, &args, b"words", &never()).await.unwrap_err();
    assert_eq!(problem.details, "no commits on Saturdays");
    std::fs::remove_file(&hook).unwrap();
    program.write(repo, &args, b"words", &never()).await.unwrap();
    assert_eq!(
        program.read(repo, &["log", "--format=%s"], &never()).await.unwrap(),
        b"words\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_with_sha256_is_read_too() {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q", "--object-format=sha256"]);
    std::fs::write(dir.path().join("a"), "x").unwrap();
    let program = GitProgram::new(processes());
    let status = program
        .read(
            Repo {
                root: dir.path(),
                is_trusted: false,
            },
            &["status", "--porcelain"],
            &never(),
        )
        .await
        .unwrap();
    assert_eq!(status, b"?? a\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_index_names_its_holder() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    git(&root, &["init", "-q"]);
    std::fs::write(root.join("a"), "x").unwrap();
    let program = GitProgram::new(processes());
    let repo = Repo {
        root: &root,
        is_trusted: true,
    };
    let lock = root.join(".git/index.lock");
    let holder = processes();
    let script = format!("exec 9>'{}'; echo ready; sleep 1000", lock.display());
    let mut running = holder.start(sh(&script), &never(), None).unwrap();
    wait_for_line(&mut running, "ready").await;
    let problem = program.write(repo, &["add", "a"], b"", &never()).await.unwrap_err();
    assert_eq!(
        (problem.code.as_str(), problem.summary.key.as_ref()),
        ("index-locked", "git-program-locked-by")
    );
    drop(running);
    wait_until_none_left(&holder).await;
    let problem = program.write(repo, &["add", "a"], b"", &never()).await.unwrap_err();
    assert_eq!(problem.summary.key, "git-program-locked");
    assert!(problem.hint.is_some());
}

/// git gives up where it meets the entry of a worktree that another program is just making or removing: those calls are made again.
#[tokio::test(flavor = "multi_thread")]
async fn worktrees_are_made_listed_and_removed_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap().join("repo");
    std::fs::create_dir(&root).unwrap();
    git(&root, &["init", "-q"]);
    git(&root, &["commit", "-qm", "1", "--allow-empty"]);
    let program = GitProgram::new(processes());
    let turns = (0..6).map(|task: u32| {
        let (program, root) = (program.clone(), root.clone());
        tokio::spawn(async move {
            let repo = Repo {
                root: &root,
                is_trusted: true,
            };
            for turn in 0..25 {
                let folder = root.with_file_name(format!("there-{task}-{turn}"));
                let folder = folder.to_str().unwrap();
                let add = ["worktree", "add", "--quiet", "--detach", folder, "HEAD"];
                program.write(repo, &add, b"", &never()).await.unwrap();
                let listed = program.read(repo, &["worktree", "list"], &never()).await.unwrap();
                assert!(String::from_utf8_lossy(&listed).contains(folder));
                let remove = ["worktree", "remove", "--force", folder];
                program.write(repo, &remove, b"", &never()).await.unwrap();
            }
        })
    });
    for turn in turns.collect::<Vec<_>>() {
        turn.await.unwrap();
    }
    // An entry that stays like that is no reason to wait for ever.
    let entry = root.join(".git/worktrees/half");
    std::fs::create_dir_all(&entry).unwrap();
    std::fs::write(entry.join("gitdir"), "/nowhere/.git\n").unwrap();
    std::fs::write(entry.join("commondir"), "").unwrap();
    let repo = Repo {
        root: &root,
        is_trusted: true,
    };
    let add = ["worktree", "add", "--quiet", "--detach", "../late", "HEAD"];
    let problem = program.write(repo, &add, b"", &never()).await.unwrap_err();
    assert!(problem.details.contains("commondir"), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn network_commands_tell_how_far_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    for path in [&from, &to] {
        std::fs::create_dir(path).unwrap();
        git(path, &["init", "-q", "-b", "main"]);
    }
    for n in 0..3 {
        std::fs::write(from.join("a"), n.to_string()).unwrap();
        git(&from, &["add", "-A"]);
        git(&from, &["commit", "-qm", "c"]);
    }
    let program = GitProgram::new(processes());
    let repo = Repo {
        root: &to,
        is_trusted: true,
    };
    let mut steps = Vec::new();
    let url = format!("file://{}", from.display());
    program
        .network(repo, &["fetch", "--progress", &url, "main"], None, &never(), |step| {
            steps.push(step);
        })
        .await
        .unwrap();
    assert!(steps.iter().any(|step| step.fraction() == Some(1.0)), "{steps:?}");
    let problem = program
        .network(repo, &["fetch", "file:///no/such/place"], None, &never(), |_| {})
        .await
        .unwrap_err();
    assert!(problem.details.contains("/no/such/place"), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_37_a_repository_of_another_user_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q"]);
    let given = std::os::unix::fs::chown(dir.path(), Some(65534), None)
        .and_then(|()| std::os::unix::fs::chown(dir.path().join(".git"), Some(65534), None));
    if given.is_err() {
        eprintln!("SKIPPED row 37: only root can give files away");
        return;
    }
    let config = ProcessConfig {
        env: vec![
            ("PATH".into(), "/usr/bin:/bin:/usr/local/bin".into()),
            ("HOME".into(), dir.path().into()),
        ],
        ..ProcessConfig::default()
    };
    let program = GitProgram::new(Processes::new(config, Masks::new(), Clock::system()));
    for is_trusted in [false, true] {
        let repo = Repo {
            root: dir.path(),
            is_trusted,
        };
        let problem = program.read(repo, &["status"], &never()).await.unwrap_err();
        assert_eq!(
            (problem.code.as_str(), problem.hint.is_some()),
            ("other-owner", true),
            "{problem:?}"
        );
    }
}
