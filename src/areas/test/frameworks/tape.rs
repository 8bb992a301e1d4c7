//! TAP as tape prints it: a script of `package.json`. See `tap` for what others print.

use super::{Capped, CaseId, Finished, Framework, Heard, Parser, Shown, Site, plain};
use crate::base::{SafeText, State, Stream};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Hears the lines: a comment before the assertions of a test makes them one.
pub struct Tape {
    suite: String,
    root: PathBuf,
    group: Option<Group>,
    /// The last failure's diagnostic block is being read.
    is_block: bool,
    seen: BTreeMap<String, u32>,
}

struct Group {
    name: String,
    /// Its results are assertions of one test.
    is_named: bool,
    n_results: u32,
    n_skipped: u32,
    first_failure: Option<String>,
    output: Capped,
}

impl Tape {
    /// `suite` names all tests of the script; `root` is the workspace's folder.
    pub fn new(site: &Site, root: impl Into<PathBuf>) -> Self {
        Self {
            suite: Self::suite_of(site),
            root: root.into(),
            group: None,
            is_block: false,
            seen: BTreeMap::new(),
        }
    }

    /// The suite of a script.
    pub fn suite_of(site: &Site) -> String {
        let script = site.argv.last().map_or("tap", String::as_str);
        if site.dir.as_os_str().is_empty() {
            script.to_owned()
        } else {
            format!("{}/{script}", site.dir_word())
        }
    }

    fn open(&mut self, name: &str, is_named: bool) {
        self.group = Some(Group {
            name: name.to_owned(),
            is_named,
            n_results: 0,
            n_skipped: 0,
            first_failure: None,
            output: Capped::default(),
        });
    }

    fn close(&mut self, heard: &mut Vec<Heard>) {
        self.is_block = false;
        let Some(group) = self.group.take().filter(|group| group.n_results > 0) else {
            return;
        };
        let n = self.seen.entry(group.name.clone()).or_default();
        *n += 1;
        let name = if *n == 1 {
            group.name
        } else {
            format!("{} ({n})", group.name)
        };
        let state = match group.first_failure {
            Some(_) => State::Failed,
            None if group.n_skipped == group.n_results => State::Skipped,
            None => State::Done,
        };
        let mut result = Finished::new(CaseId::new(Framework::Tap, &self.suite, &name), state);
        if let Some(failure) = group.first_failure {
            result.message = SafeText::new(&failure).into_string();
            let root = format!("{}/", self.root.display());
            let output = group
                .output
                .into_text()
                .replace(&format!("file://{root}"), "")
                .replace(&root, "");
            result = result.output(output, Path::new(""));
        }
        heard.push(Heard::finished(result));
    }

    fn result(&mut self, is_ok: bool, rest: &str, heard: &mut Vec<Heard>) {
        let (words, directive) = rest
            .split_once(" # ")
            .map_or((rest, ""), |(words, directive)| (words, directive));
        let words = words.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        let words = words.trim_start().strip_prefix("- ").unwrap_or(words.trim_start());
        let directive = directive.to_ascii_uppercase();
        let is_skipped = directive.starts_with("SKIP") || directive.starts_with("TODO");
        if self.group.as_ref().is_none_or(|group| !group.is_named) {
            self.close(heard);
            self.open(words, false);
        }
        let Some(group) = &mut self.group else { return };
        group.n_results += 1;
        group.n_skipped += u32::from(is_skipped);
        self.is_block = !is_ok && !is_skipped;
        if self.is_block {
            group.first_failure.get_or_insert_with(|| words.to_owned());
            group.output.push_line(words);
        }
    }
}

impl Parser for Tape {
    fn line(&mut self, stream: Stream, bytes: &[u8], heard: &mut Vec<Heard>) -> Shown {
        if stream != Stream::Out {
            return Shown::AsIs;
        }
        let line = plain(bytes);
        let line = line.trim_end();
        if let Some(rest) = line.strip_prefix("ok ") {
            self.result(true, rest, heard);
        } else if let Some(rest) = line.strip_prefix("not ok ") {
            self.result(false, rest, heard);
        } else if let Some(name) = line.strip_prefix("# ") {
            let is_sum = |word: &str| {
                name.strip_prefix(word)
                    .is_some_and(|rest| !rest.trim().is_empty() && rest.trim().chars().all(|c| c.is_ascii_digit()))
            };
            self.close(heard);
            if let Some(skipped) = name.strip_prefix("SKIP ") {
                self.open(skipped, true);
                self.result(true, "1 # SKIP", heard);
                self.close(heard);
            } else if name != "ok" && !["tests ", "pass ", "fail ", "skip ", "todo "].into_iter().any(is_sum) {
                self.open(name, true);
            }
        } else if line.starts_with("1..") {
            self.close(heard);
        } else if self.is_block
            && line.starts_with(' ')
            && !matches!(line.trim(), "---" | "...")
            && let Some(group) = &mut self.group
        {
            group.output.push_line(line);
        }
        Shown::AsIs
    }

    fn finish(&mut self, _code: Option<i32>, heard: &mut Vec<Heard>) {
        self.close(heard);
    }
}
