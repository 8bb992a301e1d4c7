//! A repository in a temporary folder, git's program beside it as the judge, and the adapter under test.

pub(crate) use crate::support::random::cases;
use chantier::adapters::git::{Git, HistoryOf, Repo, Search};
use chantier::adapters::masks::Masks;
use chantier::adapters::process::{ProcessConfig, Processes};
use chantier::base::repo::CommitRow;
use chantier::base::{Clock, GitPath, Problem, Timestamp};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tokio_util::sync::CancellationToken;

pub(crate) struct Fixture {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) root: PathBuf,
    pub(crate) git: Git,
    pub(crate) cancel: CancellationToken,
}

impl Fixture {
    /// An empty repository on `main` with an identity.
    pub(crate) fn new() -> Self {
        let fixture = Self::bare_folder();
        fixture.run(&["init", "-q", "-b", "main"]);
        fixture.run(&["config", "user.name", "Ada Lovelace"]);
        fixture.run(&["config", "user.email", "ada@example.org"]);
        fixture
    }

    /// A folder that is no repository yet.
    pub(crate) fn bare_folder() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().join("r");
        std::fs::create_dir(&root).unwrap();
        let mut env: Vec<_> = std::env::vars_os()
            .filter(|(name, _)| !name.as_bytes().starts_with(b"GIT_"))
            .collect();
        env.retain(|(name, _)| name != "HOME");
        env.push(("HOME".into(), dir.path().into()));
        let config = ProcessConfig {
            env,
            uses_groups: false,
            ..ProcessConfig::default()
        };
        let processes = Processes::new(config, Masks::default(), Clock::system());
        Self {
            git: Git::new(processes),
            root,
            dir,
            cancel: CancellationToken::new(),
        }
    }

    /// A copy of a repository that another test made.
    pub(crate) fn copy_of(root: &Path) -> Self {
        let fixture = Self::bare_folder();
        std::fs::remove_dir(&fixture.root).unwrap();
        let status = Command::new("cp").arg("-a").arg(root).arg(&fixture.root).status().unwrap();
        assert!(status.success());
        fixture
    }

    pub(crate) fn repo(&self) -> Repo<'_> {
        Repo {
            root: &self.root,
            is_trusted: true,
        }
    }

    /// Every row of the whole history; and everything is searched, which must not do more than find.
    pub(crate) async fn log(&self, repo: Repo<'_>) -> Result<Vec<CommitRow>, Problem> {
        let of = HistoryOf {
            is_all: true,
            ..HistoryOf::default()
        };
        let search = Search {
            is_all: true,
            content: Some("no such text".to_owned()),
            regex: None,
            ..Search::default()
        };
        self.git
            .search(repo, &search, 10, &self.cancel, |rows| assert!(rows.is_empty()))
            .await?;
        self.rows(repo, &of).await
    }

    pub(crate) async fn rows(&self, repo: Repo<'_>, of: &HistoryOf) -> Result<Vec<CommitRow>, Problem> {
        loop {
            let history = self.git.history(repo, of, &self.cancel, |_| {}).await?;
            let n = history.outline().n_rows;
            if let Some(rows) = self.git.history_rows(repo, &history, 0, n, &self.cancel).await? {
                return Ok(rows);
            }
        }
    }

    pub(crate) fn at(&self) -> Timestamp {
        Timestamp::from_second(1_700_000_000).unwrap()
    }

    /// git's program, in the repository; panics when it fails.
    pub(crate) fn run(&self, args: &[&str]) -> Vec<u8> {
        self.run_in(&self.root, args)
    }

    pub(crate) fn run_in(&self, folder: &Path, args: &[&str]) -> Vec<u8> {
        let (code, out, err) = self.try_run(folder, args);
        assert_eq!(code, 0, "git {args:?}: {}", String::from_utf8_lossy(&err));
        out
    }

    pub(crate) fn try_run(&self, folder: &Path, args: &[&str]) -> (i32, Vec<u8>, Vec<u8>) {
        let output = Command::new("git")
            .args(args)
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.dir.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", "1600000000 +0100")
            .env("GIT_COMMITTER_DATE", "1600000000 +0100")
            .output()
            .unwrap();
        (output.status.code().unwrap_or(-1), output.stdout, output.stderr)
    }

    pub(crate) fn text(&self, args: &[&str]) -> String {
        String::from_utf8(self.run(args)).unwrap().trim_end().to_owned()
    }

    pub(crate) fn path(&self, name: impl AsRef<[u8]>) -> PathBuf {
        self.root.join(OsStr::from_bytes(name.as_ref()))
    }

    pub(crate) fn write(&self, name: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        // A link to itself can not be written through; the random cases make some.
        if std::fs::metadata(&path).is_err_and(|error| error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())) {
            std::fs::remove_file(&path).unwrap();
        }
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, name: impl AsRef<[u8]>) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn commit_all(&self, message: &str) -> String {
        self.run(&["add", "-A"]);
        self.run(&["commit", "-q", "--allow-empty", "-m", message]);
        self.text(&["rev-parse", "HEAD"])
    }

    /// The store has no broken object, and the index reads.
    pub(crate) fn fsck(&self) {
        let (code, out, err) = self.try_run(&self.root, &["fsck", "--strict", "--no-dangling"]);
        let said = [out, err].concat();
        assert!(code == 0, "{}", String::from_utf8_lossy(&said));
    }

    /// A copy of everything, to let git's program do the same there.
    pub(crate) fn twin(&self) -> PathBuf {
        let twin = self.dir.path().join(format!("twin-{:016x}", fastrand::u64(..)));
        let status = Command::new("cp").arg("-a").arg(&self.root).arg(&twin).status().unwrap();
        assert!(status.success());
        twin
    }
}

pub(crate) fn path(name: impl AsRef<[u8]>) -> GitPath {
    GitPath::new(name.as_ref())
}
