//! git's own program, and the only place that starts it: in an untrusted repository nothing that the repository names may run.

use super::act_problem::{access_problem, circumstances};
use super::host_keys::Asking;
use crate::base::{Problem, Progress, SafeText, Stream, Unit};
use crate::msg;
use crate::process::{Cmd, Output, ProcessError, Processes};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Answers larger than this are cut, and said to be.
pub const MAX_ANSWER_BYTES: usize = 256 * 1024 * 1024;
/// How long another program's lock is waited for.
const MAX_WAIT: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// A lock that nobody is seen to hold may still be a program's that has just begun or ended.
const FRESH: Duration = Duration::from_secs(2);
const LOCKED: &str = "index-locked";
/// git reads all worktrees of a repository before it adds, removes or lists one, and gives up where another program is making or
/// removing one at that moment; with the last one goes the folder in which the next one is being made.
const HALF_MADE: [[&str; 2]; 4] = [
    ["failed to read", "commondir"],
    ["failed to read", "/locked"],
    ["could not create directory of", "worktrees/"],
    ["Invalid path", "worktrees/"],
];
const READ_TIMEOUT: Duration = Duration::from_mins(2);
/// Attributes from the empty tree instead of from files: no filter and no textconv is ever chosen.
const ATTR_SOURCE: GitVersion = GitVersion(2, 43, 0);
const EMPTY_TREE_SHA1: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const EMPTY_TREE_SHA256: &str = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";

/// Settings that keep a hostile repository's configuration from running anything. The price: no filter runs, so files that a
/// filter like git-lfs has put there may count as changed until the workspace is trusted.
const PROTECTIONS: &[&str] = &[
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.sshCommand=ssh",
    "core.editor=false",
    "core.askPass=",
    "core.alternateRefsCommand=",
    "core.gitProxy=",
    "diff.external=",
    "credential.helper=",
    "protocol.ext.allow=never",
    "safe.bareRepository=explicit",
    "log.showSignature=false",
    "commit.gpgSign=false",
    "tag.gpgSign=false",
    "push.gpgSign=false",
    "gpg.program=false",
    "gpg.ssh.program=false",
    "gpg.x509.program=false",
    "submodule.recurse=false",
    "status.submoduleSummary=false",
    "maintenance.auto=false",
    "gc.auto=0",
];

/// Commands that understand `--no-ext-diff --no-textconv`.
const DIFFING: &[&str] = &[
    "diff",
    "log",
    "show",
    "diff-tree",
    "diff-index",
    "diff-files",
    "whatchanged",
    "format-patch",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GitVersion(pub u32, pub u32, pub u32);

impl std::fmt::Display for GitVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// A repository's folder, and whether the user trusts the workspace that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Repo<'a> {
    pub root: &'a Path,
    pub is_trusted: bool,
}

/// Runs git's program. Cheap to clone.
#[derive(Clone)]
pub struct GitProgram {
    processes: Processes,
    known: Arc<Mutex<Known>>,
    waits: Arc<Mutex<BTreeMap<PathBuf, Problem>>>,
    asking: Asking,
}

#[derive(Default)]
struct Known {
    version: Option<GitVersion>,
    /// Of untrusted repositories.
    empty_trees: BTreeMap<PathBuf, &'static str>,
}

impl GitProgram {
    pub fn new(processes: Processes) -> Self {
        Self {
            processes,
            known: Arc::default(),
            waits: Arc::default(),
            asking: Asking::default(),
        }
    }

    /// The same, which can hear who a machine says it is that ssh does not know: in this folder.
    pub fn asking_in(mut self, folder: PathBuf) -> Self {
        self.asking.folder = Some(folder);
        self
    }

    pub(super) fn asking(&self) -> &Asking {
        &self.asking
    }

    pub(super) fn processes(&self) -> &Processes {
        &self.processes
    }

    /// The version of the installed git; asked once.
    pub async fn version(&self, cancel: &CancellationToken) -> Result<GitVersion, Problem> {
        if let Some(version) = self.known().version {
            return Ok(version);
        }
        let cmd = Cmd::new("git").arg("--version").env("LC_ALL", "C").timeout(READ_TIMEOUT);
        let answer = self
            .processes
            .output(cmd, cancel, 4096)
            .await
            .map_err(git_problem)?
            .success("git")?;
        let text = String::from_utf8_lossy(&answer);
        let version = parse_version(&text)
            .ok_or_else(|| Problem::environment(msg!("git-program-odd-version")).details(SafeText::new(text.trim()).as_str()))?;
        self.known().version = Some(version);
        Ok(version)
    }

    /// Treats the installed git as this version.
    pub fn assume_version(&self, version: GitVersion) {
        self.known().version = Some(version);
    }

    /// Runs a command that only reads, and takes no lock. Gives its standard output.
    pub async fn read<S: AsRef<OsStr>>(
        &self,
        repo: Repo<'_>,
        args: &[S],
        cancel: &CancellationToken,
    ) -> Result<Vec<u8>, Problem> {
        self.read_output(repo, args, cancel)
            .await?
            .success("git")
            .map_err(|problem| explain(repo, problem))
    }

    /// Runs a command that only reads, and gives its lines as they come; it may take as long as it needs.
    pub async fn lines<S: AsRef<OsStr>>(
        &self,
        repo: Repo<'_>,
        args: &[S],
        cancel: &CancellationToken,
        mut on_line: impl FnMut(&[u8]),
    ) -> Result<(), Problem> {
        let cmd = self.cmd(repo, &["--no-optional-locks"], args, cancel).await?;
        let mut words: Vec<String> = Vec::new();
        let exit = self
            .processes
            .run(cmd, cancel, None, |batch| {
                for line in batch.lines() {
                    if line.stream == Stream::Out {
                        on_line(line.bytes);
                    } else if words.len() < 50 {
                        words.push(String::from_utf8_lossy(line.bytes).into_owned());
                    }
                }
            })
            .await
            .map_err(git_problem)?;
        match exit.problem("git") {
            None => Ok(()),
            Some(problem) if problem.is_cancelled() => Err(problem),
            Some(problem) => Err(explain(repo, problem.details(words.join("\n")))),
        }
    }

    /// Runs a command that only reads and gives its exit code and standard error too, for commands whose exit code is an answer (`diff --quiet`, `merge-base`).
    pub async fn read_output<S: AsRef<OsStr>>(
        &self,
        repo: Repo<'_>,
        args: &[S],
        cancel: &CancellationToken,
    ) -> Result<Output, Problem> {
        let started = Instant::now();
        let output = loop {
            let cmd = self
                .cmd(repo, &["--no-optional-locks"], args, cancel)
                .await?
                .small()
                .timeout(READ_TIMEOUT);
            let output = self
                .processes
                .output(cmd, cancel, MAX_ANSWER_BYTES)
                .await
                .map_err(git_problem)?;
            if !is_of_worktrees(args) || !says_half_made(&output.stderr) || started.elapsed() >= MAX_WAIT {
                break output;
            }
            tokio::time::sleep(FIRST_PAUSE).await;
        };
        if output.truncated {
            return Err(Problem::environment(msg!("git-program-too-much", limit = MAX_ANSWER_BYTES)).code("too-large"));
        }
        Ok(output)
    }

    /// Runs a command that changes the repository; `stdin` is what it reads.
    pub async fn write<S: AsRef<OsStr>>(
        &self,
        repo: Repo<'_>,
        args: &[S],
        stdin: &[u8],
        cancel: &CancellationToken,
    ) -> Result<Output, Problem> {
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        let result = loop {
            let mut cmd = self.cmd(repo, &[], args, cancel).await?;
            if !stdin.is_empty() {
                cmd = cmd.stdin(stdin);
            }
            let output = self
                .processes
                .output(cmd, cancel, MAX_ANSWER_BYTES)
                .await
                .map_err(git_problem)?;
            let problem = match output.exit.problem("git") {
                None => break Ok(output),
                Some(_) => output.success("git").err(),
            };
            let problem = problem.map_or_else(Problem::cancelled, |problem| explain(repo, problem));
            // git changes nothing before it has its locks and knows the worktrees, so trying again is safe.
            let is_half_made = is_of_worktrees(args) && says_half_made(problem.details.as_bytes());
            let is_worth_waiting = is_half_made || (problem.code == LOCKED && is_lock_alive(&problem));
            if !is_worth_waiting || started.elapsed() >= MAX_WAIT {
                break Err(problem);
            }
            if is_half_made {
                pause = FIRST_PAUSE;
            } else {
                self.waits().insert(repo.root.to_path_buf(), problem);
            }
            tokio::select! {
                () = cancel.cancelled() => break Err(Problem::cancelled()),
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        };
        self.waits().remove(repo.root);
        result
    }

    /// Waits until no other program holds the lock of the index, for commands that are started elsewhere. Ends in any case.
    pub async fn wait_for_index(&self, repo: Repo<'_>, lock: &Path, cancel: &CancellationToken) {
        let started = Instant::now();
        while started.elapsed() < MAX_WAIT && lock.exists() && !cancel.is_cancelled() {
            let problem = lock_problem(lock, repo.root, "");
            if !is_lock_alive(&problem) {
                break;
            }
            self.waits().insert(repo.root.to_path_buf(), problem);
            tokio::time::sleep(FIRST_PAUSE * 2).await;
        }
        self.waits().remove(repo.root);
    }

    /// The lock that an act in this repository is waiting for now, with who holds it.
    pub fn waiting_for(&self, root: &Path) -> Option<Problem> {
        self.waits().get(root).cloned()
    }

    fn waits(&self) -> std::sync::MutexGuard<'_, BTreeMap<PathBuf, Problem>> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a command that talks to another machine (`fetch`, `push`, `clone`); only in a trusted workspace, since the
    /// repository says with whom and through which programs. Add `--progress` to the arguments to be told how far it is.
    /// `accepts` is the fingerprint of a machine that the user says is the right one.
    pub async fn network<S: AsRef<OsStr>>(
        &self,
        repo: Repo<'_>,
        args: &[S],
        accepts: Option<&str>,
        cancel: &CancellationToken,
        mut on_progress: impl FnMut(Progress),
    ) -> Result<(), Problem> {
        if !repo.is_trusted {
            return Err(Problem::user(msg!("git-program-untrusted-network"))
                .code("untrusted")
                .hint(msg!("trust-hint")));
        }
        let mut cmd = self.cmd(repo, &[], args, cancel).await?;
        if let Some(fingerprint) = accepts {
            cmd = self.accepting(cmd, fingerprint)?;
        }
        let mut words: Vec<String> = Vec::new();
        let exit = self
            .processes
            .run(cmd.clone(), cancel, None, |batch| {
                for line in batch.lines() {
                    if let Some(progress) = progress_of(line.bytes) {
                        on_progress(progress);
                    } else if !line.is_progress && words.len() < 200 {
                        words.push(String::from_utf8_lossy(line.bytes).into_owned());
                    }
                }
            })
            .await
            .map_err(git_problem)?;
        match exit.problem("git") {
            None => Ok(()),
            Some(problem) if problem.is_cancelled() => Err(problem),
            Some(problem) => {
                let words = words.join("\n");
                match self.unknown_host(&cmd, &words, cancel).await {
                    Some(unknown) => Err(unknown),
                    None => Err(explain(repo, problem.details(words))),
                }
            }
        }
    }

    /// The command as it will run, with every protection that the repository's trust asks for.
    pub async fn cmd<S: AsRef<OsStr>>(
        &self,
        repo: Repo<'_>,
        options: &[&str],
        args: &[S],
        cancel: &CancellationToken,
    ) -> Result<Cmd, Problem> {
        // It would put an entry beside the folder that stands for it in a sparse index.
        let is_put = args
            .first()
            .is_some_and(|command| command.as_ref() == OsStr::new("update-index"));
        let whole: &[&str] = if is_put { &["-c", "index.sparse=false"] } else { &[] };
        let base = Cmd::new("git")
            .workspace(repo.root)
            .env("GIT_TERMINAL_PROMPT", "0")
            // In English; and letters that are none of ASCII have their case.
            .env("LC_ALL", "C.UTF-8")
            .env("LANGUAGE", "C")
            // What to do next is said in our own words.
            .env("GIT_ADVICE", "0")
            .env("GIT_PAGER", "cat")
            .env("GIT_MERGE_AUTOEDIT", "no")
            .args(["--no-pager"])
            .args(options)
            .args(whole);
        if repo.is_trusted {
            // An editor would wait for a terminal that is not there; messages come as arguments or on standard input.
            return Ok(base.env("GIT_EDITOR", "true").env("GIT_SEQUENCE_EDITOR", "true").args(args));
        }
        let version = self.version(cancel).await?;
        let mut cmd = protected(base);
        if version >= ATTR_SOURCE {
            cmd = cmd.env("GIT_ATTR_SOURCE", self.empty_tree(repo, cancel).await?);
        } else {
            for setting in self.driver_overrides(repo, cancel).await? {
                cmd = cmd.arg("-c").arg(setting);
            }
        }
        let mut args = args.iter().map(AsRef::as_ref);
        if let Some(command) = args.next() {
            cmd = cmd.arg(command);
            if command.to_str().is_some_and(|command| DIFFING.contains(&command)) {
                cmd = cmd.args(["--no-ext-diff", "--no-textconv"]);
            }
        }
        Ok(cmd.args(args))
    }

    /// The id of the empty tree in the repository's kind of hash.
    async fn empty_tree(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<&'static str, Problem> {
        if let Some(known) = self.known().empty_trees.get(repo.root) {
            return Ok(known);
        }
        let cmd = protected(Cmd::new("git").workspace(repo.root).env("LC_ALL", "C")).args(["rev-parse", "--show-object-format"]);
        let output = self
            .processes
            .output(cmd.timeout(READ_TIMEOUT), cancel, 4096)
            .await
            .map_err(git_problem)?;
        let tree = if output.stdout.trim_ascii() == b"sha256" {
            EMPTY_TREE_SHA256
        } else {
            EMPTY_TREE_SHA1
        };
        if output.exit.is_success() {
            self.known().empty_trees.insert(repo.root.to_path_buf(), tree);
        }
        Ok(tree)
    }

    /// For a git that can not take attributes from elsewhere: every driver that the configuration names is made to do nothing.
    async fn driver_overrides(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<Vec<OsString>, Problem> {
        let cmd =
            protected(Cmd::new("git").workspace(repo.root).env("LC_ALL", "C")).args(["config", "--list", "--name-only", "-z"]);
        let output = self
            .processes
            .output(cmd.timeout(READ_TIMEOUT), cancel, 4 * 1024 * 1024)
            .await
            .map_err(git_problem)?;
        if output.truncated {
            return Err(Problem::environment(msg!("git-program-too-much", limit = 4 * 1024 * 1024)).code("too-large"));
        }
        let mut settings = Vec::new();
        for name in output.stdout.split(|b| *b == 0) {
            let lower = name.to_ascii_lowercase();
            let ends = |end: &str| lower.ends_with(end.as_bytes());
            let value = match lower.split(|b| *b == b'.').next() {
                // An empty filter passes everything through; an empty textconv would be run.
                Some(b"filter") if ends(".clean") || ends(".smudge") || ends(".process") => "=",
                Some(b"filter") if ends(".required") => "=false",
                Some(b"diff") if ends(".textconv") => "=cat",
                Some(b"diff") if ends(".command") => "=",
                Some(b"merge") if ends(".driver") => "=false",
                _ => continue,
            };
            // A name with `=` in it can not be overridden this way: better no answer than a run.
            if name.contains(&b'=') {
                return Err(Problem::user(msg!("git-program-odd-driver"))
                    .code("untrusted")
                    .hint(msg!("trust-hint")));
            }
            let mut setting = OsStr::from_bytes(name).to_owned();
            setting.push(value);
            settings.push(setting);
        }
        Ok(settings)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lock was in git's way: which one, and whose.
pub fn lock_named(root: &Path, words: &str) -> Option<Problem> {
    held_lock(words).map(|lock| lock_problem(&lock, root, words))
}

/// Git's own words made into a problem that says what to do.
pub(super) fn explain(repo: Repo<'_>, problem: Problem) -> Problem {
    let words = &problem.details;
    if let Some(problem) = lock_named(repo.root, words) {
        return problem;
    }
    if words.contains("dubious ownership") {
        return Problem::environment(msg!("git-program-other-owner", path = repo.root))
            .code("other-owner")
            .hint(msg!("git-program-other-owner-hint"))
            .details(words);
    }
    if words.contains("not a git repository") {
        return Problem::user(msg!("git-program-no-repository", path = repo.root))
            .code("no-repository")
            .details(words);
    }
    if words.contains("cannot use bare repository") {
        return Problem::user(msg!("git-program-bare", path = repo.root))
            .code("untrusted")
            .hint(msg!("trust-hint"))
            .details(words);
    }
    circumstances(repo.root, words)
        .or_else(|| access_problem(words))
        .unwrap_or(problem)
}

fn protected(cmd: Cmd) -> Cmd {
    let cmd = PROTECTIONS.iter().fold(cmd, |cmd, setting| cmd.arg("-c").arg(setting));
    cmd.env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "")
        .env("SSH_ASKPASS", "")
        .env("GIT_EDITOR", "false")
        .env("GIT_SEQUENCE_EDITOR", "false")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_PROTOCOL_FROM_USER", "0")
}

fn git_problem(error: ProcessError) -> Problem {
    match error {
        ProcessError::Missing(_) => Problem::environment(msg!("git-program-missing"))
            .code("not-found")
            .hint(msg!("process-missing-hint", program = "git")),
        error => error.into(),
    }
}

fn parse_version(text: &str) -> Option<GitVersion> {
    let mut numbers = text
        .strip_prefix("git version ")?
        .split_whitespace()
        .next()?
        .split('.')
        .map(|n| n.parse::<u32>().unwrap_or(0));
    Some(GitVersion(numbers.next()?, numbers.next()?, numbers.next().unwrap_or(0)))
}

fn is_of_worktrees<S: AsRef<OsStr>>(args: &[S]) -> bool {
    args.iter().any(|arg| arg.as_ref() == "worktree")
}

fn says_half_made(words: &[u8]) -> bool {
    let says = |sign: &&str| memchr::memmem::find(words, sign.as_bytes()).is_some();
    HALF_MADE.iter().any(|signs| signs.iter().all(says))
}

/// How far git is: `Receiving objects:  45% (450/1000), 1.2 MiB | 1 MiB/s`, `Rebasing (2/7)`.
pub fn progress_of(line: &[u8]) -> Option<Progress> {
    let text = std::str::from_utf8(line).ok()?;
    if let Some(steps) = text.strip_prefix("Rebasing (") {
        let (done, total) = steps.split_once(')')?.0.split_once('/')?;
        return Some(Progress::of(done.parse().ok()?, total.parse().ok()?, Unit::Steps));
    }
    let (phase, rest) = text.strip_prefix("remote: ").unwrap_or(text).split_once(':')?;
    let (percent, rest) = rest.trim_start().split_once("% (")?;
    percent.trim().parse::<u8>().ok()?;
    let (done, total) = rest.split_once(')')?.0.split_once('/')?;
    let progress = Progress::of(done.parse().ok()?, total.parse().ok()?, Unit::Steps);
    Some(progress.saying(crate::base::Msg::verbatim(phase)))
}

fn lock_problem(lock: &Path, root: &Path, words: &str) -> Problem {
    let problem = match lock_holder(lock, root) {
        Some(holder) => Problem::environment(msg!("git-program-locked-by", holder = holder)),
        None => Problem::environment(msg!("git-program-locked")).hint(msg!("git-program-locked-hint", path = lock)),
    };
    problem.code(LOCKED).details(words).at_place(lock, 0, 0)
}

/// Somebody holds the lock, or did a moment ago: a lock that was left behind does not go away by waiting.
fn is_lock_alive(problem: &Problem) -> bool {
    let Some(place) = &problem.place else { return false };
    let Ok(meta) = std::fs::metadata(&place.path) else {
        return true;
    };
    let age = meta.modified().ok().and_then(|at| at.elapsed().ok()).unwrap_or_default();
    problem.hint.is_none() || age < FRESH
}

/// The lock file that git found in its way: `Unable to create '/r/.git/index.lock': File exists.`
fn held_lock(words: &str) -> Option<PathBuf> {
    let (_, rest) = words.split_once("Unable to create '")?;
    let (path, rest) = rest.split_once('\'')?;
    (path.ends_with(".lock") && rest.contains("File exists")).then(|| PathBuf::from(path))
}

/// Who holds a lock file open, or else which git works in the repository: `git (4711): git rebase -i main`.
fn lock_holder(lock: &Path, root: &Path) -> Option<String> {
    let mut probable = None;
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let dir = entry.path();
        let describe = || {
            let words = std::fs::read(dir.join("cmdline")).unwrap_or_default();
            let words: Vec<_> = words.split(|b| *b == 0).map(String::from_utf8_lossy).collect();
            SafeText::new(&format!("{} ({pid})", words.join(" ").trim())).into_string()
        };
        let files = std::fs::read_dir(dir.join("fd")).into_iter().flatten().flatten();
        if files
            .into_iter()
            .any(|file| std::fs::read_link(file.path()).is_ok_and(|target| target == lock))
        {
            return Some(describe());
        }
        let is_git = std::fs::read_to_string(dir.join("comm")).is_ok_and(|name| name.trim().starts_with("git"));
        if probable.is_none() && is_git && std::fs::read_link(dir.join("cwd")).is_ok_and(|cwd| cwd.starts_with(root)) {
            probable = Some(describe());
        }
    }
    probable
}
