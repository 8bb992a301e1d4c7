//! P-DEPLOY: what a change of versions costs the users and the machine: `cargo bench --bench deploy -- [NAME]`. Both drive the command
//! line as its users do. The first needs the machine with systemd that packaging/test.sh makes, and shows Ansible beside it where
//! `ansible-playbook` is on the path; the second needs HAProxy.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a benchmark prints its lines and has threads of its own"
)]

#[allow(dead_code, reason = "a benchmark uses a part of it")]
#[path = "../deploy/host.rs"]
mod host;
mod measure;
mod overssh;
mod switches;

use measure::{chantier, command, head, run, skip};
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let wanted = std::env::args()
        .skip(1)
        .find(|word| !word.starts_with('-'))
        .unwrap_or_default();
    head();
    // A project each: what the first deployed on another machine would have to be asked about before the second moves it here.
    let measures: [(&str, fn(&Project)); 2] = [("P-DEPLOY-1", overssh::measure), ("P-DEPLOY-2", switches::measure)];
    for (name, measure) in measures.into_iter().filter(|(name, _)| name.contains(&wanted)) {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        match Project::made(place.path()) {
            Some(project) => measure(&project),
            None => skip(name, "the project can not be made"),
        }
    }
}

/// A repository with a service, and a home of its own.
struct Project {
    home: PathBuf,
    root: PathBuf,
}

impl Project {
    fn made(place: &Path) -> Option<Self> {
        let project = Self {
            home: place.join("home"),
            root: place.join("app"),
        };
        std::fs::create_dir(&project.root).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/keep_alive_server.rs");
        let mut compile = command("rustc", place);
        // It runs on another machine's C library as well.
        compile.args(["--edition", "2021", "-C", "opt-level=2", "-C", "strip=symbols"]);
        compile.args(["-C", "target-feature=+crt-static", "-o"]);
        run(compile.arg(project.root.join("server")).arg(source))?;
        project.git(&["init", "--quiet"])?;
        Some(project)
    }

    /// The environment `staging` is what these lines say.
    fn set(&self, environment: &str) {
        let text = format!(
            "[project]\nname = \"switches\"\n[[artifact]]\nname = \"app\"\npath = \"server\"\n[[environment]]\nname = \"staging\"\n\
             env = {{ VERSION = \"{{version}}\" }}\n{environment}\n[[environment.health]]\nkind = \"http\"\n\
             url = \"http://127.0.0.1:{{port}}/health\"\ninterval = \"50ms\"\ndeadline = \"30s\"\n"
        );
        std::fs::write(self.root.join("chantier.toml"), text).unwrap();
    }

    /// Commits what is there and releases it.
    fn release(&self, version: &str) -> Option<()> {
        std::fs::write(self.root.join("notes"), version).unwrap();
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--message", &format!("feat: {version}")])?;
        run(&mut self.ours(&["release", "run", version])).map(drop)
    }

    fn git(&self, words: &[&str]) -> Option<()> {
        let mut git = command("git", &self.root);
        git.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]);
        run(git.args(words)).map(drop)
    }

    fn ours(&self, words: &[&str]) -> Command {
        let mut command = command(chantier(), &self.root);
        for (name, value) in ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "Ada")) {
            command.env(name, value);
        }
        for name in ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"] {
            command.env(name, "ada@example.org");
        }
        command.arg("--home").arg(&self.home).arg("--trust").args(words);
        command
    }
}
