//! What is known of instances. Pure: changes only in `apply`.

use super::changed::Changes;
use super::details::Details;
use super::drift::Drift;
use super::host::AfterSignal;
use super::incidents::Incident;
use super::logs::LogCount;
use super::logs::file::PAGE;
use super::places::CodePlace;
use super::runbooks::Book;
use super::{Instance, Update};
use crate::base::happening::Happening;
use crate::base::host::{HostLook, HostSignal};
use crate::base::log::LogFilter;
use crate::base::{JobId, Loadable, LogLine, Msg, Problem, State, Timestamp, WorkspaceId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

/// Values kept per instance for its small charts: two minutes at one a second.
pub const RING: usize = 120;
/// Lines of output kept in memory; the file has them all.
const LINES_KEPT: usize = 20_000;

/// The last values of an instance, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    pub cpu: VecDeque<f64>,
    pub memory: VecDeque<f64>,
}

/// Events that are kept.
const EVENTS_KEPT: usize = 5000;
/// Steps of acts that are kept.
const TOLD_KEPT: usize = 50;
/// Pages of an open file that are kept: some seconds of scrolling.
const PAGES_KEPT: usize = 48;

/// The log that is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpenLog {
    /// What it is known by.
    pub log: String,
    /// The names of its sources.
    pub sources: Vec<String>,
    pub lines: VecDeque<LogLine>,
    /// The source of each line.
    pub origins: VecDeque<u16>,
    pub n_dropped: u64,
    /// Lines by time, where they were counted, and the seconds of each part.
    pub counts: Vec<LogCount>,
    pub count_secs: u32,
    /// Changes when it is opened anew.
    pub life: u64,
    /// Changes with every line.
    pub generation: u64,
}

/// The file that is shown page by page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpenFile {
    pub path: PathBuf,
    /// The run whose log it is.
    pub job: Option<JobId>,
    pub n_lines: u64,
    pub bytes: u64,
    /// All lines were counted.
    pub is_counted: bool,
    /// Pages by the number of their first line.
    pages: BTreeMap<u64, Vec<LogLine>>,
    /// The pages in the order in which they came.
    order: VecDeque<u64>,
    pub hits: Option<FileHits>,
    /// It was truncated or replaced.
    pub note: Option<Msg>,
    /// Changes when it begins anew.
    pub life: u64,
}

/// What a search in the open file found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileHits {
    pub filter: LogFilter,
    /// Numbers of lines, in order.
    pub lines: Vec<u64>,
    pub fraction: f64,
    /// Known when the search is through.
    pub n_hits: Option<u64>,
}

impl OpenFile {
    pub fn line(&self, number: u64) -> Option<&LogLine> {
        let page = self.pages.get(&(number / PAGE * PAGE))?;
        page.get((number % PAGE) as usize)
    }

    /// Whether the page of a line is here, whole or as far as the file goes.
    pub fn has_page_of(&self, number: u64) -> bool {
        self.line(number).is_some()
    }

    fn put(&mut self, from: u64, lines: Vec<LogLine>) {
        if self.pages.insert(from, lines).is_none() {
            self.order.push_back(from);
        }
        while self.order.len() > PAGES_KEPT {
            if let Some(oldest) = self.order.pop_front() {
                self.pages.remove(&oldest);
            }
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Model {
    /// What is known of the instance that was asked for last.
    pub details: Option<(String, Details)>,
    pub instances: Loadable<Vec<Instance>>,
    pub seen_at: Option<Timestamp>,
    /// What could not be asked at the last look.
    pub problems: Vec<Problem>,
    pub rings: BTreeMap<String, Ring>,
    pub log: Option<OpenLog>,
    pub file: Option<OpenFile>,
    /// What was written to a file last, and how many lines.
    pub exported: Option<(PathBuf, u64)>,
    /// Newest first.
    pub incidents: Vec<Incident>,
    /// The one that was looked at last, with what happened around it.
    pub incident: Option<Box<Incident>>,
    pub changes: Option<Box<Changes>>,
    /// How what was compared last differs from its repository.
    pub drifts: Vec<Drift>,
    pub runbooks: Vec<Book>,
    /// Steps of the runbook that ran last, as they ended.
    pub stepped: Vec<String>,
    /// A line of a log, and where its code stands.
    pub code: Option<(String, Vec<CodePlace>)>,
    /// What was done to instances last, oldest first.
    pub told: VecDeque<(String, Msg)>,
    /// What happened, oldest first.
    pub events: VecDeque<Happening>,
    /// From when on; None before anybody asked.
    pub events_since: Option<Timestamp>,
    pub events_generation: u64,
    /// This machine as it was seen last.
    pub host: Option<Box<HostLook>>,
    /// Changes with every look at the machine.
    pub host_generation: u64,
    /// The last values of its processors and its memory, of 1, oldest first.
    pub host_ring: Ring,
    /// Which process was told what last, and what became of it.
    pub signalled: Option<(u32, HostSignal, AfterSignal)>,
    /// Names of what was taken away.
    pub removed: Vec<String>,
    /// Changes with every look.
    pub generation: u64,
}

impl Model {
    pub fn apply(&mut self, update: Update) {
        match update {
            Update::Loading => self.instances.start(),
            Update::DriftFound { drifts } => self.drifts = drifts,
            Update::EventsOpened { since } => {
                self.events_generation += 1;
                self.events.clear();
                self.events_since = Some(since);
            }
            Update::Happened { events } => {
                self.events_generation += 1;
                for event in events {
                    // Nearly always behind the last one.
                    let place = self
                        .events
                        .iter()
                        .rposition(|known| known.at <= event.at)
                        .map_or(0, |last| last + 1);
                    self.events.insert(place, event);
                }
                let over = self.events.len().saturating_sub(EVENTS_KEPT);
                self.events.drain(..over);
            }
            Update::HostSeen { look } => {
                self.host_generation += 1;
                push(&mut self.host_ring.cpu, look.cpu);
                let used = look.memory_used_bytes as f64 / look.memory_bytes.max(1) as f64;
                push(&mut self.host_ring.memory, Some(used));
                self.host = Some(look);
            }
            Update::Signalled { pid, signal, after } => self.signalled = Some((pid, signal, after)),
            Update::Seen {
                at,
                mut instances,
                problems,
            } => {
                self.generation += 1;
                for instance in &instances {
                    let ring = self.rings.entry(instance.id.clone()).or_default();
                    push(&mut ring.cpu, instance.cpu_percent);
                    push(&mut ring.memory, instance.memory_bytes.map(|bytes| bytes as f64));
                }
                let ids: BTreeSet<&str> = instances.iter().map(|instance| instance.id.as_str()).collect();
                self.rings.retain(|id, _| ids.contains(id.as_str()));
                // The first look of a watch knows no processor time yet: the last one stands meanwhile.
                let known: BTreeMap<&str, Option<f64>> = self
                    .all()
                    .iter()
                    .map(|known| (known.id.as_str(), known.cpu_percent))
                    .collect();
                for instance in instances.iter_mut().filter(|instance| instance.is_running()) {
                    if instance.cpu_percent.is_none() {
                        instance.cpu_percent = known.get(instance.id.as_str()).copied().flatten();
                    }
                }
                self.seen_at = Some(at);
                self.problems = problems;
                self.instances.finish(instances);
            }
            Update::Inspected { id, details } => self.details = Some((id, *details)),
            Update::Acted { instance } => {
                self.generation += 1;
                if let Some(list) = self.instances.value_mut() {
                    match list.iter_mut().find(|known| known.id == instance.id) {
                        Some(known) => *known = *instance,
                        None => list.push(*instance),
                    }
                } else {
                    self.instances.finish(vec![*instance]);
                }
            }
            Update::LogOpened { log, sources } => {
                let life = self.log.as_ref().map_or(0, |log| log.life + 1);
                self.log = Some(OpenLog {
                    log,
                    sources,
                    life,
                    ..OpenLog::default()
                });
            }
            Update::LogSourceCame { log: of, name } => {
                if let Some(log) = self.log.as_mut().filter(|log| log.log == of) {
                    log.sources.push(name);
                }
            }
            Update::LogLines { log: of, lines, origins } => {
                let Some(log) = self.log.as_mut().filter(|log| log.log == of) else {
                    return;
                };
                log.generation += 1;
                log.lines.extend(lines);
                log.origins.extend(origins);
                log.origins.resize(log.lines.len(), 0);
                let over = log.lines.len().saturating_sub(LINES_KEPT);
                log.lines.drain(..over);
                log.origins.drain(..over);
                log.n_dropped += over as u64;
            }
            Update::LogCounted { log: of, secs, counts } => {
                if let Some(log) = self.log.as_mut().filter(|log| log.log == of) {
                    (log.count_secs, log.counts) = (secs, counts);
                    log.generation += 1;
                }
            }
            Update::Told { name, what } => {
                self.told.push_back((name, what));
                if self.told.len() > TOLD_KEPT {
                    self.told.pop_front();
                }
            }
            Update::LogExported { path, n_lines } => self.exported = Some((path, n_lines)),
            Update::Removed { id, name } => {
                self.generation += 1;
                if let Some(list) = self.instances.value_mut() {
                    list.retain(|known| known.id != id);
                }
                self.removed.push(name);
            }
            update => self.apply_found(update),
        }
    }

    fn apply_found(&mut self, update: Update) {
        match update {
            Update::Incidents { incidents } => self.incidents = incidents,
            Update::IncidentShown { incident } => {
                match self.incidents.iter_mut().find(|known| known.id == incident.id) {
                    Some(known) => known.clone_from(&incident),
                    None => self.incidents.insert(0, (*incident).clone()),
                }
                self.incident = Some(incident);
            }
            Update::Changed { changes } => self.changes = Some(changes),
            Update::Runbooks { books } => self.runbooks = books,
            Update::RunbookStepped { step, n, .. } => {
                if n == 1 {
                    self.stepped.clear();
                }
                self.stepped.push(step);
            }
            Update::CodeFound { line, places } => self.code = Some((line, places)),
            update => self.apply_file(update),
        }
    }

    fn apply_file(&mut self, update: Update) {
        if let Update::LogFileOpened { path, job, lines } = update {
            let life = self.file.as_ref().map_or(0, |file| file.life + 1);
            let mut file = OpenFile {
                path,
                job,
                life,
                n_lines: lines.len() as u64,
                ..OpenFile::default()
            };
            file.put(0, lines);
            self.file = Some(file);
            return;
        }
        let Some(file) = &mut self.file else { return };
        match update {
            Update::LogFileCounted {
                path,
                n_lines,
                bytes,
                note,
            } if path == file.path => {
                // The last page may have grown.
                let last = file.n_lines.saturating_sub(1) / PAGE * PAGE;
                if n_lines != file.n_lines && file.is_counted {
                    file.pages.remove(&last);
                    file.order.retain(|page| *page != last);
                }
                file.n_lines = n_lines;
                file.bytes = bytes;
                file.is_counted = true;
                file.note = note.or(file.note.take());
            }
            Update::LogFilePage { path, from, lines } if path == file.path => file.put(from, lines),
            Update::LogFileHits {
                path,
                filter,
                lines,
                fraction,
                n_hits,
            } if path == file.path => {
                let hits = file.hits.get_or_insert_default();
                if hits.filter != filter || hits.n_hits.is_some() {
                    *hits = FileHits {
                        filter,
                        ..FileHits::default()
                    };
                }
                hits.lines.extend(lines);
                hits.fraction = fraction;
                hits.n_hits = n_hits;
            }
            _ => {}
        }
    }

    /// How many instances of a workspace have failed, or how many incidents are open where these are more; None where nothing of it
    /// was looked at. Of every workspace where none is given; what belongs to none is nobody's business there.
    pub fn n_ill(&self, workspace: Option<&WorkspaceId>) -> Option<usize> {
        let instances = || {
            let is_here = move |instance: &&Instance| {
                instance
                    .workspace
                    .as_ref()
                    .is_some_and(|id| workspace.is_none_or(|wanted| id == wanted))
            };
            self.all().iter().filter(is_here)
        };
        let incidents = || {
            let is_here = move |incident: &&Incident| workspace.is_none_or(|id| *id == incident.workspace);
            self.incidents.iter().filter(is_here)
        };
        let is_known = instances().next().is_some() || incidents().next().is_some();
        let n_failed = instances().filter(|instance| instance.state == State::Failed).count();
        let n_open = incidents().filter(|incident| incident.is_open()).count();
        is_known.then_some(n_failed.max(n_open))
    }

    pub fn all(&self) -> &[Instance] {
        self.instances.value().map_or(&[], Vec::as_slice)
    }

    pub fn get(&self, id: &str) -> Option<&Instance> {
        self.all().iter().find(|instance| instance.id == id)
    }
}

fn push(values: &mut VecDeque<f64>, value: Option<f64>) {
    let Some(value) = value else { return };
    values.push_back(value);
    if values.len() > RING {
        values.pop_front();
    }
}
