//! What is known of the planned modules of each workspace. Pure: changes only in `apply`.

use super::check::{self, Finding};
use super::drift::Drift;
use super::generate::{Output, TemplateInfo};
use super::refactor::are_of_one_language;
use super::schema::{Address, Module, PartKind, PlannedModel, view_at};
use super::{Did, Update};
use crate::base::{Loadable, Problem, SafeText, WorkspaceId};
use crate::msg;
use std::collections::{BTreeMap, BTreeSet};

/// The modules of one workspace.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Plan {
    pub modules: Vec<Module>,
    /// Files that are no modules, and why.
    pub unreadable: Vec<Problem>,
    /// What is odd in files that are.
    pub odd: Vec<Problem>,
    /// What a module can be generated from.
    pub templates: Vec<TemplateInfo>,
}

impl Plan {
    pub fn module(&self, name: &str) -> Option<&Module> {
        self.modules.iter().find(|module| module.name == name)
    }

    /// Every model that is made by the plan, with its module.
    pub fn models(&self) -> impl Iterator<Item = (&Module, &PlannedModel)> {
        self.modules
            .iter()
            .flat_map(|module| module.models.iter().map(move |model| (module, model)))
    }

    /// The module that makes a model.
    pub fn owner(&self, model: &str) -> Option<(&Module, &PlannedModel)> {
        self.models().find(|(_, known)| known.name == model && !known.is_extension())
    }

    /// The module that makes a model, as another module sees it: itself, one that it depends on, one of its language, then any.
    pub fn owner_for<'a>(&'a self, module: &'a Module, model: &str) -> Option<(&'a Module, &'a PlannedModel)> {
        let makes = |owner: &'a Module| -> Option<(&'a Module, &'a PlannedModel)> {
            let made = owner.models.iter().find(|known| known.name == model && !known.is_extension());
            made.map(|made| (owner, made))
        };
        let depends = module.depends();
        let of_language = || self.modules.iter().filter(|owner| are_of_one_language(module, owner));
        let depended = || of_language().filter(|owner| depends.contains(&owner.name.as_str()));
        makes(module)
            .or_else(|| depended().find_map(makes))
            .or_else(|| of_language().find_map(makes))
            .or_else(|| self.owner(model))
    }

    /// Everything that stands under a model's name where a module looks for it: the model, and what extends it.
    pub fn seen_from<'a>(&'a self, module: &'a Module, model: &'a str) -> impl Iterator<Item = (&'a Module, &'a PlannedModel)> {
        let owner = self.owner_for(module, model).map(|(owner, _)| owner);
        let is_it = move |other: &Module| match owner {
            Some(owner) if has_own_space(owner) => owner.name == other.name,
            _ => !has_own_space(other),
        };
        self.models()
            .filter(move |(other, known)| known.name == model && is_it(other))
    }

    pub fn model_at(&self, at: &Address) -> Option<&PlannedModel> {
        self.module(&at.module)?.model(at.model.as_deref()?)
    }

    /// The problem of a name that is not there, or that stands in a file that can not be read: then that is what is told.
    pub fn absent(&self, typed: &str) -> Problem {
        let first = typed.split('/').next().unwrap_or_default();
        let is_named = |problem: &&Problem| {
            let stem = problem.place.as_ref().and_then(|place| place.path.file_stem());
            stem.is_some_and(|stem| stem.to_string_lossy() == first)
        };
        // A model may stand in any file that can not be read.
        let any = || self.unreadable.first().filter(|_| self.find(first).is_none());
        if let Some(problem) = self.unreadable.iter().find(is_named).or_else(any) {
            return problem.clone();
        }
        let problem = Problem::user(msg!("plan-modules-no-such", name = SafeText::new(typed))).code("not-found");
        problem.hint(msg!("plan-modules-no-such-hint"))
    }

    /// What stands at an address that was typed: `module`, `module/model`, `model`, `model/field`, with `view:list` for other parts.
    pub fn find(&self, typed: &str) -> Option<Address> {
        let mut words = typed.split('/');
        let first = words.next()?;
        let (module, mut model) = match self.module(first) {
            Some(module) => (module, None),
            None => {
                let owner = self
                    .owner(first)
                    .or_else(|| self.models().find(|(_, model)| model.name == first));
                owner.map(|(module, model)| (module, Some(model)))?
            }
        };
        let mut rest = words.next();
        if model.is_none()
            && let Some(known) = rest.and_then(|word| module.model(word))
        {
            model = Some(known);
            rest = words.next();
        }
        let at = match model {
            Some(model) => Address::model(&module.name, &model.name),
            None => Address::module(&module.name),
        };
        let Some(word) = rest else { return Some(at) };
        if words.next().is_some() {
            return None;
        }
        let (kind, name) = match word.split_once(':') {
            Some(("view", name)) => (PartKind::View, name),
            Some(("constraint", name)) => (PartKind::Constraint, name),
            Some(("access", name)) => (PartKind::Access, name),
            Some(("group", name)) => (PartKind::Group, name),
            Some(("menu", name)) => (PartKind::Menu, name),
            Some(("field", name)) => (PartKind::Field, name),
            Some(_) => return None,
            None => (PartKind::Field, word),
        };
        let is_there = match (model, kind) {
            (Some(model), PartKind::Field) => model.field(name).is_some(),
            (Some(model), PartKind::View) => view_at(&model.views, name).is_some(),
            (Some(model), PartKind::Constraint) => model.constraints.iter().any(|part| part.name == name),
            (Some(model), PartKind::Access) => model.access.iter().any(|access| access.group == name),
            (None, PartKind::Group) => module.groups.iter().any(|part| part.name == name),
            (None, PartKind::Menu) => module.menus.iter().any(|part| part.name == name),
            _ => false,
        };
        let part = Some((kind, name.to_owned()));
        is_there.then_some(Address { part, ..at })
    }
}

/// Packages of the languages have a space of names each; Odoo has one for all.
pub fn has_own_space(module: &Module) -> bool {
    matches!(module.template(), "rust" | "python" | "typescript")
}

/// A plan with what was found in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    pub plan: Plan,
    pub findings: Vec<Finding>,
    /// Counts every change.
    pub generation: u64,
}

impl Checked {
    pub fn n_errors(&self) -> usize {
        self.plan.unreadable.len() + self.findings.iter().filter(|finding| finding.is_error).count()
    }

    pub fn n_warnings(&self) -> usize {
        self.plan.odd.len() + self.findings.iter().filter(|finding| !finding.is_error).count()
    }
}

/// The last act in a workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct LastAct {
    pub did: Did,
    pub number: u64,
}

/// All that is known of planned modules.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub plans: BTreeMap<WorkspaceId, Loadable<Checked>>,
    pub watched: BTreeSet<WorkspaceId>,
    pub last: BTreeMap<WorkspaceId, LastAct>,
    /// What generating would write, by workspace.
    pub outputs: BTreeMap<WorkspaceId, Loadable<Output>>,
    pub drifts: BTreeMap<WorkspaceId, Loadable<Vec<Drift>>>,
    /// Whether something can be undone and redone.
    pub undo: BTreeMap<WorkspaceId, (bool, bool)>,
    n_changes: u64,
}

impl Known {
    pub fn plan(&self, workspace: &WorkspaceId) -> Option<&Checked> {
        self.plans.get(workspace).and_then(Loadable::value)
    }

    pub fn apply(&mut self, update: Update) {
        self.n_changes += 1;
        match update {
            Update::LoadStarted { workspace } => self.plans.entry(workspace).or_default().start(),
            Update::Loaded {
                workspace,
                plan,
                can_undo,
                can_redo,
            } => {
                self.undo.insert(workspace.clone(), (can_undo, can_redo));
                let checked = Checked {
                    findings: check::findings(&plan),
                    plan,
                    generation: self.n_changes,
                };
                self.plans.entry(workspace).or_default().finish(checked);
            }
            Update::LoadFailed { workspace, problem } => {
                let plan = self.plans.entry(workspace).or_default();
                if problem.is_cancelled() {
                    plan.give_up();
                } else {
                    plan.fail(problem);
                }
            }
            Update::Done { workspace, did } => {
                let number = self.n_changes;
                self.last.insert(workspace, LastAct { did, number });
            }
            Update::Previewing { workspace } => self.outputs.entry(workspace).or_default().start(),
            Update::Previewed { workspace, output } => self.outputs.entry(workspace).or_default().finish(output),
            Update::PreviewFailed { workspace, problem } => self.outputs.entry(workspace).or_default().fail(problem),
            Update::Comparing { workspace } => self.drifts.entry(workspace).or_default().start(),
            Update::Compared { workspace, drifts } => self.drifts.entry(workspace).or_default().finish(drifts),
            Update::CompareFailed { workspace, problem } => self.drifts.entry(workspace).or_default().fail(problem),
            Update::Watching { workspace, is_on: true } => {
                self.watched.insert(workspace);
            }
            Update::Watching { workspace, is_on: false } => {
                self.watched.remove(&workspace);
            }
        }
    }
}
