//! Reads `chantier.toml`: what is right is kept, what is wrong is told with line, column and a hint.

mod lines;
mod values;
mod watching;

use super::alerts::{AlertRule, Channel, ChannelCommon, ChannelKind, PromChart, PromServer, Scrape};
use super::checks::{Check, CheckCommon, CheckKind};
use super::matcher::MatcherEntry;
use super::pipeline::{Pipeline, Wrong, leads_out};
use super::release::{self, StepWrong};
use super::torn::without_torn;
use super::{Artifact, Environment, ProjectFile, Runbook, Task};
use crate::base::text::split_words;
use crate::base::{Problem, SafeText, Timestamp, wrong_value};
use crate::msg;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const SECTIONS: [&str; 15] = [
    "project",
    "plan",
    "task",
    "artifact",
    "test",
    "release",
    "environment",
    "check",
    "alert",
    "notify",
    "scrape",
    "prometheus",
    "pipeline",
    "matcher",
    "runbook",
];

/// Parses the text of the file; `path` is only named in problems.
pub fn parse(text: &str, path: &Path) -> (ProjectFile, Vec<Problem>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        text,
        path,
        problems: Vec::new(),
        part_of: (None, &[]),
        is_torn: false,
    };
    let mut file = ProjectFile::default();
    let (mut table, errors) = DeTable::parse_recoverable(text);
    reader.is_torn = !errors.is_empty();
    let whole;
    if reader.is_torn {
        let (without, wrong) = without_torn(text);
        for (at, words) in wrong {
            reader.tell(broken(&words, None, &[]), at);
        }
        whole = without;
        let (rest, errors) = DeTable::parse_recoverable(&whole);
        // Tables that are right by themselves and do not go together.
        for error in errors {
            reader.syntax(&error);
        }
        table = rest;
    }
    let n_torn = reader.problems.len();
    for (key, value) in table.into_inner() {
        match key.get_ref().as_ref() {
            "project" => reader.one(value, &mut file.project),
            "plan" => reader.one(value, &mut file.plan),
            "release" => reader.one(value, &mut file.release),
            "test" => reader.one(value, &mut file.test),
            "task" => file.tasks = reader.many(value, |task: &Task| &task.name),
            "artifact" => file.artifacts = reader.many(value, |artifact: &Artifact| &artifact.name),
            "environment" => file.environments = reader.many(value, |environment: &Environment| &environment.name),
            "check" => file.checks = watching::checks(&mut reader, value),
            "alert" => file.alerts = reader.many(value, |alert: &AlertRule| &alert.name),
            "notify" => file.channels = watching::channels(&mut reader, value),
            "scrape" => file.scrapes = reader.many(value, |scrape: &Scrape| &scrape.name),
            "prometheus" => file.prometheus = reader.many(value, |server: &PromServer| &server.name),
            "matcher" => file.matchers = reader.many(value, |matcher: &MatcherEntry| &matcher.name),
            "runbook" => file.runbooks = reader.many(value, |runbook: &Runbook| &runbook.name),
            "pipeline" => file.pipelines = reader.many(value, |pipeline: &Pipeline| &pipeline.name),
            other => reader.unknown_section(other, key.span().start),
        }
    }
    reader.cross_check(&file);
    reader.procedure(&file);
    watching::cross_check(&mut reader, &mut file);
    reader.pipelines(&mut file);
    reader.runbooks(&mut file);
    values::check(&mut reader, &file);
    // In the order of the file; what is torn comes before what follows from that.
    let mut problems = reader.problems;
    let (torn, others) = problems.split_at_mut(n_torn);
    for part in [torn, others] {
        part.sort_by_key(|problem| problem.place.as_ref().map(|place| (place.line, place.column)));
    }
    (file, problems)
}

struct Reader<'a> {
    text: &'a str,
    path: &'a Path,
    problems: Vec<Problem>,
    /// The name of the entry that a part is read of, and the keys of its other part.
    part_of: (Option<String>, &'static [&'static str]),
    /// It is no TOML as it stands: what it seems to say of sections may not be what is written.
    is_torn: bool,
}

impl Reader<'_> {
    fn syntax(&mut self, error: &toml::de::Error) {
        let at = error.span().map_or(0, |span| span.start);
        self.tell(broken(error.message(), None, &[]), at);
    }

    fn tell(&mut self, problem: Problem, at: usize) {
        self.problems.push(problem.at_byte(self.path, self.text, at));
    }

    /// Reads a value; of a table every key that is wrong is told, not only the first.
    fn read<'de, T: Deserialize<'de>>(&mut self, value: Spanned<DeValue<'de>>) -> Option<T> {
        let span = value.span();
        let mut told = BTreeSet::new();
        let mut left = value;
        loop {
            let again = left.get_ref().as_table().cloned();
            let error = match T::deserialize(serde::de::IntoDeserializer::<toml::de::Error>::into_deserializer(left)) {
                Ok(value) => return told.is_empty().then_some(value),
                Err(error) => error,
            };
            let at = error.span().map_or(span.start, |place| place.start);
            // What was left out because it was wrong is not missing.
            let is_missing = error.message().starts_with("missing field");
            if told.is_empty() || !is_missing {
                // Which entry lacks something is not seen from its place alone.
                let of = again.as_ref().and_then(|table| table.get("name")?.get_ref().as_str());
                let problem = broken(error.message(), of.or(self.part_of.0.as_deref()), self.part_of.1);
                self.tell(problem, self.literal(error.message(), at));
            }
            let mut table = again?;
            if is_missing || !cut(&mut table, at) {
                return None;
            }
            told.insert(at);
            left = Spanned::new(span.clone(), DeValue::Table(table));
        }
    }

    /// The place of the value that a message quotes, where only the table that it stands in is known.
    fn literal(&self, message: &str, table: usize) -> usize {
        let rest = self.text.get(table..).unwrap_or_default();
        let quoted = message.split('`').nth(1).or_else(|| message.split('"').nth(1));
        // What is missing stands nowhere.
        let is_there = rest.starts_with('[') && !message.starts_with("missing field");
        let Some(word) = quoted.filter(|word| !word.is_empty() && is_there) else {
            return table;
        };
        let head = rest.find('\n').unwrap_or(rest.len());
        let end = rest[head..].find("\n[").map_or(rest.len(), |end| head + end);
        rest[head..end].find(word).map_or(table, |found| table + head + found)
    }

    /// A name is one line: with more it would be read as a row of its own wherever it is listed. A command is a list of words.
    fn is_well_written(&mut self, entry: &Spanned<DeValue<'_>>) -> bool {
        let (at, problem) = if let Some((at, name)) = lines::not_a_line(entry) {
            let name = SafeText::new(&name);
            let problem = Problem::config(msg!("devops-project-name-line", name = name.as_str()));
            (at, problem.hint(msg!("devops-project-name-line-hint")))
        } else if let Some((at, line)) = lines::line_as_word(entry) {
            let words: Vec<String> = split_words(&line).iter().map(|word| format!("{word:?}")).collect();
            let problem = Problem::config(msg!("devops-project-run-line", line = line.as_str()));
            let hint = msg!("devops-project-run-line-hint", words = format!("[{}]", words.join(", ")));
            (at, problem.hint(hint))
        } else {
            return true;
        };
        self.tell(problem, at);
        false
    }

    fn one<'de, T: Deserialize<'de>>(&mut self, value: Spanned<DeValue<'de>>, into: &mut T) {
        if self.is_well_written(&value)
            && let Some(value) = self.read(value)
        {
            *into = value;
        }
    }

    /// The entries of a list, each with its place.
    fn entries<'de>(&mut self, value: Spanned<DeValue<'de>>) -> Vec<Spanned<DeValue<'de>>> {
        let start = value.span().start;
        if let DeValue::Array(entries) = value.into_inner() {
            return entries.into_iter().filter(|entry| self.is_well_written(entry)).collect();
        }
        if self.is_torn {
            return Vec::new();
        }
        self.tell(
            Problem::config(msg!("devops-project-not-a-list")).hint(msg!("devops-project-not-a-list-hint")),
            start,
        );
        Vec::new()
    }

    fn many<'de, T: Deserialize<'de>>(&mut self, value: Spanned<DeValue<'de>>, name_of: impl Fn(&T) -> &str) -> Vec<T> {
        let mut seen = BTreeSet::new();
        let mut out = Vec::new();
        for entry in self.entries(value) {
            let at = entry.span().start;
            let Some(value) = self.read::<T>(entry) else { continue };
            if seen.insert(name_of(&value).to_owned()) {
                out.push(value);
            } else {
                self.tell(Problem::config(msg!("devops-project-twice", name = name_of(&value))), at);
            }
        }
        out
    }

    fn unknown_section(&mut self, name: &str, at: usize) {
        let problem = Problem::config(msg!("devops-project-unknown", name = name));
        self.tell(
            problem.hint(msg!("devops-project-unknown-hint", names = SECTIONS.join(", "))),
            at,
        );
    }

    /// What only the whole file shows: names that are used and not given.
    fn cross_check(&mut self, file: &ProjectFile) {
        for artifact in &file.artifacts {
            if let Some(task) = artifact.task.as_deref().filter(|task| file.task(task).is_none()) {
                let problem = Problem::config(msg!("devops-project-missing", kind = "task", name = task));
                self.tell(problem.hint(msg!("devops-project-artifact-task")), self.find(task));
            }
            if leads_out(&artifact.path) {
                self.tell(
                    Problem::config(msg!("devops-project-outside", name = artifact.name.as_str())),
                    self.find(&artifact.name),
                );
            }
        }
        for package in &file.release.packages {
            let mut paths = std::iter::once(&package.path)
                .chain(&package.version_files)
                .chain(&package.changelog);
            if paths.any(|path| leads_out(path)) {
                self.tell(
                    Problem::config(msg!("devops-project-outside", name = package.name.as_str())),
                    self.find(&package.name),
                );
            }
        }
        for file in &file.release.files {
            if leads_out(&file.path) {
                let name = file.path.display().to_string();
                self.tell(
                    Problem::config(msg!("devops-project-outside", name = name.as_str())),
                    self.find(&name),
                );
            }
            if !file.pattern.contains("{version}") {
                self.tell(
                    Problem::config(msg!("devops-file-pattern", pattern = file.pattern.as_str())),
                    self.find(&file.pattern),
                );
            }
        }
        let tags = file.release.packages.iter().filter_map(|package| package.tag.as_ref());
        for tag in tags.chain(&file.release.tag) {
            let is_name = release::is_tag(&tag.replace("{version}", "1.0.0"));
            if !tag.contains("{version}") || !is_name {
                self.tell(
                    Problem::config(msg!("devops-tag-pattern", tag = tag.as_str())).hint(msg!("devops-tag-pattern-hint")),
                    self.find(tag),
                );
            }
        }
        for rule in &file.release.commits {
            if let Err(error) = regex::Regex::new(&rule.pattern) {
                let problem = msg!("devops-check-pattern", name = "release.commit", why = error.to_string());
                self.tell(Problem::config(problem), self.find(&rule.pattern));
            }
        }
        for matcher in &file.matchers {
            if let Err(why) = matcher.compile() {
                let problem = msg!("devops-matcher-wrong", name = matcher.name.as_str(), why = why);
                self.tell(Problem::config(problem), self.find(&matcher.name));
            }
        }
        for environment in &file.environments {
            let is_empty = match &environment.target {
                super::Target::Process { run, .. } => run.is_empty(),
                super::Target::Ssh { run, unit_file, .. } => run.is_empty() && unit_file.is_none(),
                super::Target::Docker { image, .. } | super::Target::Swarm { image, .. } => image.is_empty(),
                super::Target::Compose { files, .. } => files.is_empty(),
            };
            if is_empty {
                self.tell(
                    Problem::config(msg!("devops-project-empty-run", name = environment.name.as_str())),
                    self.find(&environment.name),
                );
            }
            for wrong in environment.wrongs() {
                self.tell(Problem::config(wrong), self.find(&environment.name));
            }
            if let Some(continuous) = &environment.continuous {
                if let Some(name) = continuous.pipeline.as_ref().filter(|name| file.pipeline(name).is_none()) {
                    self.missing("pipeline", name);
                }
                // Ids of tasks that tools offer are known only where their files are.
                let is_known = |task: &str| task.contains(':') || file.task(task).is_some();
                for task in continuous.checks.iter().filter(|task| !is_known(task)) {
                    self.missing("task", task);
                }
            }
            for word in environment.target.texts() {
                if let Some(name) = word.split("{artifact:").nth(1).and_then(|rest| rest.split('}').next())
                    && file.artifact(name).is_none()
                {
                    self.missing("artifact", name);
                }
            }
        }
        for task in &file.tasks {
            if task.run.is_empty() {
                self.tell(
                    Problem::config(msg!("devops-project-empty-run", name = task.name.as_str())),
                    self.find(&task.name),
                );
            }
        }
    }

    /// A procedure with one wrong step is told, and not carried out.
    fn procedure(&mut self, file: &ProjectFile) {
        let start = self.text.find("release.step").unwrap_or(0);
        for wrong in release::wrongs(&file.release.steps, &release::CHECKS, |task| file.task(task).is_some()) {
            let (problem, word) = match &wrong {
                StepWrong::Twice(step) => (msg!("devops-project-twice", name = step.as_str()), step.as_str()),
                StepWrong::NoTask(task) => (
                    msg!("devops-project-missing", kind = "task", name = task.as_str()),
                    task.as_str(),
                ),
                StepWrong::Needs(step, key) => (msg!("devops-step-needs", step = step.as_str(), key = *key), step.as_str()),
                StepWrong::Stray(step, key) => (msg!("devops-step-stray", step = step.as_str(), key = *key), step.as_str()),
                StepWrong::Order(step, before) => (
                    msg!("devops-step-order", step = step.as_str(), before = before.as_str()),
                    before.as_str(),
                ),
                StepWrong::Lacks(kind) => (msg!("devops-step-lacks", kind = *kind), *kind),
                StepWrong::NoCheck(check) => (
                    msg!(
                        "devops-step-check",
                        check = check.as_str(),
                        names = release::CHECKS.join(", ")
                    ),
                    check.as_str(),
                ),
            };
            let at = self.find_from(word, start);
            self.tell(Problem::config(problem), at);
        }
    }

    /// A runbook with one wrong step is told, and not there.
    fn runbooks(&mut self, file: &mut ProjectFile) {
        for book in std::mem::take(&mut file.runbooks) {
            let start = self.find(&book.name);
            let mut is_right = !book.steps.is_empty();
            if !is_right {
                self.tell(
                    Problem::config(msg!("devops-runbook-empty", name = book.name.as_str())),
                    start,
                );
            }
            for step in &book.steps {
                let wrong = match &step.task {
                    _ if !step.is_whole() => msg!("devops-runbook-step", name = book.name.as_str()),
                    Some(task) if file.task(task).is_none() => {
                        msg!("devops-project-missing", kind = "task", name = task.as_str())
                    }
                    _ if leads_out(&step.dir) => msg!("devops-project-outside", name = book.name.as_str()),
                    _ => continue,
                };
                is_right = false;
                let word = step.task.as_deref().unwrap_or(&book.name);
                let at = self.find_from(word, start);
                self.tell(Problem::config(wrong), at);
            }
            if book.environment.is_none()
                && let Some(word) = book.steps.iter().find_map(super::RunbookStep::live_word)
            {
                is_right = false;
                let at = self.find_from(word, start);
                let problem = Problem::config(msg!("devops-runbook-word", name = book.name.as_str(), word = word));
                self.tell(problem.hint(msg!("devops-runbook-word-hint")), at);
            }
            if let Some(name) = book.environment.as_deref().filter(|name| file.environment(name).is_none()) {
                is_right = false;
                self.missing("environment", name);
            }
            if let Some(schedule) = &book.schedule {
                // Nobody is there whom it could ask.
                let asks = Problem::config(msg!("devops-runbook-asks", name = book.name.as_str()));
                let wrong = if book.confirm {
                    Some(asks)
                } else {
                    schedule.check(Timestamp::now()).err()
                };
                if let Some(problem) = wrong {
                    is_right = false;
                    let at = self.find_from(schedule.text(), start);
                    self.tell(problem, at);
                }
            }
            if is_right {
                file.runbooks.push(book);
            }
        }
    }

    fn pipelines(&mut self, file: &mut ProjectFile) {
        let pipelines = std::mem::take(&mut file.pipelines);
        for pipeline in pipelines {
            let start = self.find(&pipeline.name);
            // Ids of tasks that tools offer are known only where their files are.
            let wrongs = pipeline.wrongs(|task| task.contains(':') || file.tasks.is_empty() || file.task(task).is_some());
            for wrong in &wrongs {
                let name = pipeline.name.as_str();
                let (problem, word) = match wrong {
                    Wrong::NoJobs => (msg!("devops-pipeline-empty", name = name), name),
                    Wrong::Twice(job) => (msg!("devops-pipeline-twice", job = job.as_str(), name = name), job.as_str()),
                    Wrong::NoSuchJob(job, need) => (
                        msg!("devops-pipeline-no-job", job = job.as_str(), need = need.as_str()),
                        need.as_str(),
                    ),
                    Wrong::NoSuchStage(job, stage) => (
                        msg!("devops-pipeline-no-stage", job = job.as_str(), stage = stage.as_str()),
                        stage.as_str(),
                    ),
                    Wrong::NoSuchTask(job, task) => (
                        msg!("devops-pipeline-no-task", job = job.as_str(), task = task.as_str()),
                        task.as_str(),
                    ),
                    Wrong::Ring(ring) => (
                        msg!("devops-pipeline-ring", name = name, ring = ring.join(" → ")),
                        ring.first().map_or(name, String::as_str),
                    ),
                    Wrong::Step(job) => (msg!("devops-pipeline-step", job = job.as_str()), job.as_str()),
                    Wrong::NoSteps(job) => (msg!("devops-pipeline-no-steps", job = job.as_str()), job.as_str()),
                    Wrong::Outside(job, path) => (
                        msg!("devops-pipeline-outside", job = job.as_str(), path = path.as_path()),
                        path.to_str().unwrap_or(job),
                    ),
                    Wrong::TooMany(job, n) => (msg!("devops-pipeline-too-many", job = job.as_str(), n = *n), job.as_str()),
                    Wrong::NoCells(job) => (msg!("devops-pipeline-no-cells", job = job.as_str()), job.as_str()),
                    Wrong::NoSuchAxis(job, axis) => (
                        msg!("devops-pipeline-no-axis", job = job.as_str(), axis = axis.as_str()),
                        job.as_str(),
                    ),
                    Wrong::NoSuchValue(job, axis, value) => (
                        msg!(
                            "devops-pipeline-no-value",
                            job = job.as_str(),
                            axis = axis.as_str(),
                            value = value.as_str()
                        ),
                        job.as_str(),
                    ),
                };
                let at = self.find_from(word, start);
                self.tell(Problem::config(problem), at);
            }
            // What can not run is not offered.
            if wrongs.is_empty() {
                file.pipelines.push(pipeline);
            }
        }
    }

    fn missing(&mut self, kind: &'static str, name: &str) {
        let problem = Problem::config(msg!("devops-project-missing", kind = kind, name = name));
        self.tell(problem, self.find(name));
    }

    fn find_from(&self, name: &str, start: usize) -> usize {
        let rest = self.text.get(start..).unwrap_or_default();
        rest.find(&format!("\"{name}\"")).map_or(start, |at| start + at)
    }

    fn find(&self, name: &str) -> usize {
        self.text
            .find(&format!("\"{name}\""))
            .or_else(|| self.text.find(name))
            .unwrap_or(0)
    }
}

/// Leaves out the key at a place, the innermost that stands there: what is beside it is read all the same.
fn cut(table: &mut DeTable<'_>, at: usize) -> bool {
    let is_cut_inside = table.iter_mut().any(|(_, value)| match value.get_mut() {
        DeValue::Table(inner) => cut(inner, at),
        DeValue::Array(entries) => entries.iter_mut().any(|entry| match entry.get_mut() {
            DeValue::Table(inner) => cut(inner, at),
            _ => false,
        }),
        _ => false,
    });
    if is_cut_inside {
        return true;
    }
    let wrong = table
        .iter()
        .find(|(key, value)| key.span().contains(&at) || value.span().contains(&at))
        .map(|(key, _)| key.clone());
    wrong.is_some_and(|wrong| table.remove(&wrong).is_some())
}

/// What a reader said, in the language of the program where its words are known.
fn broken(said: &str, of: Option<&str>, more: &[&str]) -> Problem {
    Problem::config(wrong_value::words(said, of, more).unwrap_or_else(|| msg!("devops-project-broken", why = first_line(said))))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}
