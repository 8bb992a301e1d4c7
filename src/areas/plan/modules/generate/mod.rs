//! From a planned module to files: rendered from a template, merged with what hands changed since the last time, shown, then written.
//! The texts generated last stand in `.chantier/generated`, so that they travel with the branch whose files were made from them.
//! Everything here blocks; jobs call it through `JobCtx::blocking`.

mod carry;
mod context;
mod expand;
mod follow;
mod hands;
mod odoo;
mod render;
mod taken;
mod words;

pub use carry::carried;
pub use expand::{compacted, expanded, is_bare};
pub use render::{TemplateInfo, USER_FOLDER, is_built_in, no_template, render, templates};
pub use taken::{is_field_taken, is_one, is_taken, is_type_taken};
pub use words::{is_usual_default, pascal, python_name, snake, written_type};

use super::known::Plan;
use super::schema::Module;
use crate::adapters::files::{self, Beneath};
use crate::adapters::git::Git;
use crate::areas::plan::front::{conflict_line, one_side};
use crate::base::diff::DiffFile;
use crate::base::{Problem, Workspace};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Where the texts generated last stand, below the root.
pub const BASES: &str = ".chantier/generated";
const MAX_BYTES: u64 = 4 << 20;

/// What generating does with one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Both sides changed the same lines.
    Conflict,
    /// There is a file by that name that was never generated.
    Foreign,
    /// Hand edits and the plan's changes go together.
    Merged,
    Changed,
    New,
    /// No longer generated, and untouched: it goes.
    Removed,
    /// No longer generated, but changed by hand: it stays.
    Left,
    /// Changed by hand only.
    Edited,
    /// Removed by hand: it stays away, unless what the plan gives is asked for.
    Deleted,
    /// It still holds the marks of a conflict that was written into it.
    Unsolved,
    Same,
}

impl FileState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Foreign => "foreign",
            Self::Merged => "merged",
            Self::Changed => "changed",
            Self::New => "new",
            Self::Removed => "removed",
            Self::Left => "left",
            Self::Edited => "edited",
            Self::Deleted => "deleted",
            Self::Unsolved => "unsolved",
            Self::Same => "same",
        }
    }

    /// Needs a decision before anything is written.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Conflict | Self::Foreign | Self::Unsolved)
    }

    pub fn is_written(self) -> bool {
        matches!(
            self,
            Self::Conflict | Self::Foreign | Self::Unsolved | Self::Merged | Self::Changed | Self::New | Self::Removed
        )
    }
}

/// What becomes of files that both sides changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// Nothing is written.
    #[default]
    Refuse,
    /// Git's marks are written into the file.
    Marks,
    /// The file stays as it is.
    Mine,
    /// The generated text is written.
    Generated,
}

/// One file that the template gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutFile {
    /// Below the module's folder.
    pub path: String,
    /// The file below the root that it was until the model or the module got another name; it goes.
    #[serde(default)]
    pub from: Option<PathBuf>,
    pub state: FileState,
    pub n_conflicts: usize,
    /// What is there now against what would be.
    pub diff: DiffFile,
    /// The text that would be written; None removes the file.
    pub text: Option<String>,
    /// The text as generated, kept for the next time.
    pub generated: Option<String>,
    /// Of the file as it was compared; None when there was none.
    pub seen: Option<String>,
}

impl OutFile {
    /// Something is written for it.
    pub fn is_written(&self) -> bool {
        self.state.is_written() || self.from.is_some()
    }
}

/// What generating a module would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    pub module: String,
    pub template: String,
    /// The module's folder below the root.
    pub target: PathBuf,
    pub files: Vec<OutFile>,
    /// The text of the plan, kept beside the texts for the next time.
    #[serde(default)]
    pub plan: String,
    /// Hands wrote the module: it is compared with what its code says, and only the texts of files that came beside it are kept.
    #[serde(default)]
    pub is_of_hands: bool,
    /// Texts kept under names that nothing has any more, below the root.
    #[serde(default)]
    pub outdated: Vec<PathBuf>,
}

impl Output {
    /// The folder that the module stands in, for people: `.` is the root.
    pub fn folder(&self) -> &Path {
        if self.target.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.target
        }
    }

    pub fn count(&self, state: FileState) -> usize {
        self.files.iter().filter(|file| file.state == state).count()
    }

    pub fn n_open(&self) -> usize {
        self.files.iter().filter(|file| file.state.is_open()).count()
    }

    pub fn n_written(&self) -> usize {
        self.files.iter().filter(|file| file.is_written()).count()
    }
}

/// The folder that a module is generated into, below the root: one by its name, unless it was read from another.
pub fn target_of(module: &Module) -> Result<PathBuf, Problem> {
    let folder = Path::new(module.values.text("target"));
    let own = module.values.text("folder");
    if folder.as_os_str().is_empty() && !own.is_empty() {
        return clean_folder(Path::new(own)).ok_or_else(|| leads_out(own));
    }
    let target = clean(&folder.join(&module.name));
    target.ok_or_else(|| leads_out(&folder.to_string_lossy()))
}

/// The problem of a path that is not below the root.
pub fn leads_out(path: &str) -> Problem {
    let problem = Problem::user(msg!("plan-modules-leads-out", path = crate::base::SafeText::new(path)));
    problem.code("leads-out").hint(msg!("plan-modules-leads-out-hint"))
}

/// A path of plain names only; None when it leads out or into the repository's own folder.
pub fn clean(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) if name != ".git" => out.push(name),
            _ => return None,
        }
    }
    (!out.as_os_str().is_empty()).then_some(out)
}

/// The same of a folder, which may be the root itself: `.` is the empty path.
pub fn clean_folder(path: &Path) -> Option<PathBuf> {
    let is_root = !path.as_os_str().is_empty() && path.components().all(|part| part == Component::CurDir);
    if is_root { Some(PathBuf::new()) } else { clean(path) }
}

fn read(beneath: &Beneath, path: &Path) -> Result<Option<String>, Problem> {
    match beneath.read_text(path, MAX_BYTES) {
        Ok(text) => Ok(Some(text)),
        Err(problem) if problem.code == "not-found" => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Works out what generating would do in a checkout. `plan_root` holds the plan and the user's templates, `root` the files: the same
/// folder, or a worktree of another branch.
pub fn preview(
    git: &Git,
    workspace: &Workspace,
    root: &Path,
    plan: &Plan,
    module: &Module,
    template: Option<&str>,
) -> Result<Output, Problem> {
    let template = template.unwrap_or_else(|| module.template());
    let rendered = render::rendered(workspace, plan, module, template)?;
    let target = target_of(module)?;
    let beneath = Beneath::open(root)?;
    let bases = Path::new(BASES).join(&module.name).join(template);
    let mut known = bases_of(root, &bases)?;
    let mut followed = follow::follow(workspace, root, &beneath, plan, module, template, &rendered)?;
    let mut moved: BTreeMap<String, (follow::Old, String)> = BTreeMap::new();
    for (path, old) in std::mem::take(&mut followed.files) {
        // What stands under the new name already is not written over, and what is gone can not move.
        let is_same_text = old.base == bases.join(&path);
        let is_free = (is_same_text || !known.contains(&path)) && read(&beneath, &target.join(&path))?.is_none();
        if let Some(ours) = read(&beneath, &old.file)?.filter(|_| is_free) {
            moved.insert(path, (old, ours));
        }
    }
    // A folder that is gone whole, or was never there, is written anew.
    if moved.is_empty() && !root.join(&target).is_dir() {
        known.clear();
    }
    let is_generated = !known.is_empty() || !moved.is_empty() || followed.record.is_some();
    let of_hands = if is_generated {
        None
    } else {
        hands::files_of(git, workspace, root, &beneath, plan, module, template, &target, &rendered)?
    };
    let text = read(&Beneath::open(&workspace.root)?, &module.file)?.unwrap_or_default();
    if let Some(files) = of_hands {
        return Ok(Output {
            module: module.name.clone(),
            template: template.to_owned(),
            target,
            files,
            plan: text,
            is_of_hands: true,
            outdated: Vec::new(),
        });
    }
    let texts: BTreeMap<&String, &str> = rendered.iter().map(|file| (&file.path, file.text.as_str())).collect();
    let mut files = Vec::new();
    let all: BTreeSet<&String> = texts.keys().copied().chain(&known).collect();
    for path in all {
        let theirs = texts.get(path).copied();
        if let Some((old, ours)) = moved.get(path) {
            let base = read(&beneath, &old.base)?.map(|base| settled(base, Some(ours)));
            let mut file = one(git, path, base.as_deref(), Some(ours), theirs)?;
            file.from = Some(old.file.clone());
            files.push(file);
            continue;
        }
        let file = target.join(path);
        if theirs.is_none() && moved.values().any(|(old, _)| old.file == file) {
            continue;
        }
        let ours = read(&beneath, &file)?;
        let base = if known.contains(path) {
            read(&beneath, &bases.join(path))?.map(|base| settled(base, ours.as_deref()))
        } else {
            None
        };
        files.push(one(git, path, base.as_deref(), ours.as_deref(), theirs)?);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let kept = |base: &PathBuf| texts.keys().any(|path| bases.join(path) == *base);
    let outdated = moved.values().map(|(old, _)| old.base.clone()).filter(|base| !kept(base));
    let outdated: Vec<PathBuf> = outdated.chain(followed.record).collect();
    Ok(Output {
        module: module.name.clone(),
        template: template.to_owned(),
        target,
        files,
        plan: text,
        is_of_hands: false,
        outdated,
    })
}

/// A text kept from the last time that a merge left both sides in: the side that the file was taken from.
fn settled(base: String, ours: Option<&str>) -> String {
    if conflict_line(&base).is_none() || ours == Some(base.as_str()) {
        return base;
    }
    let theirs = one_side(&base, false);
    if ours == Some(theirs.as_str()) {
        theirs
    } else {
        one_side(&base, true)
    }
}

/// The files of the last generation.
fn bases_of(root: &Path, bases: &Path) -> Result<BTreeSet<String>, Problem> {
    let mut out = BTreeSet::new();
    let mut open = vec![bases.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = match files::list_dir(&root.join(&folder)) {
            Ok(entries) => entries,
            Err(problem) if problem.code == "not-found" => continue,
            Err(problem) => return Err(problem),
        };
        for entry in entries {
            let path = folder.join(&entry.name);
            if entry.is_dir {
                open.push(path);
            } else if let Ok(path) = path.strip_prefix(bases) {
                out.insert(path.to_string_lossy().into_owned());
            }
        }
    }
    Ok(out)
}

fn one(git: &Git, path: &str, base: Option<&str>, ours: Option<&str>, theirs: Option<&str>) -> Result<OutFile, Problem> {
    let mut n_conflicts = 0;
    let (state, text) = match (base, ours, theirs) {
        (_, Some(ours), Some(theirs)) if ours == theirs => (FileState::Same, Some(ours.to_owned())),
        (None, None, Some(theirs)) => (FileState::New, Some(theirs.to_owned())),
        (None, Some(ours), Some(theirs)) => {
            n_conflicts = 1;
            // Without a common ancestor everything that differs collides.
            let merged = git.merge_texts("", ours, theirs, ("hand", "plan"))?;
            (FileState::Foreign, Some(merged.text))
        }
        // Taken away by hand: it stays away while the plan says nothing new.
        (Some(base), None, Some(theirs)) if base == theirs => (FileState::Deleted, None),
        (Some(_), None, Some(theirs)) => {
            n_conflicts = 1;
            (FileState::Conflict, Some(theirs.to_owned()))
        }
        (Some(_), Some(ours), Some(_)) if holds_marks(ours) => {
            n_conflicts = 1;
            (FileState::Unsolved, Some(ours.to_owned()))
        }
        (Some(base), Some(ours), Some(theirs)) if base == ours => (FileState::Changed, Some(theirs.to_owned())),
        (Some(base), Some(ours), Some(theirs)) if base == theirs => (FileState::Edited, Some(ours.to_owned())),
        (Some(base), Some(ours), Some(theirs)) => {
            let merged = git.merge_texts(base, ours, theirs, ("hand", "plan"))?;
            n_conflicts = merged.n_conflicts;
            let state = if n_conflicts > 0 {
                FileState::Conflict
            } else if merged.text == ours {
                FileState::Edited
            } else {
                FileState::Merged
            };
            (state, Some(merged.text))
        }
        (Some(base), Some(ours), None) if base == ours => (FileState::Removed, None),
        (_, Some(ours), None) => (FileState::Left, Some(ours.to_owned())),
        (_, None, None) => (FileState::Same, None),
    };
    compared(git, path, state, n_conflicts, ours, text, theirs.map(str::to_owned))
}

/// A file with the difference that writing it would make.
fn compared(
    git: &Git,
    path: &str,
    state: FileState,
    n_conflicts: usize,
    ours: Option<&str>,
    text: Option<String>,
    generated: Option<String>,
) -> Result<OutFile, Problem> {
    Ok(OutFile {
        path: path.to_owned(),
        from: None,
        state,
        n_conflicts,
        diff: git.diff_texts(path, ours, text.as_deref())?,
        text,
        generated,
        seen: ours.map(|text| files::sha256_of(text.as_bytes())),
    })
}

/// The marks that `OnConflict::Marks` writes.
fn holds_marks(text: &str) -> bool {
    let has = |mark: &str| text.lines().any(|line| line.starts_with(mark));
    has("<<<<<<< hand") && has(">>>>>>> plan")
}

/// Writes what was previewed, when every file still is what it was compared with. Gives the paths below the root that were written.
pub fn write(root: &Path, output: &Output, on_conflict: OnConflict) -> Result<Vec<PathBuf>, Problem> {
    if on_conflict == OnConflict::Refuse && output.n_open() > 0 {
        let open: Vec<&str> = output
            .files
            .iter()
            .filter(|file| file.state.is_open())
            .map(|file| file.path.as_str())
            .collect();
        let problem = Problem::user(msg!(
            "plan-modules-conflicts",
            n = open.len(),
            module = output.module.as_str()
        ));
        return Err(problem
            .code("conflict")
            .details(open.join("\n"))
            .hint(msg!("plan-modules-conflicts-hint")));
    }
    let beneath = Beneath::open(root)?;
    for file in &output.files {
        let path = file.from.clone().unwrap_or_else(|| output.target.join(&file.path));
        let now = read(&beneath, &path)?;
        let is_taken = file.from.is_some() && read(&beneath, &output.target.join(&file.path))?.is_some();
        if is_taken || now.map(|text| files::sha256_of(text.as_bytes())) != file.seen {
            let problem = Problem::user(msg!("plan-modules-changed-meanwhile", file = &path)).code("changed");
            return Err(problem
                .hint(msg!("plan-modules-changed-meanwhile-hint"))
                .at_place(root.join(path), 0, 0));
        }
    }
    let bases = Path::new(BASES).join(&output.module).join(&output.template);
    let mut written = Vec::new();
    for file in &output.files {
        let path = output.target.join(&file.path);
        let keeps_mine = file.state.is_open() && on_conflict == OnConflict::Mine;
        let mine = match &file.from {
            Some(from) if keeps_mine => read(&beneath, from)?,
            _ => None,
        };
        let is_back = file.state == FileState::Deleted && on_conflict == OnConflict::Generated;
        let text = if is_back || file.state.is_open() && on_conflict == OnConflict::Generated {
            &file.generated
        } else if mine.is_some() {
            &mine
        } else {
            &file.text
        };
        if file.from.is_some() || is_back || file.state.is_written() && !keeps_mine {
            if output.is_of_hands {
                let before = read(&beneath, &path)?;
                written.extend(hands::keep(&beneath, output, file, before.as_ref())?);
            }
            match text {
                Some(text) => beneath.write_atomic(&path, text.as_bytes())?,
                None => beneath.remove_file(&path)?,
            }
            written.push(path);
        }
        if let Some(from) = &file.from {
            beneath.remove_file(from)?;
            written.push(from.clone());
        }
        if output.is_of_hands {
            continue;
        }
        let base = bases.join(&file.path);
        let known = read(&beneath, &base)?;
        match &file.generated {
            Some(text) if known.as_ref() != Some(text) => {
                beneath.write_atomic(&base, text.as_bytes())?;
                written.push(base);
            }
            None if known.is_some() => {
                beneath.remove_file(&base)?;
                written.push(base);
            }
            _ => {}
        }
    }
    for path in &output.outdated {
        if read(&beneath, path)?.is_some() {
            beneath.remove_file(path)?;
            written.push(path.clone());
        }
    }
    let record = follow::record_of(&output.module, &output.template);
    if !output.is_of_hands && read(&beneath, &record)?.as_ref() != Some(&output.plan) {
        beneath.write_atomic(&record, output.plan.as_bytes())?;
        written.push(record);
    }
    Ok(written)
}
