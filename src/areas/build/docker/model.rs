//! What is known of the container engine. Pure: changes only in `apply`.

use super::{Deed, ProjectRow, Shown, Update};
use crate::base::docker::{
    BuildStep, ContainerRow, DiskRow, Holdings, Image, Kind, LABEL_FILES, LABEL_FOLDER, NetworkRow, PruneItem, PrunePlan, Stats,
    Top, VolumeRow, short_id,
};
use crate::base::{Loadable, LogLine, Problem, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

/// Values kept per container for its small charts.
pub const RING: usize = 120;
const LINES_KEPT: usize = 20_000;
const SHOWN_KEPT: usize = 32;
const DEEDS_KEPT: usize = 200;

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub held: Loadable<Holdings>,
    pub seen_at: Option<Timestamp>,
    /// Why the engine does not answer; what is known stands as it was.
    pub lost: Option<Problem>,
    shown: VecDeque<Shown>,
    pub disk: Loadable<Vec<DiskRow>>,
    pub deeds: VecDeque<(Kind, Vec<String>, Deed)>,
    pub build: Option<BuildView>,
    /// Output of a container, a command in one, or compose.
    pub log: Option<OpenLog>,
    /// By container id, oldest first.
    pub stats: BTreeMap<String, VecDeque<Stats>>,
    pub top: Option<(String, Top)>,
    /// The last command in a container, and its exit code.
    pub executed: Option<(String, i64)>,
    pub plan: Option<PrunePlan>,
    /// What went, what stayed, bytes.
    pub pruned: Option<(Vec<PruneItem>, Vec<PruneItem>, u64)>,
    /// Changes with every look.
    pub generation: u64,
}

/// The build that runs or ran last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BuildView {
    pub folder: PathBuf,
    pub tags: Vec<String>,
    pub steps: Vec<BuildStep>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// When it ended well.
    pub image: Option<String>,
}

/// The log that is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpenLog {
    pub of: String,
    pub lines: VecDeque<LogLine>,
    pub n_dropped: u64,
}

impl Model {
    pub fn apply(&mut self, update: Update) {
        match update {
            Update::Loading => self.held.start(),
            Update::Seen { at, held } => {
                self.generation += 1;
                self.seen_at = Some(at);
                self.lost = None;
                let running: Vec<&str> = held
                    .containers
                    .iter()
                    .filter(|row| row.is_running())
                    .map(|row| row.id.as_str())
                    .collect();
                self.stats.retain(|id, _| running.contains(&id.as_str()));
                self.held.finish(*held);
            }
            Update::Lost { problem } => {
                self.generation += 1;
                self.stats.clear();
                if self.held.value().is_none() {
                    self.held.fail(problem.clone());
                }
                self.lost = Some(problem);
            }
            Update::Shown(shown) => {
                self.shown.retain(|known| known.id != shown.id || known.kind != shown.kind);
                self.shown.push_back(*shown);
                if self.shown.len() > SHOWN_KEPT {
                    self.shown.pop_front();
                }
            }
            Update::DiskCounted { rows } => self.disk.finish(rows),
            Update::Acted { kind, names, deed } => {
                self.deeds.push_back((kind, names, deed));
                if self.deeds.len() > DEEDS_KEPT {
                    self.deeds.pop_front();
                }
            }
            Update::BuildStarted { folder, tags, at } => {
                self.build = Some(BuildView {
                    folder,
                    tags,
                    started_at: at,
                    ..BuildView::default()
                });
            }
            Update::StepChanged { step } => {
                let Some(build) = &mut self.build else { return };
                match build.steps.iter_mut().find(|known| known.number == step.number) {
                    Some(known) => *known = *step,
                    None => build.steps.push(*step),
                }
            }
            Update::BuildEnded { image, at } => {
                if let Some(build) = &mut self.build {
                    build.ended_at = Some(at);
                    build.image = image;
                }
            }
            Update::LogOpened { of } => {
                self.log = Some(OpenLog {
                    of,
                    ..OpenLog::default()
                });
            }
            Update::LogLines { of, lines } => {
                let Some(log) = self.log.as_mut().filter(|log| log.of == of) else {
                    return;
                };
                log.lines.extend(lines);
                let over = log.lines.len().saturating_sub(LINES_KEPT);
                log.lines.drain(..over);
                log.n_dropped += over as u64;
            }
            Update::Sampled { stats } => {
                for one in stats {
                    let ring = self.stats.entry(one.container.clone()).or_default();
                    ring.push_back(one);
                    if ring.len() > RING {
                        ring.pop_front();
                    }
                }
            }
            Update::TopShown { container, top } => self.top = Some((container, top)),
            Update::Executed { container, code } => self.executed = Some((container, code)),
            Update::PrunePlanned { plan } => {
                self.pruned = None;
                self.plan = Some(plan);
            }
            Update::Pruned { removed, kept, bytes } => {
                self.plan = None;
                self.pruned = Some((removed, kept, bytes));
            }
        }
    }

    pub fn images(&self) -> &[Image] {
        self.held.value().map_or(&[], |held| held.images.as_slice())
    }

    pub fn containers(&self) -> &[ContainerRow] {
        self.held.value().map_or(&[], |held| held.containers.as_slice())
    }

    pub fn volumes(&self) -> &[VolumeRow] {
        self.held.value().map_or(&[], |held| held.volumes.as_slice())
    }

    pub fn networks(&self) -> &[NetworkRow] {
        self.held.value().map_or(&[], |held| held.networks.as_slice())
    }

    pub fn shown(&self, kind: Kind, id: &str) -> Option<&Shown> {
        self.shown.iter().find(|shown| shown.kind == kind && shown.id == id)
    }

    pub fn last_shown(&self) -> Option<&Shown> {
        self.shown.back()
    }

    /// The compose projects that containers belong to.
    pub fn projects(&self) -> Vec<ProjectRow> {
        projects(self.containers())
    }
}

/// Compose projects by the labels of their containers, by name.
pub fn projects(containers: &[ContainerRow]) -> Vec<ProjectRow> {
    let mut projects: BTreeMap<&str, ProjectRow> = BTreeMap::new();
    for row in containers {
        let Some(name) = row.project() else { continue };
        let label = |key: &str| row.labels.get(key).map(String::as_str).unwrap_or_default();
        let project = projects.entry(name).or_insert_with(|| ProjectRow {
            name: name.to_owned(),
            folder: PathBuf::from(label(LABEL_FOLDER)),
            files: label(LABEL_FILES)
                .split(',')
                .filter(|file| !file.is_empty())
                .map(PathBuf::from)
                .collect(),
            ..ProjectRow::default()
        });
        project.n_containers += 1;
        project.n_running += usize::from(row.is_running());
        if let Some(service) = row.service() {
            project.services.push(service.to_owned());
        }
    }
    let mut all: Vec<ProjectRow> = projects.into_values().collect();
    for project in &mut all {
        project.services.sort();
        project.services.dedup();
    }
    all
}

/// The one thing that a word means: its whole id or name, else the only one whose id begins so. Err is how many there are.
pub fn pick<'a, T>(all: &'a [T], word: &str, id: impl Fn(&T) -> &str, has_name: impl Fn(&T) -> bool) -> Result<&'a T, usize> {
    if let Some(one) = all.iter().find(|one| id(one) == word || has_name(one)) {
        return Ok(one);
    }
    let wanted = word.strip_prefix("sha256:").unwrap_or(word);
    let is_id = wanted.len() >= 2 && wanted.bytes().all(|byte| byte.is_ascii_hexdigit());
    let full = |one: &T| id(one).strip_prefix("sha256:").unwrap_or(id(one)).to_owned();
    let mut alike = all.iter().filter(|one| is_id && full(one).starts_with(wanted));
    match (alike.next(), alike.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(0),
        (Some(_), Some(_)) => Err(2),
    }
}

/// Whether an image goes by this name: `busybox` is `busybox:latest`.
pub fn image_is(image: &Image, word: &str) -> bool {
    let wanted = familiar(word);
    let is_it = |tag: &String| {
        let tag = familiar(tag);
        tag == wanted || tag.strip_suffix(":latest") == Some(wanted)
    };
    image.tags.iter().any(is_it) || short_id(&image.id) == word
}

/// A reference without what goes without saying: Podman writes out where an image belongs.
fn familiar(reference: &str) -> &str {
    ["docker.io/library/", "docker.io/", "localhost/"]
        .iter()
        .find_map(|home| reference.strip_prefix(home))
        .unwrap_or(reference)
}
