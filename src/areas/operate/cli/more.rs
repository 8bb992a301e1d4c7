//! `chantier operate incident`, `runbook`, `changed` and `where`: what is typed, and what people read.

use crate::areas::cli::{Answer, Here};
use crate::areas::operate::incidents::{Incident, Opening};
use crate::areas::operate::{Command as Words, Instance, places, runbooks};
use crate::areas::{Command, Model};
use crate::base::{Catalog, Problem, State, format};
use crate::msg;
use serde_json::json;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum IncidentVerb {
    /// The incidents, newest first
    List {
        /// Only those that are open
        #[arg(long)]
        open: bool,
        /// Of every workspace that was added
        #[arg(long)]
        all: bool,
    },
    /// One incident with what happened around it
    Show { id: i64 },
    /// Open an incident by hand
    Open {
        title: String,
        /// The instance that it is about
        #[arg(long, value_name = "NAME")]
        on: Option<String>,
        #[arg(short, long)]
        environment: Option<String>,
        /// A first note
        #[arg(long)]
        note: Option<String>,
    },
    /// Write a note
    Note { id: i64, text: String },
    /// Close an incident with its cause
    Close {
        id: i64,
        #[arg(long)]
        cause: String,
    },
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum RunbookVerb {
    /// The runbooks of chantier.toml
    List,
    /// Run a runbook, step by step
    Run {
        name: String,
        /// Say yes to what it asks; for a protected environment its name
        #[arg(long, num_args = 0..=1, default_missing_value = "", value_name = "ENVIRONMENT")]
        yes: Option<String>,
    },
}

impl IncidentVerb {
    /// Which instances must be known before.
    pub fn instance(&self) -> Option<&String> {
        match self {
            Self::Open { on, .. } => on.as_ref(),
            _ => None,
        }
    }

    pub fn command(&self, here: &Here, instance: Option<Instance>) -> Command {
        match self {
            Self::List { open, all } => Words::ListIncidents {
                workspaces: if *all { Vec::new() } else { vec![here.workspace.clone()] },
                open_only: *open,
            },
            Self::Show { id } => Words::ShowIncident { id: *id },
            Self::Open {
                title,
                environment,
                note,
                ..
            } => Words::OpenIncident {
                workspace: here.workspace.clone(),
                opening: Opening {
                    title: title.clone(),
                    environment: environment.clone(),
                    instance,
                    note: note.clone().unwrap_or_default(),
                },
            },
            Self::Note { id, text } => Words::NoteIncident {
                of: Some(here.workspace.id.clone()),
                id: *id,
                text: text.clone(),
            },
            Self::Close { id, cause } => Words::CloseIncident {
                of: Some(here.workspace.id.clone()),
                id: *id,
                cause: cause.clone(),
            },
        }
        .into()
    }

    pub fn answer(&self, model: &Model, texts: &Catalog) -> Answer {
        let operate = &model.operate;
        if matches!(self, Self::List { .. }) {
            let lines = operate.incidents.iter().map(|incident| line(incident, texts) + "\n");
            return Answer {
                schema: "chantier.operate.incidents/1",
                data: json!({ "incidents": operate.incidents }),
                text: lines.collect(),
            };
        }
        let incident = operate.incident.as_deref();
        // Who wrote a note knows what happened before.
        let said = |incident| match self {
            Self::Note { .. } | Self::Close { .. } => line(incident, texts) + "\n",
            _ => whole(incident, texts),
        };
        Answer {
            schema: "chantier.operate.incident/1",
            data: json!({ "incident": incident }),
            text: incident.map(said).unwrap_or_default(),
        }
    }
}

fn line(incident: &Incident, texts: &Catalog) -> String {
    let key = if incident.is_open() {
        "incident-open"
    } else {
        "incident-is-closed"
    };
    let environment = incident.environment.as_deref().unwrap_or("–");
    format!(
        "#{:<5} {:<10} {environment:<12} {}  {}",
        incident.id,
        texts.t(key),
        format::local(incident.opened_at).strftime("%Y-%m-%d %H:%M"),
        incident.title
    )
}

fn whole(incident: &Incident, texts: &Catalog) -> String {
    let mut out = line(incident, texts) + "\n";
    if let Some(version) = &incident.version {
        let commit = incident.commit.as_deref().map(format::short_oid).unwrap_or_default();
        out += &format!("{}: {version} {commit}\n", texts.t("operate-col-version"));
    }
    if !incident.cause.is_empty() {
        out += &format!("{}: {}\n", texts.t("incident-col-cause"), incident.cause);
    }
    for moment in &incident.moments {
        let what = texts.msg(&moment.what).replace('\n', "\n           ");
        let mark = match moment.state {
            State::Failed => "✗",
            State::Done | State::Running => "●",
            _ => "·",
        };
        out += &format!("  {} {mark} {what}\n", format::local(moment.at).strftime("%H:%M:%S"));
    }
    out
}

impl RunbookVerb {
    pub fn then(&self, here: &Here, model: &Model) -> Result<Vec<Command>, Problem> {
        let Self::Run { name, yes } = self else {
            return Ok(Vec::new());
        };
        let books = &model.operate.runbooks;
        let Some(book) = books.iter().find(|book| book.name == *name) else {
            // Nothing began: nothing is remembered of it.
            return Err(runbooks::unknown(name, books.iter().map(|book| book.name.as_str())));
        };
        let wanted = book.environment.as_deref().filter(|_| book.is_protected);
        let is_confirmed = match (wanted, yes) {
            (Some(environment), Some(said)) => said == environment,
            (Some(_), None) => false,
            (None, said) => said.is_some() || !book.confirm,
        };
        if !is_confirmed {
            let problem = Problem::user(msg!("runbook-confirm", name = name.as_str())).code("confirm");
            let steps = book.steps.join("\n");
            let hint = match wanted {
                Some(environment) => msg!("runbook-confirm-typed-hint", environment = environment),
                None => msg!("runbook-confirm-hint"),
            };
            return Err(problem.details(steps).hint(hint));
        }
        let run = Words::RunRunbook {
            workspace: here.workspace.clone(),
            name: name.clone(),
        };
        Ok(vec![run.into()])
    }

    pub fn answer(&self, model: &Model, texts: &Catalog) -> Answer {
        let books = &model.operate.runbooks;
        let is_list = matches!(self, Self::List);
        let lines = books.iter().map(|book| {
            let last = book.last.as_ref().map_or("–".to_owned(), |last| {
                format!(
                    "{} {}",
                    texts.t(last.state.key()),
                    format::local(last.at).strftime("%Y-%m-%d %H:%M")
                )
            });
            let next = match (&book.schedule, book.next) {
                (Some(schedule), Some(at)) => format!("  ({schedule} → {})", format::local(at).strftime("%Y-%m-%d %H:%M")),
                _ => String::new(),
            };
            format!(
                "{:<22} {:<12} {last:<28} {}{next}\n",
                book.name,
                book.environment.as_deref().unwrap_or("–"),
                book.steps.join(", ")
            )
        });
        Answer {
            schema: "chantier.operate.runbooks/1",
            data: json!({ "runbooks": books, "stepped": model.operate.stepped }),
            text: if is_list { lines.collect() } else { String::new() },
        }
    }
}

pub(super) fn changed_answer(model: &Model, texts: &Catalog) -> Answer {
    let changes = model.operate.changes.as_deref();
    let mut text = String::new();
    if let Some(changes) = changes {
        if let (Some(from), Some(to)) = (&changes.from, &changes.to) {
            text += &format!("{} → {}\n", from.version, to.version);
        }
        for problem in &changes.problems {
            text += &format!("! {}\n", texts.msg(&problem.summary));
        }
        let mut kind = None;
        for item in &changes.items {
            if kind.replace(item.kind) != Some(item.kind) {
                text += &format!("{}\n", texts.t(item.kind.key()));
            }
            let what = if item.what == "boot" {
                texts.t("changed-boot").into_owned()
            } else {
                item.what.clone()
            };
            let values = item.values(texts);
            let at = item
                .at
                .map(|at| format::local(at).strftime("%Y-%m-%d %H:%M").to_string())
                .unwrap_or_default();
            text += &format!("  {at:<16}  {what}  {values}\n");
        }
        if changes.items.is_empty() {
            text += &format!("{}\n", texts.t("changed-nothing"));
        }
    }
    Answer {
        schema: "chantier.operate.changed/1",
        data: json!({ "changes": changes }),
        text,
    }
}

pub(super) fn code_answer(model: &Model) -> Answer {
    let found = model.operate.code.as_ref().map_or(&[][..], |(_, found)| found);
    let mut text = String::new();
    for place in found {
        text += &format!("{}\n", places::shown(place));
        for (i, line) in place.lines.iter().enumerate() {
            let number = place.first + i as u32;
            let mark = if number == place.line { '>' } else { ' ' };
            text += &format!("{mark} {number:>5}  {line}\n");
        }
    }
    Answer {
        schema: "chantier.operate.where/1",
        data: json!({ "places": found }),
        text,
    }
}
