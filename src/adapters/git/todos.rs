//! Lines that say TODO and the like: found in the files of a checkout, each content looked at once, and who wrote them.

mod comments;
mod kept;

use super::program::Repo;
use super::{Git, GitError, blocking, open};
use crate::base::repo::{Change, Status, Todo, TodoAuthor};
use crate::base::{GitPath, Problem, SafeText, Timestamp};
use aho_corasick::AhoCorasick;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// Larger files are data, not sources.
const MAX_BYTES: u64 = 2 << 20;
/// Lines of one file, and characters of one line, that are told.
const MAX_LINES: usize = 500;
const MAX_CHARS: usize = 240;

/// What was found in a content: line, word, and what follows it.
type Lines = Arc<Vec<(u32, String, String)>>;
/// By path and content.
type Authors = HashMap<(GitPath, String), BTreeMap<u32, TodoAuthor>>;

/// What was found before, by repository. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct KnownTodos {
    known: Arc<Mutex<BTreeMap<PathBuf, Known>>>,
    /// Where it is kept over sessions.
    pub(super) folder: Option<PathBuf>,
}

impl KnownTodos {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes out what is known of a repository, from the last session if this one knows nothing.
    fn take(&self, root: &Path) -> Known {
        let known = self.lock().remove(root);
        known.unwrap_or_else(|| {
            self.folder
                .as_ref()
                .map_or_else(Known::default, |folder| kept::load(folder, root))
        })
    }
}

#[derive(Default)]
struct Known {
    words: Vec<String>,
    /// By the id of the content.
    lines: HashMap<String, Lines>,
    authors: Authors,
    /// It stands like this in the cache folder.
    is_kept: bool,
}

/// A file with such lines. `oid` is None for content that is in no commit and no index.
#[derive(Clone, Debug)]
pub struct TodoFile {
    pub path: GitPath,
    pub oid: Option<String>,
    pub todos: Vec<Todo>,
}

impl Git {
    /// Every line with one of the words in tracked and new files. Files that did not change since the last time are not read again.
    pub async fn todos(
        &self,
        repo: Repo<'_>,
        words: &[String],
        status: &Status,
        cancel: &CancellationToken,
    ) -> Result<Vec<TodoFile>, Problem> {
        let (root, words, known, cancel) = (repo.root.to_path_buf(), words.to_vec(), self.todos.clone(), cancel.clone());
        let changed: BTreeMap<GitPath, Change> = status
            .entries
            .iter()
            .filter_map(|entry| Some((entry.path.clone(), entry.unstaged?)))
            .collect();
        let files = blocking(move || find(&root, &words, &changed, &known, &|| cancel.is_cancelled()));
        files.await?.ok_or_else(Problem::cancelled)
    }

    /// Who wrote these lines of a file, and when. Lines that are in no commit are left out.
    pub async fn todo_authors(
        &self,
        repo: Repo<'_>,
        file: &TodoFile,
        cancel: &CancellationToken,
    ) -> Result<BTreeMap<u32, TodoAuthor>, Problem> {
        let key = file.oid.clone().map(|oid| (file.path.clone(), oid));
        let is_known = |authors: &BTreeMap<u32, TodoAuthor>| file.todos.iter().all(|todo| authors.contains_key(&todo.line));
        if let Some(key) = &key {
            let known = self.todos.lock();
            let authors = known.get(repo.root).and_then(|known| known.authors.get(key));
            if let Some(authors) = authors.filter(|authors| is_known(authors)) {
                return Ok(authors.clone());
            }
        }
        let mut args: Vec<OsString> = vec!["blame".into(), "--porcelain".into()];
        for todo in &file.todos {
            args.push(format!("-L{0},{0}", todo.line).into());
        }
        args.push("--".into());
        let top = self.top(repo.root)?;
        args.push(top.join(file.path.to_path_buf()).into_os_string());
        let authors = parse(&self.program().read(repo, &args, cancel).await?);
        if let Some(key) = key {
            let mut known = self.todos.lock();
            let known = known.entry(repo.root.to_path_buf()).or_default();
            known.authors.insert(key, authors.clone());
            known.is_kept = false;
        }
        Ok(authors)
    }

    /// Keeps what was found for the next session. Blocks.
    pub fn keep_todos(&self, root: &Path) -> Result<(), Problem> {
        let Some(folder) = &self.todos.folder else { return Ok(()) };
        let mut known = self.todos.lock();
        match known.get_mut(root).filter(|known| !known.is_kept) {
            Some(known) => {
                kept::save(folder, root, known)?;
                known.is_kept = true;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// None when it was cancelled.
fn find(
    root: &Path,
    words: &[String],
    changed: &BTreeMap<GitPath, Change>,
    known: &KnownTodos,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Option<Vec<TodoFile>>, GitError> {
    let (repo, top) = open::open_checkout(root)?;
    let Some(search) = AhoCorasick::new(words).ok().filter(|_| !words.is_empty()) else {
        return Ok(Some(Vec::new()));
    };
    let mut before = known.take(root);
    if before.words != words {
        before = Known {
            words: words.to_vec(),
            authors: before.authors,
            ..Known::default()
        };
    }
    let index = repo.index().map_err(|error| GitError::of(root, error))?;
    let mut paths: Vec<(GitPath, Option<String>)> = Vec::with_capacity(index.len());
    for entry in index.iter() {
        let is_file = entry.mode & 0o170_000 == 0o100_000 && entry.flags & 0x3000 == 0;
        let path = GitPath::new(entry.path);
        match changed.get(&path) {
            _ if !is_file => {}
            None => paths.push((path, Some(entry.id.to_string()))),
            Some(Change::Deleted | Change::TypeChanged) => {}
            Some(_) => paths.push((path, None)),
        }
    }
    let is_new = |(path, change): &(&GitPath, &Change)| **change == Change::Untracked && !path.is_folder();
    paths.extend(changed.iter().filter(is_new).map(|(path, _)| (path.clone(), None)));
    paths.sort();
    let mut found = Vec::new();
    let mut lines: HashMap<String, Lines> = HashMap::with_capacity(paths.len());
    let mut n_read = 0;
    for (n, (path, oid)) in paths.into_iter().enumerate() {
        if n % 256 == 0 && is_cancelled() {
            // What was read until now need not be read again.
            before.lines.extend(lines);
            before.is_kept &= n_read == 0;
            known.lock().insert(root.to_path_buf(), before);
            return Ok(None);
        }
        let seen = oid
            .as_ref()
            .and_then(|oid| lines.get(oid).or_else(|| before.lines.get(oid)).cloned());
        let hits = seen.unwrap_or_else(|| {
            n_read += usize::from(oid.is_some());
            Arc::new(read(&top.join(path.to_path_buf()), &search, words))
        });
        if let Some(oid) = &oid {
            lines.insert(oid.clone(), Arc::clone(&hits));
        }
        if hits.is_empty() {
            continue;
        }
        let todo = |(line, word, text): &(u32, String, String)| Todo {
            path: path.clone(),
            line: *line,
            word: word.clone(),
            text: text.clone(),
            item: None,
            author: None,
        };
        let todos = hits.iter().map(todo).collect();
        found.push(TodoFile { path, oid, todos });
    }
    let is_kept = before.is_kept && n_read == 0 && lines.len() == before.lines.len();
    let now = Known {
        lines,
        is_kept,
        ..before
    };
    known.lock().insert(root.to_path_buf(), now);
    Ok(Some(found))
}

fn is_in(ranges: &[std::ops::Range<usize>], at: usize) -> bool {
    let next = ranges.partition_point(|range| range.end <= at);
    ranges.get(next).is_some_and(|range| range.contains(&at))
}

/// Lines of a file with one of the words as a word of its own; of sources in a language that is known only those of its comments.
fn read(path: &Path, search: &AhoCorasick, words: &[String]) -> Vec<(u32, String, String)> {
    let is_small_file = path
        .symlink_metadata()
        .is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_BYTES);
    let Some(bytes) = is_small_file.then(|| std::fs::read(path).ok()).flatten() else {
        return Vec::new();
    };
    if memchr::memchr(0, &bytes[..bytes.len().min(8_000)]).is_some() {
        return Vec::new();
    }
    // Asked once there is a word.
    let mut comments = None;
    let mut found: Vec<(u32, String, String)> = Vec::new();
    let (mut line, mut counted) = (1, 0);
    let mut line_end = 0;
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80);
    for hit in search.find_iter(&bytes) {
        // One line, one entry: the first word of it.
        if hit.start() < line_end || found.len() >= MAX_LINES {
            continue;
        }
        let before = hit.start().checked_sub(1).and_then(|at| bytes.get(at));
        if is_part(before) || is_part(bytes.get(hit.end())) {
            continue;
        }
        let comments = comments.get_or_insert_with(|| comments::comments(path, &bytes));
        if comments.as_ref().is_some_and(|comments| !is_in(comments, hit.start())) {
            continue;
        }
        line += memchr::memchr_iter(b'\n', &bytes[counted..hit.start()]).count() as u32;
        counted = hit.start();
        line_end = memchr::memchr(b'\n', &bytes[hit.end()..]).map_or(bytes.len(), |len| hit.end() + len);
        let rest = String::from_utf8_lossy(&bytes[hit.end()..line_end]).into_owned();
        let rest = rest.trim().trim_start_matches(':').trim();
        let rest = ["*/", "-->", "#}"]
            .iter()
            .fold(rest, |rest, end| rest.trim_end_matches(end))
            .trim_end();
        let text: String = rest.chars().take(MAX_CHARS).collect();
        found.push((line, words[hit.pattern()].clone(), SafeText::new(&text).into_string()));
    }
    found
}

/// Reads `git blame --porcelain`: facts of a commit stand where it is met first.
fn parse(answer: &[u8]) -> BTreeMap<u32, TodoAuthor> {
    let mut commits: HashMap<String, TodoAuthor> = HashMap::new();
    let mut lines = BTreeMap::new();
    let mut current: Option<(String, u32)> = None;
    for line in answer.split(|byte| *byte == b'\n') {
        if line.starts_with(b"\t") {
            if let Some((oid, no)) = current.take()
                && let Some(author) = commits.get(&oid)
                && !oid.bytes().all(|byte| byte == b'0')
            {
                lines.insert(no, author.clone());
            }
            continue;
        }
        let text = String::from_utf8_lossy(line);
        let mut words = text.splitn(2, ' ');
        let (Some(key), rest) = (words.next(), words.next().unwrap_or_default()) else {
            continue;
        };
        match (&current, key) {
            (None, oid) => {
                let no = rest.split(' ').nth(1).and_then(|no| no.parse().ok());
                if let Some(no) = no.filter(|_| oid.len() >= 40) {
                    commits.entry(oid.to_owned()).or_insert_with(|| TodoAuthor {
                        name: String::new(),
                        at: Timestamp::default(),
                        oid: oid.to_owned(),
                    });
                    current = Some((oid.to_owned(), no));
                }
            }
            (Some((oid, _)), "author") => {
                if let Some(author) = commits.get_mut(oid) {
                    author.name = SafeText::new(rest).into_string();
                }
            }
            (Some((oid, _)), "author-time") => {
                let at = rest.parse().ok().and_then(|secs| Timestamp::from_second(secs).ok());
                if let (Some(author), Some(at)) = (commits.get_mut(oid), at) {
                    author.at = at;
                }
            }
            _ => {}
        }
    }
    lines
}
