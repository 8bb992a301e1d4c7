//! Places in files on the command line: the part that an act takes (`--hunk`, `--line`, `--old`), where to open one, what is to do.

use crate::areas::code::act::Act;
use crate::base::diff::{DiffLook, HunkRef, LineRef, LineSide};
use crate::base::repo::Todo;
use crate::base::{GitPath, Problem};
use crate::msg;
use std::path::{Path, PathBuf};

/// Parts of one file; none is the whole file.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Part {
    /// Only these hunks of one file, counted from 1 as `diff` shows them (`diff --staged` for unstaging)
    #[arg(long = "hunk", value_name = "N")]
    hunks: Vec<u32>,
    /// Only these added lines of one file, by their numbers on the new side: 12, or 20-24
    #[arg(long = "line", value_name = "N[-M]", conflicts_with = "hunks")]
    lines: Vec<String>,
    /// Only these removed lines of one file, by their numbers on the old side: 12, or 20-24
    #[arg(long = "old", value_name = "N[-M]", conflicts_with = "hunks")]
    old: Vec<String>,
}

/// How differences are shown.
#[derive(Clone, Debug, clap::Args)]
pub struct LookArgs {
    /// Unchanged lines around each change (only with 3 have hunks the number that `--hunk` takes)
    #[arg(short = 'U', long, value_name = "N", default_value_t = DiffLook::default().context, value_parser = clap::value_parser!(u32).range(..=i64::from(DiffLook::WHOLE)))]
    context: u32,
    /// White space does not count
    #[arg(long = "ignore-space")]
    ignores_space: bool,
    /// Also differences of more than 8,000 lines, and files of more than 1 MiB
    #[arg(long)]
    pub large: bool,
}

impl LookArgs {
    /// Hunks are then those that an act takes by their number.
    pub fn is_usual(&self) -> bool {
        self.look() == DiffLook::default()
    }

    pub fn look(&self) -> DiffLook {
        DiffLook {
            context: self.context,
            ignores_space: self.ignores_space,
        }
    }
}

/// What is done with a part.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    Stage,
    Unstage,
    Discard,
}

impl Part {
    /// None for whole files.
    pub fn act(&self, way: Way, paths: &[GitPath]) -> Result<Option<Act>, Problem> {
        let mut lines = ranges(LineSide::New, &self.lines)?;
        lines.extend(ranges(LineSide::Old, &self.old)?);
        if lines.is_empty() && self.hunks.is_empty() {
            return Ok(None);
        }
        let [path] = paths else {
            return Err(Problem::user(msg!("code-one-path-for-parts")).code("usage"));
        };
        let path = path.clone();
        let hunks = self.hunks.iter().map(|n| HunkRef::Number(*n)).collect();
        Ok(Some(match (way, lines.is_empty()) {
            (Way::Stage, true) => Act::StageHunks { path, hunks },
            (Way::Unstage, true) => Act::UnstageHunks { path, hunks },
            (Way::Discard, true) => Act::DiscardHunks { path, hunks },
            (Way::Stage, false) => Act::StageLines { path, lines },
            (Way::Unstage, false) => Act::UnstageLines { path, lines },
            (Way::Discard, false) => Act::DiscardLines { path, lines },
        }))
    }
}

fn ranges(side: LineSide, words: &[String]) -> Result<Vec<LineRef>, Problem> {
    let range = |word: &String| {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (first >= 1 && first <= last).then_some(LineRef::Range { side, first, last })
    };
    let wrong = |word: &String| Problem::user(msg!("code-not-lines", word = word)).code("usage");
    words.iter().map(|word| range(word).ok_or_else(|| wrong(word))).collect()
}

/// `file:12:3`; a file that has such a name itself is taken as it is.
pub(super) fn split_place(cwd: &Path, place: &str) -> (PathBuf, u32, u32) {
    let whole = PathBuf::from(place);
    if cwd.join(&whole).exists() {
        return (whole, 1, 1);
    }
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<u32>().ok());
    let (head, last) = place
        .rsplit_once(':')
        .map_or((place, None), |(head, last)| (head, Some(last)));
    let Some(last) = number(last) else { return (whole, 1, 1) };
    match head.rsplit_once(':').map(|(file, line)| (file, number(Some(line)))) {
        Some((file, Some(line))) => (file.into(), line, last),
        _ => (head.into(), last, 1),
    }
}

/// `src/a.rs:12: TODO the rest (Ada, 2026-03-01)`
pub(super) fn todos(todos: &[Todo]) -> String {
    let line = |todo: &Todo| {
        let author = todo.author.as_ref().map_or_else(String::new, |author| {
            format!(" ({}, {})", author.name, author.at.strftime("%Y-%m-%d"))
        });
        format!("{}:{}: {} {}{author}\n", todo.path.display(), todo.line, todo.word, todo.text)
    };
    todos.iter().map(line).collect()
}

/// `main..side` and `main...side` name both sides, as git takes them: the second since the two parted.
pub(super) fn ends(from: &str, to: Option<&str>) -> (String, Option<String>) {
    let head = |name: &str| if name.is_empty() { "HEAD" } else { name }.to_owned();
    match (from.split_once("..."), from.split_once(".."), to) {
        (Some((_, two)), _, None) => (from.to_owned(), Some(head(two))),
        (None, Some((one, two)), None) => (head(one), Some(head(two))),
        _ => (from.to_owned(), to.map(str::to_owned)),
    }
}
