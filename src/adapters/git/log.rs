//! History and names as git's program tells them: it knows how to walk a million commits with a commit-graph, libgit2 does not.

use super::commit::decoration;
use super::program::{GitProgram, Repo};
use crate::base::repo::{BranchRow, CommitRow, Decoration, RefKind, Refs, TagRow};
use crate::base::{GraphRow, Problem, SafeText, Timestamp};
use tokio_util::sync::CancellationToken;

/// Which part of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogQuery {
    /// Every branch, remote branch and tag; else only what HEAD (or `from`) reaches.
    pub is_all: bool,
    /// A revision to start at, instead of HEAD.
    pub from: Option<String>,
    pub n_skip: u64,
    pub n_max: u64,
    /// Only commits whose message has these words, in any case.
    pub words: Option<String>,
}

const FIELDS: usize = 7;

/// Commits, children before parents, without their graph.
pub(super) async fn log(
    program: &GitProgram,
    repo: Repo<'_>,
    query: &LogQuery,
    cancel: &CancellationToken,
) -> Result<Vec<CommitRow>, Problem> {
    let mut args: Vec<String> = [
        "log",
        "-z",
        "--topo-order",
        "--no-show-signature",
        "--encoding=UTF-8",
        "--decorate=full",
        "--decorate-refs-exclude=refs/chantier/*",
        "--format=%H%x00%P%x00%aN%x00%at%x00%ct%x00%D%x00%s",
    ]
    .map(str::to_owned)
    .into();
    args.push(format!("--skip={}", query.n_skip));
    args.push(format!("--max-count={}", query.n_max));
    if let Some(words) = &query.words {
        args.extend([
            "--regexp-ignore-case".into(),
            "--fixed-strings".into(),
            format!("--grep={words}"),
        ]);
    }
    if query.is_all {
        args.extend(
            [
                "--exclude=refs/chantier/*",
                "--exclude=refs/stash",
                "--exclude=refs/notes/*",
                "--all",
                "HEAD",
            ]
            .map(str::to_owned),
        );
    } else {
        args.push("--end-of-options".into());
        args.push(query.from.clone().unwrap_or_else(|| "HEAD".into()));
    }
    args.push("--".into());
    let answer = program.read(repo, &args, cancel).await?;
    Ok(parse_log(&answer))
}

/// Reads the answer to `log`.
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
    let mut refs = parse_refs(&answer);
    let remotes = program.read(repo, &["remote"], cancel).await?;
    refs.remotes = remotes
        .split(|byte| *byte == b'\n')
        .filter(|name| !name.is_empty())
        .map(text)
        .collect();
    Ok(refs)
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
            is_elsewhere: *head != b"*" && !worktree.is_empty(),
        });
    }
}
