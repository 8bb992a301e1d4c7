//! `chantier code log`: what can be looked for, and what is said.

use super::absolute;
use crate::areas::cli::Here;
use crate::areas::code::history::search::Wanted;
use crate::areas::code::model::RepoModel;
use crate::areas::code::{HistoryQuery, Weather};
use crate::base::repo::{CommitRow, Order, RefKind};
use crate::base::{Catalog, GitPath, Loadable, Problem, State, format};
use crate::msg;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Everything that is given must be true of a commit.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Search {
    /// Start at this branch, tag or commit
    #[arg(long, value_name = "REVISION", conflicts_with = "revision")]
    from: Option<String>,
    /// Only commits whose message has these words, in any case
    #[arg(long, value_name = "WORDS")]
    grep: Option<String>,
    /// Only commits of this author: a part of name or address
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// Only commits that touch this file or folder
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Go through the renames of the one file
    #[arg(long, requires = "paths")]
    follow: bool,
    /// Only commits that bring or take away this text
    #[arg(long, value_name = "TEXT")]
    content: Option<String>,
    /// Only commits with an added or removed line that matches
    #[arg(long, value_name = "EXPRESSION")]
    regex: Option<String>,
    /// Only commits after this date, as git reads dates: 2024-03-01, "2 weeks ago"
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Only commits before this date
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Keep the commits of one line of development together
    #[arg(long)]
    topo_order: bool,
    /// Also what was built, tested, released and deployed of each commit
    #[arg(long)]
    pub(super) weather: bool,
}

/// Words of dates that git knows (date.c); what has neither a digit nor one of them would be taken for now.
const DATE_WORDS: [&str; 14] = [
    "now",
    "today",
    "yesterday",
    "noon",
    "midnight",
    "tea",
    "never",
    "last",
    "ago",
    "week",
    "month",
    "year",
    "day",
    "hour",
];

impl Search {
    /// What can be seen without looking: dates that are none.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let is_date = |text: &str| {
            let text = text.to_lowercase();
            text.bytes().any(|byte| byte.is_ascii_digit()) || DATE_WORDS.iter().any(|word| text.contains(word))
        };
        match [&self.since, &self.until].into_iter().flatten().find(|text| !is_date(text)) {
            Some(text) => Err(Problem::user(msg!("code-bad-date", text = text)).hint(msg!("code-bad-date-hint"))),
            None => Ok(()),
        }
    }

    pub(super) fn query(&self, here: &Here, revision: Option<String>, is_all: bool) -> HistoryQuery {
        HistoryQuery {
            is_all,
            from: revision.or_else(|| self.from.clone()),
            order: if self.topo_order { Order::Topology } else { Order::Date },
            wanted: Wanted {
                words: self
                    .grep
                    .iter()
                    .flat_map(|words| words.split_whitespace())
                    .map(str::to_owned)
                    .collect(),
                author: self.author.clone(),
                paths: self.paths.iter().map(|path| absolute(here, path)).collect(),
                is_following: self.follow,
                content: self.content.clone(),
                regex: self.regex.clone(),
                since: self.since.clone(),
                until: self.until.clone(),
            },
        }
    }
}

fn rows(repo: &RepoModel, skip: u64, n: u64) -> impl Iterator<Item = &CommitRow> {
    repo.history.rows_from(skip).take(n as usize)
}

pub(super) fn json(repo: &RepoModel, skip: u64, n: u64, has_weather: bool) -> Value {
    let commit = |row: &CommitRow| {
        let mut commit = commit(row);
        if let (Some(fields), true) = (commit.as_object_mut(), has_weather) {
            fields.insert("weather".to_owned(), json!(repo.weather.get(&row.oid)));
        }
        commit
    };
    let outline = repo.history.outline.value();
    let commits: Vec<Value> = rows(repo, skip, n).map(commit).collect();
    let is_end = outline.is_none_or(|outline| outline.is_whole && skip + commits.len() as u64 >= outline.n_rows);
    json!({ "commits": commits, "is_end": is_end, "n_commits": outline.map(|outline| outline.n_rows), "commit_graph": outline.map(|outline| outline.graph) })
}

/// Without the lines of the graph: they are for drawing.
fn commit(row: &CommitRow) -> Value {
    json!({
        "oid": row.oid,
        "parents": row.parents,
        "summary": row.summary,
        "author": row.author,
        "authored": row.authored,
        "committed": row.committed,
        "refs": row.refs,
    })
}

/// `built, 45 passed, 1.2.0, staging`
pub(super) fn weather_words(weather: &Weather, texts: &Catalog) -> String {
    let mut words = Vec::new();
    words.extend(weather.built.map(|state| match state {
        State::Done => texts.t("code-built").into_owned(),
        state => texts.t(state.key()).into_owned(),
    }));
    words.extend(weather.tested.map(|tested| {
        texts.msg(&match tested.n_failed {
            0 => msg!("code-n-passed", n = tested.n_passed),
            n => msg!("code-n-failed", n = n),
        })
    }));
    for piped in &weather.pipelines {
        let state = texts.t(piped.state.key()).into_owned();
        words.push(texts.msg(&msg!(
            "code-piped",
            name = piped.pipeline.as_str(),
            words = state,
            run = piped.run
        )));
    }
    words.extend(weather.released.as_ref().map(|release| release.version.clone()));
    for (environment, state) in &weather.deployed {
        words.push(texts.msg(&msg!(
            "code-said-of",
            what = environment,
            words = texts.t(state.key()).into_owned()
        )));
    }
    words.extend(
        weather
            .incident
            .as_ref()
            .map(|incident| texts.msg(&msg!("code-incident", id = incident.id))),
    );
    words.join(", ")
}

pub(super) fn text(repo: &RepoModel, skip: u64, n: u64, has_weather: bool, texts: &Catalog) -> String {
    let mut out = String::new();
    for row in rows(repo, skip, n) {
        let names: Vec<&str> = row
            .refs
            .iter()
            .filter(|name| name.kind != RefKind::Head)
            .map(|name| name.name.as_str())
            .collect();
        let names = if names.is_empty() {
            String::new()
        } else {
            format!("({}) ", names.join(", "))
        };
        let date = row.authored.strftime("%Y-%m-%d");
        out.push_str(&format!(
            "{} {date} {names}{} - {}\n",
            format::short_oid(&row.oid),
            row.summary,
            row.author
        ));
        let weather = repo.weather.get(&row.oid).filter(|_| has_weather);
        let weather = weather.map(|weather| weather_words(weather, texts)).unwrap_or_default();
        if !weather.is_empty() {
            out.push_str(&format!("        {weather}\n"));
        }
    }
    // A reading that failed or was stopped has found nothing out.
    let is_whole = matches!(&repo.history.outline, Loadable::Ready { value } if value.is_whole);
    if out.is_empty() && is_whole {
        let is_search = repo.history.query.is_search();
        if is_search {
            out.push_str(&format!("{}\n", texts.t("code-nothing-found")));
            let is_pattern = |path: &GitPath| path.as_bytes().iter().any(|byte| matches!(byte, b'*' | b'?' | b'['));
            if repo.history.query.wanted.paths.iter().any(is_pattern) {
                out.push_str(&format!("{}\n", texts.t("code-path-as-it-is")));
            }
        } else if repo.history.n_rows() == 0 {
            out.push_str(&format!("{}\n", texts.t("git-no-commit-yet")));
        }
    }
    out
}

/// `1,234,567 commits`
pub(super) fn outline(repo: &RepoModel, texts: &Catalog) -> String {
    format!("{}\n", texts.msg(&msg!("code-n-commits", n = repo.history.n_rows())))
}
