//! The real program in a home of its own.

use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A home and a place for projects, gone when dropped.
pub(crate) struct Home {
    folder: tempfile::TempDir,
}

/// What a call gave.
pub(crate) struct Called {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Called {
    /// The JSON document; the call must have printed one and nothing else.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.out, self.err))
    }

    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, ready to be called in a folder.
    pub(crate) fn program(&self, cwd: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chantier"));
        command
            .args(args)
            .current_dir(cwd)
            .env("CHANTIER_HOME", self.path("home"))
            .env("LC_ALL", "C")
            .env_remove("DISPLAY");
        command.env_remove("WAYLAND_DISPLAY").stdin(Stdio::null());
        command
    }

    pub(crate) fn call_in(&self, cwd: &Path, args: &[&str]) -> Called {
        let Output { status, stdout, stderr } = self.program(cwd, args).output().unwrap();
        Called {
            code: status.code().unwrap_or(-1),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }

    /// What a terminal gets, with the line breaks of one.
    pub(crate) fn on_terminal(&self, cwd: &Path, args: &[&str]) -> String {
        let program = self.program(cwd, args);
        let argv = std::iter::once(program.get_program()).chain(program.get_args());
        let words: Vec<String> = argv.map(|word| format!("'{}'", word.to_str().unwrap())).collect();
        let mut script = Command::new("script");
        script
            .args(["-qec", &words.join(" "), "/dev/null"])
            .current_dir(cwd)
            .stdin(Stdio::null());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => script.env(name, value),
                None => script.env_remove(name),
            };
        }
        String::from_utf8_lossy(&script.output().unwrap().stdout).into_owned()
    }

    pub(crate) fn call(&self, args: &[&str]) -> Called {
        self.call_in(self.folder.path(), args)
    }

    /// Keeps a secret under a name.
    pub(crate) fn set_secret(&self, name: &str, value: &str) {
        let mut program = self.program(self.folder.path(), &["config", "secret", "set", name]);
        let mut child = program.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(value.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// The sample project, unpacked, added and trusted.
    pub(crate) fn sample(&self) -> PathBuf {
        let dir = self.path("bonjour");
        self.call(&["devops", "sample", dir.to_str().unwrap()]).ok();
        dir
    }
}

/// Git's own answer, for comparison.
pub(crate) fn git(cwd: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(args)
        .current_dir(cwd)
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
