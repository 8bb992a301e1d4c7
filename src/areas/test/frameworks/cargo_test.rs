//! `cargo test`: libtest's text on standard output, cargo's headers on standard error, cargo's JSON between them.
//!
//! Two pipes have no common order. Each binary writes one `running N tests` block, and cargo one header before it, so
//! blocks and headers are paired in their own orders; known names settle what a binary without libtest leaves open.

use super::cargo_argv::{PROGRAM_MARK, is_doc};
use super::cargo_block::{Block, Program, Section};
use super::cargo_crash::{Crashes, is_about};
use super::cargo_json::{self, Message, Severity};
use super::libtest::{announced, hanging, result_of};
use super::{BARE_PROGRAM, Capped, CaseId, Crash, Finished, Framework, Heard, Parser, Selection, Shown, plain};
use crate::base::{SafeText, State, Stream};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

/// In the name of a doc test.
const DOC_MARK: &str = " (line ";

/// Known names by suite, from earlier runs.
pub type Known = BTreeMap<String, BTreeSet<String>>;

/// What libtest prints, paired with cargo's headers.
pub struct CargoTest {
    dir: PathBuf,
    known: Known,
    /// Tests that run at once.
    n_threads: usize,
    is_list: bool,
    /// Suites by the file name of their executable.
    binaries: BTreeMap<String, String>,
    /// Library targets, as headers of doc tests name them, to packages.
    libraries: BTreeMap<String, String>,
    headers: VecDeque<String>,
    /// Headers that were heard before the build's last word on the other stream; None from there on.
    early: Option<Vec<String>>,
    block: Option<Block>,
    /// Blocks that wait for their header.
    waiting: VecDeque<Block>,
    /// Suites whose binary prints nothing that is libtest's, and what it printed, where that is known.
    bare: Vec<(String, String)>,
    /// The program that writes, where the runner says so.
    program: Option<Program>,
    /// Suites that the runner named, whose header is still to come.
    named: BTreeSet<String>,
    /// The doc tests that were asked for: rustdoc may run more.
    docs: Option<BTreeSet<CaseId>>,
    listed: Vec<String>,
    lists: Vec<Vec<String>>,
    n_total: u64,
    n_cases: u64,
    first_error: Option<cargo_json::Diagnostic>,
    /// `-p tiny --test it`, as cargo names what failed.
    failed: Vec<String>,
    crashes: Crashes,
}

impl CargoTest {
    /// `dir` is the site's folder, relative to the workspace.
    pub fn new(dir: impl Into<PathBuf>, known: Known) -> Self {
        Self {
            dir: dir.into(),
            known,
            n_threads: usize::MAX,
            is_list: false,
            binaries: BTreeMap::new(),
            libraries: BTreeMap::new(),
            headers: VecDeque::new(),
            early: Some(Vec::new()),
            block: None,
            waiting: VecDeque::new(),
            bare: Vec::new(),
            program: None,
            named: BTreeSet::new(),
            docs: None,
            listed: Vec::new(),
            lists: Vec::new(),
            n_total: 0,
            n_cases: 0,
            first_error: None,
            failed: Vec::new(),
            crashes: Crashes::default(),
        }
    }

    /// Says how many tests run at once, so that a hanging one can be named.
    pub fn threads(mut self, n_threads: usize) -> Self {
        self.n_threads = n_threads;
        self
    }

    /// Tells of doc tests those that were chosen.
    pub fn selected(mut self, selection: &Selection) -> Self {
        if let Selection::Cases(cases) = selection {
            self.docs = Some(cases.iter().filter(|case| is_doc(case)).cloned().collect());
        }
        self
    }

    /// The same for `--list`: cases are told as not yet run.
    pub fn list(dir: impl Into<PathBuf>) -> Self {
        Self {
            is_list: true,
            ..Self::new(dir, Known::new())
        }
    }

    fn message(&mut self, message: Message) -> Shown {
        match message {
            Message::Diagnostic(diagnostic, rendered) => {
                if diagnostic.severity == Severity::Error && self.first_error.is_none() && diagnostic.place.is_some() {
                    self.first_error = Some(*diagnostic);
                }
                Shown::Text(rendered)
            }
            Message::Made(made) => {
                if made.kind == "lib" || made.kind == "proc-macro" || made.kind.ends_with("lib") {
                    self.libraries.insert(made.target.replace('-', "_"), made.package.clone());
                }
                if let (true, Some(file)) = (made.is_test, made.executable.as_deref().and_then(|path| path.file_name())) {
                    self.binaries.insert(file.to_string_lossy().into_owned(), made.binary_id());
                }
                Shown::Hidden
            }
            _ => Shown::Hidden,
        }
    }

    /// Everything that the build made is known, or will not be told: the headers can be understood.
    fn is_built(&mut self, heard: &mut Vec<Heard>) {
        for line in self.early.take().unwrap_or_default() {
            self.header_line(&line, heard);
        }
    }

    fn err_line(&mut self, line: &str, heard: &mut Vec<Heard>) {
        let words = line.trim_start();
        if words.starts_with("Running ") || words.starts_with("Doc-tests ") {
            match &mut self.early {
                Some(early) => early.push(words.to_owned()),
                None => self.header_line(words, heard),
            }
        } else if let Some(rest) = words
            .strip_prefix("error: test failed, to rerun pass `")
            .or(words.strip_prefix("error: doctest failed, to rerun pass `"))
        {
            self.failed.push(rest.trim_end_matches('`').to_owned());
        } else {
            self.crashes.line(line);
        }
    }

    fn header_line(&mut self, words: &str, heard: &mut Vec<Heard>) {
        if let Some(rest) = words.strip_prefix("Running ") {
            if let Some((what, file)) = rest.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
                let suite = self.suite_of(what, file);
                self.header(suite, heard);
            }
        } else if let Some(library) = words.strip_prefix("Doc-tests ") {
            let package = self
                .libraries
                .get(library.trim())
                .cloned()
                .unwrap_or_else(|| library.trim().to_owned());
            self.header(format!("{package}::doc"), heard);
        }
    }

    fn suite_of(&self, what: &str, file: &str) -> String {
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        if let Some(suite) = self.binaries.get(name) {
            return suite.clone();
        }
        let stem = name.rsplit_once('-').map_or(name, |(stem, _)| stem);
        if what.starts_with("unittests ") {
            stem.to_owned()
        } else {
            format!("{what}::{stem}")
        }
    }

    fn header(&mut self, suite: String, heard: &mut Vec<Heard>) {
        self.crashes.next(&suite);
        if self.named.remove(&suite) {
            return;
        }
        if let Some(mut block) = self.waiting.pop_front() {
            self.name_block(&mut block, suite, heard);
            // A block that is over but for its name.
            return;
        }
        if let Some(mut block) = self.block.take() {
            if block.suite.is_none() {
                self.headers.push_back(suite);
                self.settle(&mut block, heard);
            } else {
                self.headers.push_back(suite);
            }
            self.block = Some(block);
            return;
        }
        self.headers.push_back(suite);
    }

    fn name_block(&mut self, block: &mut Block, suite: String, heard: &mut Vec<Heard>) {
        for mut result in std::mem::take(&mut block.early) {
            result.case = CaseId::new(Framework::Cargo, &suite, &result.case.name);
            let is_final = result.state != State::Failed || !result.output.is_empty();
            heard.push(Heard::Finished { result, is_final });
        }
        block.suite = Some(suite);
    }

    /// Finds the header of a block that has none, if that is possible now.
    fn settle(&mut self, block: &mut Block, heard: &mut Vec<Heard>) {
        if block.suite.is_some() {
            return;
        }
        if let Some(program) = self.program.as_mut().filter(|program| !program.has_block) {
            // Documentation tests have a header and no program.
            let is_docs = match block.early.first() {
                Some(result) => result.case.name.contains(DOC_MARK),
                None if self.headers.is_empty() => false,
                None if block.n_announced == 0 => true,
                None => return,
            };
            if !is_docs {
                program.has_block = true;
                let suite = program.suite.clone();
                return self.name_block(block, suite, heard);
            }
        }
        if self.headers.is_empty() {
            return;
        }
        let mut at = 0;
        if self.headers.len() > 1 {
            let first = block.early.first().map(|result| result.case.name.clone());
            let knows = |suite: &String, name: &String| self.known.get(suite).is_some_and(|names| names.contains(name));
            match &first {
                Some(name) => at = self.headers.iter().position(|suite| knows(suite, name)).unwrap_or(0),
                None if block.n_announced > 0 => return,
                None => {}
            }
        }
        self.bare.extend(self.headers.drain(..at).map(|suite| (suite, String::new())));
        if let Some(suite) = self.headers.pop_front() {
            self.name_block(block, suite, heard);
        }
    }

    fn tell(&mut self, block: &mut Block, name: &str, state: State, message: &str, heard: &mut Vec<Heard>) {
        self.n_cases += 1;
        block.seen.insert(name.to_owned());
        if state == State::Failed {
            block.failed.insert(name.to_owned());
        }
        let mut result = Finished::new(
            CaseId::new(Framework::Cargo, block.suite.as_deref().unwrap_or_default(), name),
            state,
        );
        message.clone_into(&mut result.message);
        if block.suite.is_some() {
            heard.push(Heard::Finished {
                result,
                is_final: state != State::Failed,
            });
        } else {
            block.early.push(result);
            self.settle(block, heard);
        }
    }

    fn out_line(&mut self, line: &str, heard: &mut Vec<Heard>) {
        if self.is_list {
            self.list_line(line, heard);
            return;
        }
        let Some(mut block) = self.block.take() else {
            if let Some(n) = announced(line) {
                let mut block = Block {
                    n_announced: n,
                    ..Block::default()
                };
                self.n_total += n;
                heard.push(Heard::Total(self.n_total));
                if self.program.is_some() || self.headers.len() == 1 || n == 0 {
                    self.settle(&mut block, heard);
                }
                self.block = Some(block);
            } else if let Some(program) = &mut self.program {
                program.output.push_line(line);
            }
            return;
        };
        let is_end = line.starts_with("test result: ");
        if is_end {
            self.end_output(&mut block, heard);
            if block.suite.is_some() {
                return;
            }
            self.settle(&mut block, heard);
            if block.suite.is_none() {
                self.waiting.push_back(block);
            }
            return;
        }
        match &mut block.section {
            Section::Cases => self.case_line(&mut block, line, heard),
            Section::Failures | Section::Names => {
                if let Some(name) = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----")) {
                    block.section = Section::Output {
                        name: name.to_owned(),
                        text: Capped::default(),
                    };
                }
            }
            Section::Output { text, .. } => {
                let next = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----"));
                if let Some(next) = next.filter(|name| block.failed.contains(*name)) {
                    let next = next.to_owned();
                    self.end_output(&mut block, heard);
                    block.section = Section::Output {
                        name: next,
                        text: Capped::default(),
                    };
                } else if line == "failures:" {
                    self.end_output(&mut block, heard);
                    block.section = Section::Names;
                } else {
                    text.push_line(line);
                }
            }
        }
        self.block = Some(block);
    }

    fn case_line(&mut self, block: &mut Block, line: &str, heard: &mut Vec<Heard>) {
        if line == "failures:" {
            block.section = Section::Failures;
            return;
        }
        if let Some(name) = block.pending.take() {
            // What the test's children printed may stand before the result.
            if let Some((state, message)) = result_of(line.trim_end()) {
                self.tell(block, &name, state, message, heard);
                return;
            }
            block.pending = Some(name);
        }
        block.slow.extend(hanging(line).map(str::to_owned));
        let Some((name, rest)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ")) else {
            return;
        };
        let name = [" - should panic", " - compile fail", " - compile"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(name);
        match result_of(rest.trim_end()) {
            Some((state, message)) => {
                block.pending = None;
                self.tell(block, name, state, message, heard);
            }
            None => block.pending = Some(name.to_owned()),
        }
    }

    fn end_output(&mut self, block: &mut Block, heard: &mut Vec<Heard>) {
        let Section::Output { name, text } = std::mem::take(&mut block.section) else {
            return;
        };
        block.failed.remove(&name);
        let case = CaseId::new(Framework::Cargo, block.suite.as_deref().unwrap_or_default(), &name);
        let result = Finished::new(case, State::Failed).output(text.into_text(), &self.dir);
        if block.suite.is_some() {
            heard.push(Heard::finished(result));
        } else {
            block.early.retain(|early| early.case.name != result.case.name);
            block.early.push(result);
        }
    }

    /// `name: test` lines, then `5 tests, 0 benchmarks`.
    fn list_line(&mut self, line: &str, heard: &mut Vec<Heard>) {
        if let Some(name) = line.strip_suffix(": test").or(line.strip_suffix(": benchmark")) {
            self.listed.push(name.to_owned());
            self.n_cases += 1;
            heard.push(Heard::Total(self.n_cases));
        } else if line.ends_with(" benchmarks") || line.ends_with(" benchmark") {
            let names = std::mem::take(&mut self.listed);
            let is_docs = names.first().map_or(!self.headers.is_empty(), |name| name.contains(DOC_MARK));
            match self.program.as_mut().filter(|program| !program.has_block && !is_docs) {
                Some(program) => {
                    program.has_block = true;
                    let suite = program.suite.clone();
                    heard.extend(names.iter().map(|name| unknown(&suite, name)));
                }
                None => self.lists.push(names),
            }
        }
    }

    /// The runner says which program writes from here on.
    fn next_program(&mut self, path: &str, heard: &mut Vec<Heard>) {
        self.is_built(heard);
        self.end_program(heard);
        let suite = self.suite_of("", path);
        match self.headers.iter().position(|known| *known == suite) {
            Some(at) => drop(self.headers.remove(at)),
            None => drop(self.named.insert(suite.clone())),
        }
        self.program = Some(Program::new(suite));
    }

    /// The program is over, with its summary or without, and so is one that has no tests of libtest's.
    fn end_program(&mut self, heard: &mut Vec<Heard>) {
        self.end_block(heard);
        let Some(program) = self.program.take().filter(|program| !program.has_block) else {
            return;
        };
        if self.is_list {
            heard.push(unknown(&program.suite, BARE_PROGRAM));
        } else {
            self.bare.push((program.suite, program.output.into_text()));
        }
    }

    /// A block without its summary: the program ended before its tests did.
    fn end_block(&mut self, heard: &mut Vec<Heard>) {
        if let Some(mut block) = self.block.take() {
            self.end_output(&mut block, heard);
            self.settle(&mut block, heard);
            self.crashed(&block);
        }
    }

    /// Rustdoc runs every doc test that a word fits.
    fn keep_asked(&self, heard: &mut Vec<Heard>) {
        let Some(docs) = &self.docs else { return };
        heard.retain(|heard| match heard {
            Heard::Finished { result, .. } => !is_doc(&result.case) || docs.contains(&result.case),
            _ => true,
        });
    }

    /// A binary that ended before its tests did, and binaries that are one test as a whole.
    fn crashes(&mut self, heard: &mut Vec<Heard>) {
        self.end_program(heard);
        self.bare.extend(self.headers.drain(..).map(|suite| (suite, String::new())));
        for (suite, printed) in std::mem::take(&mut self.bare) {
            let has_failed = self.failed.iter().any(|flags| is_about(flags, &suite));
            let state = if has_failed { State::Failed } else { State::Done };
            let mut result = Finished::new(CaseId::new(Framework::Cargo, &suite, BARE_PROGRAM), state);
            if has_failed {
                let (how, errors) = self.crashes.words_of(&suite);
                let said = errors.lines().chain(printed.lines()).find(|line| !line.trim().is_empty());
                let message = [&how, said.unwrap_or_default()]
                    .map(str::trim)
                    .into_iter()
                    .filter(|words| !words.is_empty());
                let message = message.collect::<Vec<_>>().join(": ");
                result = result.output([printed, errors].concat(), &self.dir);
                result.message = SafeText::new(&message).into_string();
            }
            heard.push(Heard::finished(result));
            self.n_cases += 1;
        }
    }

    /// One test alone is the one that ended its program; of several it can be any.
    fn crashed(&mut self, block: &Block) {
        if (block.seen.len() as u64) < block.n_announced {
            let pending = block.pending.as_deref().filter(|_| self.n_threads == 1);
            self.crashes.ended(block.suite.as_deref().unwrap_or_default(), pending);
            self.n_cases += 1;
        }
    }
}

impl Parser for CargoTest {
    fn line(&mut self, stream: Stream, bytes: &[u8], heard: &mut Vec<Heard>) -> Shown {
        if stream == Stream::Out {
            if let Some(at) = memchr::memmem::find(bytes, PROGRAM_MARK) {
                let (before, path) = (plain(&bytes[..at]), plain(&bytes[at + PROGRAM_MARK.len()..]));
                if !before.is_empty() {
                    self.out_line(&before, heard);
                }
                self.next_program(&path, heard);
                self.keep_asked(heard);
                return if before.is_empty() {
                    Shown::Hidden
                } else {
                    Shown::Text(before)
                };
            }
            if cargo_json::is_message(bytes)
                && let Some(message) = cargo_json::parse(bytes, &self.dir)
            {
                if matches!(message, Message::BuildFinished { .. }) {
                    self.is_built(heard);
                }
                return self.message(message);
            }
            self.is_built(heard);
            let line = plain(bytes);
            // The next binary's block: the one before it ended without its summary.
            if announced(&line).is_some() {
                self.end_block(heard);
            }
            self.out_line(&line, heard);
            if self.is_list {
                return Shown::Hidden;
            }
        } else {
            self.err_line(&plain(bytes), heard);
        }
        self.keep_asked(heard);
        Shown::AsIs
    }

    fn finish(&mut self, code: Option<i32>, heard: &mut Vec<Heard>) {
        self.is_built(heard);
        if self.is_list {
            self.end_program(heard);
            self.end_list(heard);
        } else {
            self.crashes(heard);
        }
        self.keep_asked(heard);
        if code != Some(0)
            && self.n_cases == 0
            && let Some(error) = self.first_error.take()
        {
            heard.push(Heard::Trouble(Box::new(cargo_json::does_not_compile(&error))));
        }
    }

    fn take_crashes(&mut self) -> Vec<Crash> {
        self.crashes.take()
    }

    /// Those that libtest named as slow; else the first known ones without a result: libtest begins them by name.
    fn running(&self) -> Vec<CaseId> {
        let Some(block) = &self.block else { return Vec::new() };
        let suite = block.suite.as_deref().unwrap_or_default();
        let case = |name: &String| CaseId::new(Framework::Cargo, suite, name);
        let slow: Vec<CaseId> = block.slow.difference(&block.seen).map(case).collect();
        if !slow.is_empty() {
            return slow;
        }
        let known = self
            .known
            .get(suite)
            .into_iter()
            .flat_map(|names| names.difference(&block.seen));
        known.take(self.n_threads).map(case).collect()
    }
}

impl CargoTest {
    /// Lists and headers stand in the same order; binaries without libtest have a header and no list.
    fn end_list(&mut self, heard: &mut Vec<Heard>) {
        let mut suites = std::mem::take(&mut self.headers);
        let mut lists = std::mem::take(&mut self.lists);
        if !self.listed.is_empty() {
            lists.push(std::mem::take(&mut self.listed));
        }
        for names in lists {
            if suites.is_empty() {
                break;
            }
            let is_doc = names.first().is_some_and(|name| name.contains(DOC_MARK));
            let at = suites
                .iter()
                .position(|suite| names.is_empty() || suite.ends_with("::doc") == is_doc)
                .unwrap_or(0);
            let Some(suite) = suites.drain(..=at).next_back() else { break };
            heard.extend(names.iter().map(|name| unknown(&suite, name)));
        }
    }
}

fn unknown(suite: &str, name: &str) -> Heard {
    Heard::finished(Finished::new(CaseId::new(Framework::Cargo, suite, name), State::Unknown))
}
