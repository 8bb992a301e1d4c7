//! What git's program finds in a history, and the names it knows: it searches with the changed-path filters of a commit-graph, which
//! libgit2 does not read.

use super::commit::decoration;
use super::program::{GitProgram, Repo};
use crate::base::repo::{BranchRow, CommitRow, Decoration, RefKind, Refs, TagRow};
use crate::base::{GitPath, GraphRow, Problem, SafeText, Timestamp};
use std::ffi::OsString;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Fewer hits wait so long for company.
const TELL_EVERY: Duration = Duration::from_millis(80);

/// What is looked for in a history. Everything that is given must be true of a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Every branch, remote branch and tag; else only what HEAD (or `from`) reaches.
    pub is_all: bool,
    /// A revision to start at, instead of HEAD.
    pub from: Option<String>,
    /// Each stands in the message, in any case.
    pub words: Vec<String>,
    /// A part of the author's name or address, in any case.
    pub author: Option<String>,
    /// Commits that touch these files or folders, from the top of the repository.
    pub paths: Vec<GitPath>,
    /// The one path is followed through its renames.
    pub is_following: bool,
    /// A text whose number of occurrences the commit changes (`-S`).
    pub content: Option<String>,
    /// An expression that an added or removed line matches (`-G`).
    pub regex: Option<String>,
    /// Dates as git reads them: `2024-03-01`, `2 weeks ago`.
    pub since: Option<String>,
    pub until: Option<String>,
}

const FIELDS: usize = 7;
/// Hits that are told at once.
const TOLD: usize = 100;

/// The commits that are looked for, the newest first, told in small groups as git finds them; without their graph.
pub(super) async fn search(
    program: &GitProgram,
    repo: Repo<'_>,
    search: &Search,
    n_max: u64,
    cancel: &CancellationToken,
    mut on_rows: impl FnMut(Vec<CommitRow>),
) -> Result<(), Problem> {
    let mut args = format_args();
    args.push(format!("--max-count={n_max}"));
    if !search.words.is_empty() || search.author.is_some() {
        args.extend(["--regexp-ignore-case", "--fixed-strings", "--all-match"].map(str::to_owned));
    }
    args.extend(search.words.iter().map(|words| format!("--grep={words}")));
    args.extend(search.author.iter().map(|author| format!("--author={author}")));
    args.extend(search.since.iter().map(|since| format!("--since={since}")));
    args.extend(search.until.iter().map(|until| format!("--until={until}")));
    args.extend(search.content.iter().map(|content| format!("-S{content}")));
    args.extend(search.regex.iter().map(|regex| format!("-G{regex}")));
    if search.is_following && search.paths.len() == 1 {
        args.push("--follow".to_owned());
    }
    args.extend(scope_args(search.is_all, search.from.as_deref()));
    args.push("--".to_owned());
    let mut args: Vec<OsString> = args.into_iter().map(OsString::from).collect();
    // A path is a path, and no pattern.
    args.extend(search.paths.iter().map(|path| {
        let mut literal = OsString::from(":(top,literal)");
        literal.push(path.to_path_buf());
        literal
    }));
    let mut rows = Vec::new();
    let mut last = Instant::now();
    program
        .lines(repo, &args, cancel, |line| {
            rows.extend(parse_log(line));
            if rows.len() >= TOLD || last.elapsed() > TELL_EVERY {
                last = Instant::now();
                on_rows(std::mem::take(&mut rows));
            }
        })
        .await
        .map_err(|problem| match &search.regex {
            Some(_) if problem.details.contains("regex") => super::GitError::BadExpression(problem.details).into(),
            _ => problem,
        })?;
    on_rows(rows);
    Ok(())
}

/// `log` with the fields that `parse_log` reads.
pub(super) fn format_args() -> Vec<String> {
    [
        "log",
        "--no-show-signature",
        "--encoding=UTF-8",
        "--decorate=full",
        "--decorate-refs-exclude=refs/chantier/*",
        "--format=%H%x00%P%x00%aN%x00%at%x00%ct%x00%D%x00%s",
    ]
    .map(str::to_owned)
    .into()
}

/// The revisions of a history; the paths follow.
pub(super) fn scope_args(is_all: bool, from: Option<&str>) -> Vec<String> {
    if is_all {
        return [
            "--exclude=refs/chantier/*",
            "--exclude=refs/stash",
            "--exclude=refs/notes/*",
            "--exclude=refs/replace/*",
            "--all",
            "HEAD",
        ]
        .map(str::to_owned)
        .into();
    }
    vec!["--end-of-options".to_owned(), from.unwrap_or("HEAD").to_owned()]
}

/// Reads an answer, or lines of an answer, to `log` with `format_args`.
pub(super) fn parse_log(answer: &[u8]) -> Vec<CommitRow> {
    let fields: Vec<&[u8]> = answer.split(|byte| *byte == 0).collect();
    let text = |bytes: &[u8]| SafeText::from_bytes(bytes).into_string();
    let time = |bytes: &[u8]| {
        let secs = std::str::from_utf8(bytes).ok().and_then(|text| text.trim().parse().ok());
        secs.and_then(|secs| Timestamp::from_second(secs).ok()).unwrap_or_default()
    };
    fields
        .chunks_exact(FIELDS)
        .map(|field| CommitRow {
            oid: text(field[0].trim_ascii()),
            parents: field[1]
                .split(|byte| *byte == b' ')
                .filter(|oid| !oid.is_empty())
                .map(text)
                .collect(),
            author: text(field[2]),
            authored: time(field[3]),
            committed: time(field[4]),
            refs: parse_decorations(field[5]),
            summary: text(field[6]),
            graph: GraphRow::default(),
        })
        .collect()
}

/// `HEAD -> refs/heads/main, tag: refs/tags/v1, refs/remotes/origin/main`
fn parse_decorations(bytes: &[u8]) -> Vec<Decoration> {
    let text = String::from_utf8_lossy(bytes);
    let mut found: Vec<Decoration> = text
        .split(", ")
        .filter_map(|name| match name.strip_prefix("HEAD -> ") {
            Some(current) => decoration(current.as_bytes(), true),
            None if name == "HEAD" => Some(Decoration {
                kind: RefKind::Head,
                name: "HEAD".to_owned(),
                is_current: true,
            }),
            None => decoration(name.strip_prefix("tag: ").unwrap_or(name).as_bytes(), false),
        })
        .collect();
    found.sort_by_key(|decoration| (!decoration.is_current, decoration.kind));
    found
}

/// Branches (the newest first), tags (the newest first) and remotes.
pub(super) async fn refs(program: &GitProgram, repo: Repo<'_>, cancel: &CancellationToken) -> Result<Refs, Problem> {
    let format = [
        "refname",
        "objectname",
        "*objectname",
        "upstream:short",
        "upstream:track,nobracket",
        "creatordate:unix",
        "authorname",
        "contents:subject",
        "HEAD",
        "worktreepath",
        "symref",
    ]
    .map(|field| format!("%({field})"))
    .join("%00");
    let format = format!("--format={format}%00");
    let args = [
        "for-each-ref",
        "--sort=-creatordate",
        &format,
        "refs/heads",
        "refs/remotes",
        "refs/tags",
    ];
    let answer = program.read(repo, &args, cancel).await?;
    Ok(parse_refs(&answer))
}

fn text(bytes: &[u8]) -> String {
    SafeText::from_bytes(bytes).into_string()
}

fn parse_refs(answer: &[u8]) -> Refs {
    let mut refs = Refs::default();
    let mut fields = answer.split(|byte| *byte == 0);
    loop {
        let record: Vec<&[u8]> = fields.by_ref().take(11).collect();
        let [
            name,
            oid,
            peeled,
            upstream,
            track,
            at,
            author,
            subject,
            head,
            worktree,
            symref,
        ] = record.as_slice()
        else {
            return refs;
        };
        let name = name.trim_ascii_start();
        if !symref.is_empty() {
            continue;
        }
        let at = std::str::from_utf8(at)
            .ok()
            .and_then(|at| at.parse().ok())
            .and_then(|secs| Timestamp::from_second(secs).ok());
        if let Some(tag) = name.strip_prefix(b"refs/tags/") {
            refs.tags.push(TagRow {
                name: text(tag),
                oid: text(if peeled.is_empty() { oid } else { peeled }),
                is_annotated: !peeled.is_empty(),
                summary: text(subject),
                tagged: at,
            });
            continue;
        }
        let remote = name.strip_prefix(b"refs/remotes/");
        let Some(short) = remote.or_else(|| name.strip_prefix(b"refs/heads/")) else {
            continue;
        };
        let track = String::from_utf8_lossy(track);
        let count = |word: &str| {
            let part = track
                .split(", ")
                .find_map(|part| part.strip_prefix(word)?.trim().parse().ok());
            part.unwrap_or(0)
        };
        refs.branches.push(BranchRow {
            name: text(short),
            is_remote: remote.is_some(),
            is_current: *head == b"*",
            oid: text(oid),
            summary: text(subject),
            author: text(author),
            committed: at,
            upstream: (!upstream.is_empty()).then(|| text(upstream)),
            is_upstream_gone: track == "gone",
            n_ahead: count("ahead"),
            n_behind: count("behind"),
            elsewhere: (*head != b"*" && !worktree.is_empty()).then(|| GitPath::new(*worktree)),
            is_merged: false,
        });
    }
}
