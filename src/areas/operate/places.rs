//! From a line of a log or a frame of a stack trace to the code that was deployed: the file and the line at the deployed commit.

use super::{Instance, Update};
use crate::adapters::World;
use crate::adapters::git::{CommitFile, Git, blob_of};
use crate::areas::JobCtx;
use crate::base::log::{fields_of, level_in};
use crate::base::{Problem, SafeText, Workspace, format, safe};
use crate::msg;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Lines that are shown before and behind the place.
const AROUND: usize = 4;
/// Files whose text is looked through for a message, and places that are told.
const MAX_FILES: usize = 4000;
const MAX_PLACES: usize = 8;
/// A shorter part of a message is in too many places.
const MIN_FRAGMENT: usize = 6;

/// A place in the code of a commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CodePlace {
    /// From the workspace's root.
    pub path: PathBuf,
    /// From 1.
    pub line: u32,
    pub commit: String,
    /// The version that this commit was deployed as.
    pub version: Option<String>,
    /// The number of the first line of `lines`.
    pub first: u32,
    pub lines: Vec<String>,
    /// The file stands in the workspace as it stood in the commit.
    pub is_same_here: bool,
    /// A frame says it; otherwise the text of the message stands there.
    pub is_frame: bool,
}

/// A file and a line as a program writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub path: String,
    pub line: u32,
}

/// The place that a line of a trace names; None when it names none.
pub fn frame_in(line: &str) -> Option<Frame> {
    static PYTHON: LazyLock<Regex> = LazyLock::new(|| regex(r#"File "([^"]+)", line (\d+)"#));
    static JAVA: LazyLock<Regex> = LazyLock::new(|| regex(r"at ([\w.$/]+)\.[\w$<>]+\((\w+\.(?:java|kt|scala|groovy)):(\d+)\)"));
    static PLAIN: LazyLock<Regex> = LazyLock::new(|| regex(r"([\w@./\\+-]*[\w+-]\.[A-Za-z][A-Za-z0-9]{0,4}):(\d+)(?::\d+)?"));
    let number = |text: &str| text.parse().ok().filter(|line| *line > 0);
    if let Some(found) = PYTHON.captures(line) {
        return Some(Frame {
            path: found[1].to_owned(),
            line: number(&found[2])?,
        });
    }
    if let Some(found) = JAVA.captures(line) {
        // The folders are those of the package; of an inner class the outer one.
        let class = found[1].rsplit('/').next().unwrap_or_default();
        let package = class.rsplit_once('.').map_or("", |(package, _)| package).replace('.', "/");
        let path = if package.is_empty() {
            found[2].to_owned()
        } else {
            format!("{package}/{}", &found[2])
        };
        return Some(Frame {
            path,
            line: number(&found[3])?,
        });
    }
    // The port of an address is no line.
    let found = PLAIN.captures_iter(line).find(|found| {
        found
            .get(1)
            .is_some_and(|path| !line[..path.start()].ends_with("//") && !path.as_str().starts_with("//"))
    })?;
    Some(Frame {
        path: found[1].replace('\\', "/"),
        line: number(&found[2])?,
    })
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("it is tested")
}

/// Shows where in the code of the version that runs a line comes from.
pub async fn find(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    instance: Option<&Instance>,
    line: &str,
) -> Result<(), Problem> {
    let (commit, version) = deployed(world, workspace, instance).await?;
    let (git, root, text) = (world.git().clone(), workspace.root.clone(), safe::plain(line).into_owned());
    let places = cx
        .blocking(move |cx| {
            let commit = match commit {
                Some(commit) => commit,
                None => git
                    .head_of(&root)?
                    .oid
                    .ok_or_else(|| Problem::user(msg!("where-no-commit")).code("no-commit"))?,
            };
            let look = Look {
                git: &git,
                root: &root,
                commit: &commit,
                version: version.as_deref(),
            };
            look.places(&text, &|| cx.check())
        })
        .await?;
    if places.is_empty() {
        let problem = Problem::user(msg!("where-nothing")).code("not-found");
        return Err(problem.hint(msg!("where-nothing-hint")));
    }
    cx.update(Update::CodeFound {
        line: SafeText::new(&safe::plain(line)).into_string(),
        places,
    })
    .await;
    Ok(())
}

/// The commit that is deployed: of this instance, else of the environment that was deployed to last.
async fn deployed(
    world: &World,
    workspace: &Workspace,
    instance: Option<&Instance>,
) -> Result<(Option<String>, Option<String>), Problem> {
    let store = world.store().deployments();
    let row = match instance.and_then(|instance| instance.deployment) {
        Some(id) => store.get(id).await?,
        None => store
            .list(&workspace.id, None, 50)
            .await?
            .into_iter()
            .find(|row| row.healthy_from.is_some() && row.healthy_until.is_none()),
    };
    Ok(row.map_or((None, None), |row| (row.commit, Some(row.version))))
}

struct Look<'a> {
    git: &'a Git,
    root: &'a Path,
    commit: &'a str,
    version: Option<&'a str>,
}

impl Look<'_> {
    fn places(&self, text: &str, check: &dyn Fn() -> Result<(), Problem>) -> Result<Vec<CodePlace>, Problem> {
        let files = self.git.files_at(self.root, self.commit)?;
        if let Some(frame) = frame_in(text)
            && let Some(path) = meant(&files, &frame.path)
            && let Some(place) = self.place(path, frame.line, true)?
        {
            return Ok(vec![place]);
        }
        let mut places = Vec::new();
        for fragment in fragments(text) {
            for path in files
                .iter()
                .map(|file| &file.path)
                .filter(|path| is_source(path))
                .take(MAX_FILES)
            {
                check()?;
                let Some(source) = self.git.text_at(self.root, self.commit, path)? else {
                    continue;
                };
                for (i, line) in source.lines().enumerate() {
                    if line.contains(&fragment)
                        && let Some(place) = self.place(path, i as u32 + 1, false)?
                    {
                        places.push(place);
                        if places.len() >= MAX_PLACES {
                            return Ok(places);
                        }
                    }
                }
            }
            if !places.is_empty() {
                break;
            }
        }
        Ok(places)
    }

    /// None where the file has no such line.
    fn place(&self, path: &Path, line: u32, is_frame: bool) -> Result<Option<CodePlace>, Problem> {
        let Some(text) = self.git.text_at(self.root, self.commit, path)? else {
            return Ok(None);
        };
        let all: Vec<&str> = text.lines().collect();
        if line as usize > all.len() {
            return Ok(None);
        }
        let first = (line as usize).saturating_sub(AROUND + 1);
        let shown = all.iter().skip(first).take(2 * AROUND + 1);
        let here = crate::adapters::files::read_text_if_there(&self.root.join(path), 4 << 20)
            .ok()
            .flatten();
        Ok(Some(CodePlace {
            path: path.to_path_buf(),
            line,
            commit: self.commit.to_owned(),
            version: self.version.map(str::to_owned),
            first: first as u32 + 1,
            lines: shown.map(|line| SafeText::new(line).into_string()).collect(),
            is_same_here: here.as_deref() == Some(text.as_str()),
            is_frame,
        }))
    }
}

/// The file of a commit that a path means where the program ran: the one of the same content, where that file can be read here; else
/// the one with the most folders in common, from the end. Of several that have no more in common than their name none is meant.
pub fn meant<'a>(files: &'a [CommitFile], path: &str) -> Option<&'a Path> {
    let named = path.replace('\\', "/");
    let same = blob_of(Path::new(&named)).and_then(|blob| files.iter().find(|file| file.blob() == Some(blob.as_str())));
    if let Some(file) = same {
        return Some(&file.path);
    }
    let wanted: Vec<&str> = named.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let fits = |file: &Path| {
        let n_parts = file.iter().count();
        let parts = file.iter().rev().zip(wanted.iter().rev());
        let n = parts.take_while(|(a, b)| a.to_str() == Some(**b)).count();
        (n, n == n_parts)
    };
    let scored = files.iter().map(|file| (fits(&file.path), file.path.as_path()));
    let scored: Vec<_> = scored.filter(|((n, _), _)| *n > 0).collect();
    // Of two that fit as well the one nearer to the root.
    let ((n, is_whole), file) = *scored
        .iter()
        .max_by_key(|(fits, file)| (*fits, std::cmp::Reverse(file.iter().count())))?;
    let n_others = scored.iter().filter(|(fits, _)| *fits == (n, is_whole)).count() - 1;
    (n > 1 || is_whole || n_others == 0).then_some(file)
}

/// Parts of a message that stand in the code as they are: without times, numbers, quoted values; the longest first.
pub fn fragments(text: &str) -> Vec<String> {
    let message = fields_of(text).map_or_else(|| text.to_owned(), |fields| fields.message);
    // Severity, and what stands before it, are the logger's.
    let message = match level_in(&message) {
        Some((word, _)) => message[word.end..].to_owned(),
        None => message,
    };
    let mut found: Vec<String> = message
        .split(|c: char| c.is_ascii_digit() || "\"'`“”«»=<>[]{}()|\t".contains(c))
        .flat_map(|part| part.split(": "))
        .map(|part| part.trim_matches(|c: char| !c.is_alphanumeric()).to_owned())
        .flat_map(|part| {
            // The first words may be a name that was put in.
            let starts = part.match_indices(' ').map(|(at, _)| at + 1).take(2);
            let starts: Vec<usize> = std::iter::once(0).chain(starts).collect();
            starts.into_iter().map(move |at| part[at..].to_owned()).collect::<Vec<_>>()
        })
        .filter(|part| part.chars().count() >= MIN_FRAGMENT && part.contains(' '))
        .collect();
    found.sort_by_key(|part| std::cmp::Reverse(part.chars().count()));
    found.dedup();
    found.truncate(6);
    found
}

/// Text that a person wrote to be run.
fn is_source(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let endings = [
        "rs", "py", "js", "mjs", "cjs", "ts", "tsx", "jsx", "java", "kt", "go", "c", "h", "cc", "cpp", "hpp", "cs", "rb", "php",
        "sh", "scala", "swift", "ex", "exs", "lua", "pl", "vue", "svelte",
    ];
    endings.contains(&ending)
}

/// `src/main.rs:42 at 1a2b3c4 (1.2.0)`.
pub fn shown(place: &CodePlace) -> String {
    let version = place
        .version
        .as_ref()
        .map(|version| format!(" ({version})"))
        .unwrap_or_default();
    format!(
        "{}:{} @ {}{version}",
        place.path.display(),
        place.line,
        format::short_oid(&place.commit)
    )
}
