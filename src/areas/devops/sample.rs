//! The sample project: compiled in, unpacked with a git history of its own, and changed as the tour asks.

use crate::adapters::World;
use crate::adapters::files::Beneath;
use crate::adapters::git::program::Repo;
use crate::adapters::http::is_port_free;
use crate::base::{Problem, Timestamp, Workspace};
use crate::msg;
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use std::path::Path;
use tokio_util::sync::CancellationToken;

static SAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/resources/sample");

/// The file that tells the history; not unpacked.
const HISTORY: &str = "HISTORY.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct History {
    commit: Vec<Commit>,
    change: Vec<Change>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Commit {
    days_ago: f64,
    author: String,
    email: String,
    message: String,
    #[serde(default)]
    from: Option<String>,
    files: Vec<String>,
    #[serde(default)]
    tag: Option<String>,
}

/// A change that is made when somebody asks for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub name: String,
    /// The plan item that it belongs to.
    pub item: String,
    pub message: String,
    from: String,
    files: Vec<String>,
}

fn history() -> Result<History, Problem> {
    let text = SAMPLE
        .get_file(HISTORY)
        .and_then(|file| file.contents_utf8())
        .unwrap_or_default();
    toml::from_str(text).map_err(|error| Problem::internal(msg!("devops-sample-broken")).details(error))
}

/// A prepared change by its name.
pub fn change(name: &str) -> Result<Change, Problem> {
    let found = history()?.change.into_iter().find(|change| change.name == name);
    found.ok_or_else(|| Problem::user(msg!("devops-sample-no-change", name = name)).code("not-found"))
}

/// Unpacks the project into an empty or new folder and makes its history. Gives the workspace.
pub async fn unpack(
    world: &World,
    dir: &Path,
    cancel: &CancellationToken,
    mut on_commit: impl FnMut(usize, usize),
) -> Result<Workspace, Problem> {
    crate::adapters::files::create_dir_all(dir)?;
    if !crate::adapters::walk::names(dir).is_empty() {
        let problem = Problem::user(msg!("devops-sample-not-empty", path = dir)).code("not-empty");
        return Err(problem.hint(msg!("devops-sample-not-empty-hint")));
    }
    let root = crate::adapters::files::canonicalize(dir)?;
    let workspace = Workspace::at(&root);
    let now = world.clock().now();
    let ports = free_ports(root.starts_with(&world.dirs().cache));
    let beneath = Beneath::open(&root)?;
    let git = world.git_program();
    let repo = Repo {
        root: &root,
        is_trusted: true,
    };
    git.write(repo, &["init", "-q", "-b", "main"], &[], cancel).await?;
    let history = history()?;
    let n_commits = history.commit.len();
    for (i, commit) in history.commit.iter().enumerate() {
        on_commit(i, n_commits);
        for file in &commit.files {
            write(&beneath, commit.from.as_deref(), file, now, &ports)?;
        }
        let at = Timestamp::from_second(now.as_second() - (commit.days_ago * 86_400.0) as i64).unwrap_or(now);
        let who = [("AUTHOR", &at), ("COMMITTER", &at)];
        git.write(repo, &["add", "--all"], &[], cancel).await?;
        let mut cmd = git
            .cmd(
                repo,
                &[],
                &["commit", "-q", "--no-verify", "--no-gpg-sign", "-F", "-"],
                cancel,
            )
            .await?;
        cmd = cmd.stdin(commit.message.trim().as_bytes());
        for (role, at) in who {
            cmd = cmd
                .env(format!("GIT_{role}_NAME"), &commit.author)
                .env(format!("GIT_{role}_EMAIL"), &commit.email)
                .env(format!("GIT_{role}_DATE"), format!("{} +0000", at.as_second()));
        }
        world
            .processes()
            .output(cmd, cancel, 1 << 20)
            .await
            .map_err(Problem::from)?
            .success("git")?;
        if let Some(tag) = &commit.tag {
            let cmd = git
                .cmd(repo, &[], &["tag", "--no-sign", "-a", tag, "-m", tag], cancel)
                .await?
                .env("GIT_COMMITTER_NAME", &commit.author)
                .env("GIT_COMMITTER_EMAIL", &commit.email)
                .env("GIT_COMMITTER_DATE", format!("{} +0000", at.as_second()));
            world
                .processes()
                .output(cmd, cancel, 1 << 20)
                .await
                .map_err(Problem::from)?
                .success("git")?;
        }
    }
    // Who has not told git a name yet can take the tour all the same: in this repository commits are made by one of its authors.
    if let Some(last) = history.commit.last() {
        for (key, value) in [("user.name", &last.author), ("user.email", &last.email)] {
            if git.write(repo, &["config", "--get", key], &[], cancel).await.is_err() {
                git.write(repo, &["config", key, value], &[], cancel).await?;
            }
        }
    }
    Ok(workspace)
}

/// Writes the files of a prepared change into the work tree.
pub fn apply(world: &World, workspace: &Workspace, change: &Change) -> Result<(), Problem> {
    let beneath = Beneath::open(&workspace.root)?;
    for file in &change.files {
        write(&beneath, Some(&change.from), file, world.clock().now(), &[])?;
    }
    Ok(())
}

/// The ports that the project file names, each with one that is free on this machine. One that is thrown away afterwards takes
/// ports at random, so that several at once do not meet.
fn free_ports(is_passing: bool) -> Vec<(u16, u16)> {
    let mut taken = Vec::new();
    let mut free = |wanted: u16| {
        let first = if is_passing { fastrand::u16(20_000..30_000) } else { wanted };
        let port = (first..first.saturating_add(2000))
            .find(|port| !taken.contains(port) && is_port_free(*port))
            .unwrap_or(wanted);
        taken.push(port);
        (wanted, port)
    };
    vec![free(18081), free(18082)]
}

fn write(beneath: &Beneath, from: Option<&str>, file: &str, now: Timestamp, ports: &[(u16, u16)]) -> Result<(), Problem> {
    let variant = from.and_then(|from| SAMPLE.get_file(format!(".history/{from}/{file}")));
    let source = variant.or_else(|| SAMPLE.get_file(file));
    let source = source.ok_or_else(|| Problem::internal(msg!("devops-sample-broken")).details(file))?;
    let path = Path::new(file);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        beneath.create_dir_all(folder)?;
    }
    if let Some(text) = source
        .contents_utf8()
        .filter(|_| file == crate::areas::devops::project::FILE_NAME)
    {
        // Line by line: one after the other, the second would replace what the first has just written.
        let line = |line: &str| {
            let named = ports.iter().find(|(wanted, _)| line.starts_with(&format!("port = {wanted}")));
            named.map_or_else(
                || line.to_owned(),
                |(wanted, port)| line.replacen(&wanted.to_string(), &port.to_string(), 1),
            )
        };
        let filled: String = text.split_inclusive('\n').map(line).collect();
        return beneath.write_atomic(path, filled.as_bytes());
    }
    let is_markdown = path.extension().is_some_and(|extension| extension == "md");
    match source.contents_utf8().filter(|text| is_markdown && text.contains("{date")) {
        Some(text) => beneath.write_atomic(path, fill_dates(text, now).as_bytes()),
        None => beneath.write_atomic(path, source.contents()),
    }
}

/// `{date-12}` and `{date+4}` become the day so many days from now.
fn fill_dates(text: &str, now: Timestamp) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{date") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find('}').unwrap_or(rest.len() - 1);
        match rest[5..end].parse::<i64>() {
            Ok(days) => {
                let day = Timestamp::from_second(now.as_second() + days * 86_400).unwrap_or(now);
                out.push_str(&day.strftime("%Y-%m-%d").to_string());
            }
            Err(_) => out.push_str(&rest[..=end]),
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}
