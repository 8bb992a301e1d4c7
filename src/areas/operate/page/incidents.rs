//! The tab of incidents: which there are, what happened around one, notes, and its end with a cause.

use crate::areas::operate::incidents::{Incident, Moment};
use crate::areas::operate::{Command, incidents};
use crate::areas::page::{Action, Cx, Intent, no_hits_ui};
use crate::base::{State, Target, Workspace, format, time};
use crate::ui::button::Button;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::input::Input;
use crate::ui::page_frame;
use crate::ui::table::{Column, Table, TableState};
use crate::ui::{Ui, icons, palette, state_mark, text};
use egui::Id;
use serde::{Deserialize, Serialize};

/// Moments that are drawn of one incident.
const MOMENTS_SHOWN: usize = 120;

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Incidents {
    table: TableState,
    /// What is being written, and about which incident.
    #[serde(skip)]
    note: String,
    #[serde(skip)]
    cause: String,
    #[serde(skip)]
    of: Option<i64>,
    #[serde(skip)]
    title: String,
    /// The one that was told last: a new one is selected.
    #[serde(skip)]
    told: Option<i64>,
}

fn state(incident: &Incident) -> (State, &'static str) {
    if incident.is_open() {
        (State::Failed, "incident-open")
    } else {
        (State::Done, "incident-is-closed")
    }
}

fn lasted(cx: &Cx<'_>, incident: &Incident) -> String {
    let until = incident.closed_at.unwrap_or(cx.now);
    format::duration_secs(time::secs_between(incident.opened_at, until), cx.texts)
}

impl Incidents {
    pub(super) fn look(cx: &Cx<'_>) {
        cx.ask(Command::ListIncidents {
            workspaces: cx.workspace.cloned().into_iter().collect(),
            open_only: false,
        });
    }

    pub(super) fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a Incident> {
        let id = self.table.single()? as i64;
        cx.model.operate.incidents.iter().find(|incident| incident.id == id)
    }

    pub(super) fn has_detail(&self, cx: &Cx<'_>) -> bool {
        self.selected(cx).is_some()
    }

    pub(super) fn subtitle(cx: &Cx<'_>) -> String {
        let n = cx
            .model
            .operate
            .incidents
            .iter()
            .filter(|incident| incident.is_open())
            .count();
        cx.msg(&crate::msg!("incident-n-open", n = n))
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let told = cx.model.operate.incident.as_ref().map(|incident| incident.id);
        if told != self.told
            && let Some(id) = told
        {
            self.table.select_only(id as u64);
        }
        self.told = told;
        if let Some(workspace) = cx.workspace {
            self.new_ui(ui, cx, workspace);
        }
        let filter = cx.filter.trim();
        let is_shown = |incident: &&Incident| {
            let texts = [incident.title.as_str(), incident.cause.as_str()];
            filter.is_empty() || texts.iter().any(|text| palette::is_found(filter, text))
        };
        let rows: Vec<&Incident> = cx.model.operate.incidents.iter().filter(is_shown).collect();
        if rows.is_empty() {
            if filter.is_empty() {
                page_frame::empty_ui(ui, icons::FLAG, &cx.t("incident-empty"), None);
            } else {
                no_hits_ui(ui, cx, "incident-filter-nothing");
            }
            return;
        }
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width).unsortable();
        let columns = [
            column("title", "incident-col-title", 240.0).fill().always(),
            column("state", "operate-col-state", 92.0),
            column("environment", "operate-environment", 88.0),
            column("opened", "incident-col-opened", 84.0).right(),
            column("lasted", "incident-col-lasted", 60.0).right(),
            column("cause", "incident-col-cause", 180.0),
        ];
        let name = cx.t("operate-tab-incidents");
        Table::new("operate-incidents", &name, &columns, rows.len())
            .single()
            .key(|row| rows.get(row).map_or(0, |incident| incident.id as u64))
            .label(|row| {
                rows.get(row)
                    .map_or_else(String::new, |one| format!("{}, {}", one.title, cx.t(state(one).1)))
            })
            .copy(|row| {
                rows.get(row)
                    .map_or_else(String::new, |one| format!("#{}\t{}\t{}", one.id, one.title, one.cause))
            })
            .show(ui, &mut self.table, |ui, row, column| {
                let Some(incident) = rows.get(row) else { return };
                match columns[column].id {
                    "title" => drop(text::body(ui, &incident.title)),
                    "state" => {
                        let (state, key) = state(incident);
                        state_mark::label_ui(ui, state, &cx.t(key));
                    }
                    "environment" => match &incident.environment {
                        Some(name) => drop(text::body(ui, name)),
                        None => drop(text::absent(ui)),
                    },
                    "opened" => {
                        let at = incident.opened_at;
                        text::small(ui, &format::ago(at, cx.now, cx.texts)).on_hover_text(at.to_string());
                    }
                    "lasted" => drop(text::small(ui, &lasted(cx, incident))),
                    _ => drop(text::weak(ui, &incident.cause)),
                }
            });
        let chosen = self.selected(cx).map(|incident| incident.id);
        if chosen != self.of {
            self.of = chosen;
            self.note.clear();
            self.cause.clear();
        }
        let is_known = cx.model.operate.incident.as_ref().map(|known| known.id) == chosen;
        if let Some(id) = chosen.filter(|_| !is_known) {
            cx.ask(Command::ShowIncident { id });
        }
    }

    /// One is opened by its title.
    fn new_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        page_frame::bar_ui(ui, 40.0, |ui| {
            let hint = cx.t("incident-title-hint");
            Input::new(Id::unique("operate-incident-title"), &hint)
                .hint(&hint)
                .width((ui.available_width() - 140.0).clamp(120.0, 420.0))
                .show(ui, &mut self.title);
            let label = cx.t("incident-open-now");
            let why = self.title.trim().is_empty().then(|| cx.t("incident-no-title"));
            if ui
                .add(Button::new(&label).icon(icons::FLAG).disabled_because(why.as_deref()))
                .clicked()
                && why.is_none()
            {
                cx.ask(Command::OpenIncident {
                    workspace: workspace.clone(),
                    opening: incidents::Opening {
                        title: std::mem::take(&mut self.title),
                        environment: cx.environment.map(str::to_owned),
                        ..incidents::Opening::default()
                    },
                });
            }
        });
    }

    pub(super) fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(listed) = self.selected(cx) else { return };
        let whole = cx.model.operate.incident.as_deref().filter(|whole| whole.id == listed.id);
        let incident = whole.unwrap_or(listed);
        let (state, key) = state(incident);
        let word = cx.t(key);
        let note = format!("#{}", incident.id);
        let heading = Heading {
            icon: icons::FLAG,
            name: &incident.title,
            note: &note,
            state: Some((state, &word)),
        };
        detail::heading_ui(ui, &heading);
        let mut target = detail::facts_ui(ui, &facts(cx, incident));
        if incident.is_open() {
            self.close_ui(ui, cx, incident.id);
        }
        detail::titled_section_ui(ui, &cx.t("incident-timeline"), "", |ui| {
            for moment in incident.moments.iter().take(MOMENTS_SHOWN) {
                target = moment_ui(ui, cx, moment).or(target.take());
            }
        });
        detail::titled_section_ui(ui, &cx.t("incident-add-note"), "", |ui| {
            let hint = cx.t("incident-note-hint");
            Input::new(Id::unique("operate-incident-note"), &hint)
                .hint(&hint)
                .rows(3)
                .width(ui.available_width())
                .show(ui, &mut self.note);
            let label = cx.t("incident-add-note");
            let why = self.note.trim().is_empty().then(|| cx.t("incident-note-empty"));
            let add = Button::new(&label).small().icon(icons::ADD).disabled_because(why.as_deref());
            if ui.add(add).clicked() && why.is_none() {
                cx.ask(Command::NoteIncident {
                    of: None,
                    id: incident.id,
                    text: std::mem::take(&mut self.note),
                });
            }
        });
        if let Some(target) = target {
            cx.ask(Intent::Go(target));
        }
    }

    fn close_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, id: i64) {
        detail::section_ui(ui, |ui| {
            let hint = cx.t("incident-cause-hint");
            Input::new(Id::unique("operate-incident-cause"), &hint)
                .hint(&hint)
                .width(ui.available_width())
                .show(ui, &mut self.cause);
            let label = cx.t("incident-close");
            let why = self.cause.trim().is_empty().then(|| cx.t("incident-no-cause"));
            let close = Button::new(&label)
                .small()
                .icon(icons::CHECK)
                .disabled_because(why.as_deref());
            if ui.add(close).clicked() && why.is_none() {
                cx.ask(Command::CloseIncident {
                    of: None,
                    id,
                    cause: std::mem::take(&mut self.cause),
                });
            }
        });
    }

    pub(super) fn actions(cx: &Cx<'_>) -> Vec<Action> {
        let look = Command::ListIncidents {
            workspaces: cx.workspace.cloned().into_iter().collect(),
            open_only: false,
        };
        vec![Action::new("operate-incidents-look", cx.t("operate-look"), look.into()).icon(icons::REFRESH)]
    }
}

fn facts(cx: &Cx<'_>, incident: &Incident) -> Vec<Fact> {
    let at = incident.opened_at;
    let mut facts = vec![
        Fact::text(cx.t("incident-col-opened"), format::ago(at, cx.now, cx.texts)).hover(at.to_string()),
        opened_by(cx, incident),
        Fact::text(cx.t("incident-col-lasted"), lasted(cx, incident)),
    ];
    if !incident.cause.is_empty() {
        facts.push(Fact::text(cx.t("incident-col-cause"), incident.cause.clone()));
    }
    let workspace = || incident.workspace.clone();
    if let (Some(id), Some(version)) = (incident.deployment, &incident.version) {
        let target = Target::Deployment {
            workspace: workspace(),
            id,
        };
        facts.push(Fact::link(cx.t("operate-col-version"), version.clone(), "", target));
    }
    if let Some(oid) = &incident.commit {
        let target = Target::Commit {
            workspace: workspace(),
            oid: oid.clone(),
        };
        facts.push(Fact::link(cx.t("thread-commit"), format::short_oid(oid), "", target));
    }
    if let Some(name) = &incident.environment {
        let target = Target::Environment {
            workspace: workspace(),
            name: name.clone(),
        };
        facts.push(Fact::link(cx.t("operate-environment"), name.clone(), "", target));
    }
    facts
}

/// A person, or the check that it came from.
fn opened_by(cx: &Cx<'_>, incident: &Incident) -> Fact {
    let label = cx.t("incident-by");
    match incident.opened_by.strip_prefix("check:") {
        Some(name) => {
            let words = cx.msg(&crate::msg!("incident-by-check", name = name));
            let target = Target::Check {
                workspace: incident.workspace.clone(),
                name: name.to_owned(),
            };
            Fact::link(label, words, "", target)
        }
        None => Fact::text(label, incident.opened_by.clone()),
    }
}

/// One thing that happened; the target that was clicked.
fn moment_ui(ui: &mut Ui, cx: &Cx<'_>, moment: &Moment) -> Option<Target> {
    let words = cx.msg(&moment.what);
    let mut clicked = None;
    ui.horizontal(|ui| {
        text::small(ui, &format::local(moment.at).strftime("%H:%M:%S").to_string()).on_hover_text(moment.at.to_string());
        if moment.state == State::Unknown {
            text::wrapped(ui, &words);
        } else {
            let shown = state_mark::label_small_ui(ui, moment.state, &words).interact(egui::Sense::click());
            if shown.clicked() {
                clicked.clone_from(&moment.target);
            }
        }
    });
    clicked
}
