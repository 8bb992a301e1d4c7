//! `chantier plan module <verb>`: the planned modules as text and as JSON.

mod told;
mod typed;

pub(in crate::areas::plan) use told::key_of;

use super::schema::{Address, FieldKind, PartKind, Values, title_of, view_name};
use super::{Change, Command, GenerateOptions, Known, OnConflict, Plan, refactor};
use crate::areas::cli::{Answer, Here};
use crate::base::{Catalog, Msg, Problem, SafeText};
use crate::msg;
use std::path::PathBuf;
use typed::{known_template, sets, value_of, with_pairs};

#[derive(Clone, Debug, clap::Subcommand)]
pub enum ModuleVerb {
    /// Every module with its models, and what is wrong
    List,
    /// One module, model or field: `coop`, `coop.share`, `coop.share/quantity`
    Show { name: String },
    /// Say what is wrong and what would put it right; ends with 1 when something stops the generation
    Check {
        /// Apply the first fix of every finding that has one
        #[arg(long)]
        fix: bool,
    },
    /// Plan a new module: `.chantier/modules/NAME.toml`
    New {
        name: String,
        #[arg(long, default_value = "")]
        title: String,
        /// What it is generated from: odoo, rust, python, typescript, or a template of your own
        #[arg(long, default_value = "odoo")]
        template: String,
        /// The folder it is generated into, below the workspace
        #[arg(long, default_value = "")]
        target: String,
        /// Modules that it needs, separated by commas
        #[arg(long, value_delimiter = ',')]
        depends: Vec<String>,
        #[arg(long, default_value = "")]
        author: String,
    },
    /// Plan a model in a module
    AddModel {
        module: String,
        model: String,
        #[arg(long, default_value = "")]
        title: String,
        /// More fields for a model that another module has
        #[arg(long)]
        extend: bool,
    },
    /// Plan a field: `coop.share quantity integer --set required=true`
    AddField {
        model: String,
        name: String,
        /// One of the 16 types: char, text, html, boolean, integer, float, monetary, date, datetime, binary, json, selection, reference, many2one, one2many, many2many
        #[arg(value_name = "TYPE", default_value = "char")]
        kind: String,
        /// More values: `string=Label`, `required=true`, `values=draft,done`, `target=res.partner`
        #[arg(long = "set", value_name = "KEY=VALUE")]
        values: Vec<String>,
    },
    /// Plan a relation from one model to another, with its other side
    Connect {
        model: String,
        target: String,
        /// many2one, one2many or many2many
        #[arg(long = "as", value_name = "TYPE", default_value = "many2one")]
        kind: String,
        /// The field's name, instead of one made from the target
        #[arg(long)]
        name: Option<String>,
        /// The many2one of the target that a one2many is the other side of
        #[arg(long)]
        inverse: Option<String>,
    },
    /// Plan a view, constraint, right, group or menu: `coop.share/view:list`, `coop/group:user`
    Add {
        at: String,
        #[arg(long = "set", value_name = "KEY=VALUE")]
        values: Vec<String>,
    },
    /// Change values of a module, model, field or part; an empty value clears
    Set {
        at: String,
        #[arg(required = true, value_name = "KEY=VALUE")]
        values: Vec<String>,
    },
    /// Rename a module, model or field, and what points to it
    Rename { at: String, to: String },
    /// Remove a module, model, field or part
    Remove { at: String },
    /// Take the last change of the planned modules back
    Undo,
    /// Do again what was taken back
    Redo,
    /// What a module can be generated from
    Templates,
    /// Write a module's files; hand edits since the last time are kept
    Generate {
        module: String,
        #[arg(long)]
        template: Option<String>,
        /// Only show the files and what would change in them
        #[arg(long)]
        preview: bool,
        /// What to do with files that both sides changed
        #[arg(long, value_enum, default_value_t)]
        on_conflict: OnConflict,
        /// Commit to this branch in a worktree of its own instead of writing here
        #[arg(long)]
        branch: Option<String>,
        /// Commit what was written, with this message
        #[arg(long, value_name = "MESSAGE")]
        commit: Option<String>,
    },
    /// Read the modules of a folder into the plan: Odoo, Cargo, npm, Python
    Read {
        path: PathBuf,
        /// Its name in the plan
        #[arg(long)]
        to: Option<String>,
        /// Only tell what is there
        #[arg(long)]
        dry_run: bool,
        /// Replace a module that the plan has
        #[arg(long)]
        replace: bool,
    },
    /// What only the plan or only the code has, and what they say differently
    Drift {
        module: Option<String>,
        /// Make the plan say what the code says
        #[arg(long)]
        to_plan: bool,
    },
}

impl ModuleVerb {
    pub fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let workspace = here.workspace.clone();
        let load = Command::Load {
            workspace: workspace.clone(),
        };
        Ok(match self {
            Self::Check { fix: false } => vec![load, Command::Check { workspace }],
            Self::Check { fix: true } => vec![load, Command::Mend { workspace }],
            Self::Undo => vec![load, Command::Undo { workspace }],
            Self::Redo => vec![load, Command::Redo { workspace }],
            Self::Generate {
                module,
                template,
                preview: true,
                ..
            } => vec![
                load,
                Command::Preview {
                    workspace,
                    module: module.clone(),
                    template: template.clone(),
                },
            ],
            Self::Generate {
                module,
                template,
                on_conflict,
                branch,
                commit,
                ..
            } => vec![
                load,
                Command::Generate {
                    workspace,
                    module: module.clone(),
                    template: template.clone(),
                    options: GenerateOptions {
                        on_conflict: *on_conflict,
                        branch: branch.clone(),
                        commit: commit.clone(),
                    },
                },
            ],
            Self::Read {
                path,
                to,
                dry_run,
                replace,
            } => vec![
                load,
                Command::Read {
                    workspace,
                    path: here.cwd.join(path),
                    to: to.clone(),
                    is_dry: *dry_run,
                    replaces: *replace,
                },
            ],
            Self::Drift { module, .. } => vec![
                load,
                Command::Compare {
                    workspace,
                    module: module.clone(),
                },
            ],
            _ => vec![load],
        })
    }

    /// What names mean is known when the plan was read.
    pub fn then(&self, here: &Here, known: &Known) -> Result<Vec<Command>, Problem> {
        let empty = Plan::default();
        let checked = known.plan(&here.workspace.id);
        let plan = checked.map_or(&empty, |checked| &checked.plan);
        let edit = |title: Msg, changes: Vec<Change>| {
            Ok(vec![Command::Edit {
                workspace: here.workspace.clone(),
                title,
                changes,
            }])
        };
        let find = |typed: &str| plan.find(typed).ok_or_else(|| plan.absent(typed));
        // What is changed is one view.
        let find_one = |typed: &str| find(typed).and_then(|at| one_view(plan, &at).map(|()| at));
        match self {
            // What can not be read is told; the others are listed all the same.
            Self::List => plan.unreadable.first().map_or(Ok(Vec::new()), |problem| Err(problem.clone())),
            Self::Show { name } => find(name).map(|_| Vec::new()),
            Self::New {
                name,
                title,
                template,
                target,
                depends,
                author,
            } => {
                known_template(plan, template)?;
                let at = Address::module(name);
                if !target.is_empty() {
                    value_of(plan, &at, None, "target", target)?;
                }
                let mut values = Values::default();
                let title = if title.is_empty() { title_of(name) } else { title.clone() };
                values.set_text("title", &title);
                values.set_text("template", template);
                values.set_text("target", target);
                values.set_text("author", author);
                let depends: Vec<&str> = depends.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
                if template == "odoo" {
                    values.set("version", "18.0.1.0.0");
                    values.set("depends", if depends.is_empty() { vec!["base"] } else { depends });
                } else if !depends.is_empty() {
                    values.set("depends", depends);
                }
                super::folder::file_of(name)?;
                let change = Change::NewModule {
                    module: name.clone(),
                    values,
                };
                edit(msg!("plan-modules-undo-new", name = name.as_str()), vec![change])
            }
            Self::AddModel {
                module,
                model,
                title,
                extend,
            } => {
                let at = find(module)?;
                let mut values = Values::default();
                values.set_text("title", title);
                if *extend {
                    values.set("extend", true);
                }
                let change = Change::Add {
                    at: Address::model(&at.module, model),
                    values,
                };
                edit(msg!("plan-modules-undo-add", name = model.as_str()), vec![change])
            }
            Self::AddField {
                model,
                name,
                kind,
                values,
            } => {
                let at = find(model)?;
                let owner = at.model.clone().ok_or_else(|| plan.absent(model))?;
                let mut own = Values::default();
                own.set("type", known_kind(kind)?.word());
                let at = Address::field(&at.module, &owner, name);
                let own = with_pairs(plan, &at, own, values)?;
                let change = Change::Add { at, values: own };
                edit(msg!("plan-modules-undo-add", name = name.as_str()), vec![change])
            }
            Self::Connect {
                model,
                target,
                kind,
                name,
                inverse,
            } => {
                let at = find(model)?;
                let kind = known_kind(kind)?;
                if at.model.is_none() || !kind.is_relation() {
                    return Err(plan.absent(model));
                }
                let changes = refactor::connect(plan, &at, target, kind, name.as_deref(), inverse.as_deref());
                edit(
                    msg!("plan-modules-undo-connect", from = model.as_str(), to = target.as_str()),
                    changes,
                )
            }
            Self::Add { at, values } => {
                let address = new_part(plan, at)?;
                let own = with_pairs(plan, &address, Values::default(), values)?;
                // One more of its kind extends another view.
                if own.text("inherit").is_empty() {
                    no_view(plan, &address)?;
                }
                edit(
                    msg!("plan-modules-undo-add", name = at.as_str()),
                    vec![Change::Add {
                        at: address,
                        values: own,
                    }],
                )
            }
            Self::Set { at, values } => {
                let address = find_one(at)?;
                let changes = sets(plan, &address, values)?;
                edit(msg!("plan-modules-undo-set", name = at.as_str()), changes)
            }
            Self::Rename { at, to } => {
                let address = find_one(at)?;
                let changes = refactor::rename(plan, &address, to);
                edit(
                    msg!("plan-modules-undo-rename", name = at.as_str(), to = to.as_str()),
                    changes,
                )
            }
            Self::Remove { at } => {
                let address = find_one(at)?;
                edit(
                    msg!("plan-modules-undo-remove", name = at.as_str()),
                    refactor::remove(plan, &address),
                )
            }
            Self::Drift { to_plan: true, .. } => {
                let drifts = known.drifts.get(&here.workspace.id).and_then(crate::base::Loadable::value);
                let changes: Vec<Change> = drifts
                    .into_iter()
                    .flatten()
                    .filter(|drift| drift.is_written)
                    .flat_map(|drift| &drift.differences)
                    .flat_map(|difference| difference.to_plan.clone())
                    .collect();
                edit(msg!("plan-modules-undo-drift"), changes)
            }
            _ => Ok(Vec::new()),
        }
    }

    pub fn answer(&self, here: &Here, known: &Known, texts: &Catalog) -> Answer {
        told::answer(self, here, known, texts)
    }
}

fn known_kind(typed: &str) -> Result<FieldKind, Problem> {
    FieldKind::from_word(typed).ok_or_else(|| {
        let words: Vec<&str> = FieldKind::ALL.iter().map(|kind| kind.word()).collect();
        let problem = Problem::user(msg!("plan-modules-type", name = "TYPE", kind = SafeText::new(typed)));
        problem
            .code("type")
            .hint(msg!("plan-remark-words-hint", words = words.join(", ")))
    })
}

/// An address for something that is not there yet.
fn new_part(plan: &Plan, typed: &str) -> Result<Address, Problem> {
    let (owner, part) = typed.rsplit_once('/').ok_or_else(|| plan.absent(typed))?;
    let (kind, name) = part.split_once(':').ok_or_else(|| plan.absent(typed))?;
    let at = plan.find(owner).ok_or_else(|| plan.absent(owner))?;
    let kind = match (kind, at.model.is_some()) {
        ("view", true) => PartKind::View,
        ("constraint", true) => PartKind::Constraint,
        ("access", true) => PartKind::Access,
        ("group", false) => PartKind::Group,
        ("menu", false) => PartKind::Menu,
        _ => return Err(plan.absent(typed)),
    };
    Ok(Address {
        part: Some((kind, name.to_owned())),
        ..at
    })
}

/// The views of the kind that an address names, by the names that mean each of them.
fn views_of_kind(plan: &Plan, at: &Address) -> Vec<String> {
    let Some((PartKind::View, name)) = &at.part else {
        return Vec::new();
    };
    let kind = name.split('@').next().unwrap_or(name);
    let views = plan.model_at(at).map(|model| model.views.as_slice()).unwrap_or_default();
    let of_kind = (0..views.len()).filter(|index| views[*index].name == kind);
    of_kind.map(|index| format!("view:{}", view_name(views, index))).collect()
}

fn several(at: &Address, known: &[String]) -> Problem {
    let problem = Problem::user(msg!("plan-modules-several-views", name = at.to_string(), n = known.len()));
    let hint = msg!("plan-remark-words-hint", words = SafeText::new(&known.join(", ")));
    problem.code("several").hint(hint)
}

/// Refuses a kind of which the model has several views.
fn one_view(plan: &Plan, at: &Address) -> Result<(), Problem> {
    let known = views_of_kind(plan, at);
    let is_told = at.part.as_ref().is_some_and(|(_, name)| name.contains('@'));
    if known.len() > 1 && !is_told {
        Err(several(at, &known))
    } else {
        Ok(())
    }
}

/// Refuses a view whose kind the model has already.
fn no_view(plan: &Plan, at: &Address) -> Result<(), Problem> {
    let known = views_of_kind(plan, at);
    if known.is_empty() {
        return Ok(());
    }
    let problem = Problem::user(msg!("plan-modules-is-there", name = at.to_string())).code("is-there");
    let hint = msg!("plan-modules-view-there-hint", words = SafeText::new(&known.join(", ")));
    Err(problem.hint(hint))
}
