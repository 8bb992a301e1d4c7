//! The table of instances, grouped by environment, the worst state of a group at its right.

use super::{instance, words};
use crate::areas::operate::Instance;
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::base::{State, WorkspaceId};
use crate::msg;
use crate::ui::memo::Memo;
use crate::ui::table::{Column, GroupRow, Table, TableState, row_key};
use crate::ui::tokens::Tokens;
use crate::ui::{Ui, action, palette, state_mark, text};
use egui::{Align, Layout};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// Width of the small charts.
const SPARK: f32 = 64.0;

#[derive(Clone, Copy, Debug)]
enum Line {
    Group(usize),
    /// Index into the model's list, and the key of the row.
    Instance(usize, u64),
}

/// What the table remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Rows {
    table: TableState,
    /// Groups that are folded.
    folded: BTreeSet<String>,
    /// Everything that runs on the machine, whatever workspace is chosen.
    pub(super) shows_all: bool,
    #[serde(skip)]
    lines: Vec<Line>,
    #[serde(skip)]
    groups: Vec<GroupRow>,
    #[serde(skip)]
    made_from: Option<String>,
    /// The row that is selected alone, and the name and environment of its instance.
    #[serde(skip)]
    chosen: Option<(u64, String, Option<String>)>,
    /// Where in the model's list an instance stands, by the key of its row and the generation of the list.
    #[serde(skip)]
    places: Memo<u64, HashMap<u64, usize>>,
    #[serde(skip)]
    counts: Memo<(u64, Option<WorkspaceId>, Option<String>, bool), Counts>,
}

/// How many there are of what is chosen in the top bar.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) n_all: usize,
    /// Of each state that somebody must look at, with its word, worst first.
    pub(super) to_look_at: Vec<(usize, &'static str)>,
}

/// Belongs to what is chosen in the top bar, or to anybody.
fn is_here(cx: &Cx<'_>, shows_all: bool, instance: &Instance) -> bool {
    let is_workspace = cx
        .workspace
        .is_none_or(|workspace| instance.workspace.as_ref() == Some(&workspace.id));
    (is_workspace || shows_all)
        && cx
            .environment
            .is_none_or(|name| instance.environment.as_deref() == Some(name))
}

impl Rows {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn reveal(&mut self, id: &str) {
        self.table.select_only(row_key(id));
        self.folded.clear();
        self.made_from = None;
    }

    /// In the order of the model.
    pub(super) fn selected<'a>(&self, cx: &Cx<'a>) -> Vec<&'a Instance> {
        if self.table.selected.is_empty() {
            return Vec::new();
        }
        let all = cx.model.operate.all();
        let places = self.places(cx);
        let mut chosen: Vec<usize> = self
            .table
            .selected
            .iter()
            .filter_map(|key| places.get(key).copied())
            .collect();
        chosen.sort_unstable();
        let instances = chosen.into_iter().filter_map(|place| all.get(place));
        instances.filter(|instance| is_here(cx, self.shows_all, instance)).collect()
    }

    /// An instance that was started anew has another number and is still the one that is looked at.
    fn follow_restart(&mut self, cx: &Cx<'_>) {
        let Some(key) = self.table.single() else {
            self.chosen = None;
            return;
        };
        let all = cx.model.operate.all();
        if let Some(place) = self.places(cx).get(&key) {
            let instance = &all[*place];
            // While compose makes a container anew it gives the old one another name: the first name is the one to look for.
            if self.chosen.as_ref().is_none_or(|(known, ..)| *known != key) {
                self.chosen = Some((key, instance.name.clone(), instance.environment.clone()));
            }
            return;
        }
        let Some((known, name, environment)) = &self.chosen else {
            return;
        };
        let is_same = |instance: &&Instance| instance.name == *name && instance.environment == *environment;
        if let Some(instance) = all.iter().find(is_same).filter(|_| *known == key) {
            self.table.select_only(row_key(&instance.id));
        }
    }

    fn places(&self, cx: &Cx<'_>) -> Rc<HashMap<u64, usize>> {
        self.places.get(cx.model.operate.generation, || {
            let all = cx.model.operate.all().iter().enumerate();
            all.map(|(place, instance)| (row_key(&instance.id), place)).collect()
        })
    }

    pub(super) fn counts(&self, cx: &Cx<'_>) -> Rc<Counts> {
        let key = (
            cx.model.operate.generation,
            cx.workspace.map(|workspace| workspace.id.clone()),
            cx.environment.map(str::to_owned),
            self.shows_all,
        );
        self.counts.get(key, || {
            let all = cx.model.operate.all().iter();
            let shown = all.filter(|instance| is_here(cx, self.shows_all, instance));
            let states: Vec<State> = shown.map(|instance| instance.state).collect();
            let n_of = |state| states.iter().filter(|known| **known == state).count();
            let counted = words::LOOK_AT.into_iter().map(|(state, key)| (n_of(state), key));
            Counts {
                n_all: states.len(),
                to_look_at: counted.filter(|(n, _)| *n > 0).collect(),
            }
        })
    }

    /// Filters, groups and sorts, when something of it has changed.
    pub(super) fn arrange(&mut self, cx: &Cx<'_>) {
        let from = format!(
            "{} {:?} {:?} {:?} {:?} {} {}",
            cx.model.operate.generation,
            cx.filter,
            cx.workspace.map(|workspace| &workspace.id),
            cx.environment,
            self.table.sort,
            self.folded.len(),
            self.shows_all
        );
        if self.made_from.as_ref() == Some(&from) {
            return;
        }
        self.made_from = Some(from);
        self.follow_restart(cx);
        let all = cx.model.operate.all();
        let filter = cx.filter.trim();
        let mut shown: Vec<usize> = (0..all.len())
            .filter(|i| is_here(cx, self.shows_all, &all[*i]) && (filter.is_empty() || matches(&all[*i], filter)))
            .collect();
        let sort = self.table.sort.as_ref();
        shown.sort_by(|a, b| {
            let (a, b) = (&all[*a], &all[*b]);
            let ordered = compare(a, b, sort.map_or("name", |sort| &sort.column));
            let ordered = if sort.is_some_and(|sort| sort.descending) {
                ordered.reverse()
            } else {
                ordered
            };
            ordered.then_with(|| a.name.cmp(&b.name)).then_with(|| a.id.cmp(&b.id))
        });
        // By the environment's rank, then by its name; the members keep their order.
        let mut groups: BTreeMap<(i32, String), Vec<usize>> = BTreeMap::new();
        for i in shown {
            groups
                .entry((rank(&all[i]), group_name(cx, self.shows_all, &all[i])))
                .or_default()
                .push(i);
        }
        self.lines.clear();
        self.groups.clear();
        for ((_, label), members) in groups {
            let open = !self.folded.contains(&label);
            let worst = words::LOOK_AT.iter().find_map(|(state, key)| {
                let n = members.iter().filter(|i| all[**i].state == *state).count();
                (n > 0).then(|| (*state, format!("{n} {}", cx.t(key))))
            });
            self.lines.push(Line::Group(self.groups.len()));
            self.groups.push(GroupRow {
                label,
                count: cx.msg(&msg!("operate-n-instances", n = members.len())),
                open,
                state: worst,
            });
            if open {
                let lines = members.into_iter().map(|i| Line::Instance(i, row_key(&all[i].id)));
                self.lines.extend(lines);
            }
        }
    }

    pub(super) fn table_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let all = cx.model.operate.all();
        let name = cx.t("operate-instances");
        let columns = columns(cx);
        let chosen = self.selected(cx);
        let Self {
            table: state,
            folded,
            lines,
            groups,
            made_from,
            ..
        } = self;
        let of = |row: usize| match lines.get(row) {
            Some(Line::Instance(i, _)) => all.get(*i),
            _ => None,
        };
        let group_of = |row: usize| match lines.get(row) {
            Some(Line::Group(i)) => groups.get(*i).cloned(),
            _ => None,
        };
        let mut menu_asked = None;
        let response = Table::new("operate-instances", &name, &columns, lines.len())
            .key(|row| match lines.get(row) {
                Some(Line::Instance(_, key)) => *key,
                _ => row_key(&format!(
                    "group {}",
                    group_of(row).map(|group| group.label).unwrap_or_default()
                )),
            })
            .label(|row| match of(row) {
                Some(instance) => format!("{}, {}", instance.name, words::state(cx, instance)),
                None => group_of(row).map(|group| group.label).unwrap_or_default(),
            })
            .copy(|row| of(row).map(|instance| copy(cx, instance)).unwrap_or_default())
            .groups(group_of)
            .menu(|ui, row| {
                let Some(instance) = of(row) else { return };
                // The menu of one of several selected rows is about all of them.
                let is_among = chosen.iter().any(|other| other.id == instance.id);
                let actions = if is_among {
                    instance::actions(&chosen, cx)
                } else {
                    instance::actions(&[instance], cx)
                };
                menu_asked = action::menu_ui(ui, &actions).or(menu_asked.take());
            })
            .show(ui, state, |ui, row, column| {
                if let Some(instance) = of(row) {
                    cell_ui(ui, cx, instance, columns[column].id);
                }
            });
        if let Some(intent) = menu_asked {
            cx.ask(intent);
        }
        if let Some(group) = response.toggled.and_then(group_of) {
            if !folded.remove(&group.label) {
                folded.insert(group.label);
            }
            *made_from = None;
        } else if let Some(url) = response.activated.and_then(of).and_then(Instance::url) {
            cx.ask(Intent::Ui(UiIntent::OpenUrl(url)));
        }
    }
}

fn columns(cx: &Cx<'_>) -> Vec<Column> {
    let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width);
    vec![
        column("name", "operate-col-name", 150.0).min(90.0).fill().always(),
        column("state", "operate-col-state", 140.0),
        column("version", "operate-col-version", 72.0),
        column("cpu", "operate-col-cpu", 118.0),
        column("memory", "operate-col-memory", 130.0),
        column("ports", "operate-col-ports", 64.0).right(),
        column("up", "operate-col-up", 78.0).right(),
        column("disk", "operate-disk", 130.0).right().hidden_at_first(),
        column("network", "operate-network", 130.0).right().hidden_at_first(),
        column("pid", "operate-col-pid", 64.0).right().hidden_at_first(),
        column("kind", "operate-col-kind", 84.0).hidden_at_first(),
        column("restarts", "operate-col-restarts", 70.0).right().hidden_at_first(),
        column("machine", "operate-col-machine", 100.0).hidden_at_first(),
    ]
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, instance: &Instance, column: &str) {
    let ring = cx.model.operate.rings.get(&instance.id);
    match column {
        "name" => {
            let t = Tokens::of(ui);
            let look = text::Look {
                font: crate::ui::theme::font::body(),
                colour: if instance.state == State::None { t.text_weak } else { t.text },
                cut: text::Cut::Middle,
            };
            text::label(ui, &instance.name, look);
        }
        "state" => {
            let shown = state_mark::label_ui(ui, instance.state, &words::state(cx, instance));
            let cause = words::cause(cx, instance);
            if !cause.is_empty() {
                shown.on_hover_text(cause);
            }
        }
        "version" => text_or_absent(ui, instance.version.as_deref().unwrap_or_default()),
        "cpu" => {
            let values = ring.map(|ring| ring.cpu.iter().map(|v| *v as f32).collect::<Vec<_>>());
            chart_ui(
                ui,
                values.unwrap_or_default(),
                words::cpu(cx, instance),
                &cx.t("operate-col-cpu"),
            );
        }
        "memory" => {
            let values = ring.map(|ring| ring.memory.iter().map(|v| *v as f32).collect::<Vec<_>>());
            chart_ui(
                ui,
                values.unwrap_or_default(),
                words::memory(cx, instance),
                &cx.t("operate-col-memory"),
            );
        }
        "ports" => text_or_absent(ui, &words::ports(instance)),
        "up" => {
            // How long it ran is no time that it is up for.
            let shown = match instance.ended_at {
                Some(_) if !instance.is_running() => text::absent(ui),
                _ => text::small(ui, &words::up_for(cx, instance)),
            };
            if let Some(at) = instance.ended_at.or(instance.started_at) {
                shown.on_hover_text(format!("{} {at}", words::cause(cx, instance)).trim());
            }
        }
        "disk" => text_or_absent(
            ui,
            &words::rates(cx, (instance.rates.read, instance.rates.write)).unwrap_or_default(),
        ),
        "network" => text_or_absent(
            ui,
            &words::rates(cx, (instance.rates.receive, instance.rates.send)).unwrap_or_default(),
        ),
        "pid" => text_or_absent(ui, &instance.pid.map(|pid| pid.to_string()).unwrap_or_default()),
        "kind" => text_or_absent(ui, &cx.t(instance.kind.key())),
        "restarts" => text_or_absent(ui, &instance.n_restarts.to_string()),
        _ => text_or_absent(ui, &instance.machine),
    }
}

fn text_or_absent(ui: &mut Ui, words: &str) {
    if words.is_empty() {
        text::absent(ui);
    } else {
        text::body(ui, words);
    }
}

/// A small line at the left, the value at the right.
fn chart_ui(ui: &mut Ui, values: Vec<f32>, value: Option<String>, name: &str) {
    let Some(value) = value else {
        text::absent(ui);
        return;
    };
    let room = ui.available_width();
    if room > SPARK + 40.0 {
        state_mark::sparkline_ui(ui, &values, SPARK, State::Running, &format!("{name} {value}"));
    }
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| text::body(ui, &value));
}

/// Production first, then the others, then what belongs to no environment.
fn rank(instance: &Instance) -> i32 {
    match instance.environment.as_deref() {
        Some(name) if name.starts_with("prod") => 0,
        Some(name) if name.starts_with("stag") => 1,
        Some(_) => 2,
        None => 3,
    }
}

/// The environment; with its workspace when several are shown.
fn group_name(cx: &Cx<'_>, shows_all: bool, instance: &Instance) -> String {
    let environment = instance.environment.clone().unwrap_or_else(|| cx.t("operate-no-environment"));
    if cx.workspace.is_some() && !shows_all {
        return environment;
    }
    let workspace = instance.workspace.as_ref();
    match workspace.and_then(|id| cx.model.devops.workspace(id)) {
        Some(workspace) => format!("{}, {environment}", workspace.name),
        None => environment,
    }
}

fn matches(instance: &Instance, filter: &str) -> bool {
    let ports = words::ports(instance);
    let texts = [
        instance.name.as_str(),
        instance.environment.as_deref().unwrap_or_default(),
        instance.version.as_deref().unwrap_or_default(),
        &ports,
    ];
    texts.iter().any(|text| palette::is_found(filter, text))
}

fn compare(a: &Instance, b: &Instance, column: &str) -> Ordering {
    let number = |value: Option<f64>| value.unwrap_or(-1.0);
    match column {
        "state" => a.state.cmp(&b.state),
        "version" => a.version.cmp(&b.version),
        "cpu" => number(a.cpu_percent).total_cmp(&number(b.cpu_percent)),
        "memory" => a.memory_bytes.cmp(&b.memory_bytes),
        "ports" => a.ports.cmp(&b.ports),
        "up" => b.started_at.cmp(&a.started_at),
        "pid" => a.pid.cmp(&b.pid),
        "kind" => a.kind.cmp(&b.kind),
        "restarts" => a.n_restarts.cmp(&b.n_restarts),
        "disk" => total(a.rates.read, a.rates.write).total_cmp(&total(b.rates.read, b.rates.write)),
        "network" => total(a.rates.receive, a.rates.send).total_cmp(&total(b.rates.receive, b.rates.send)),
        "machine" => a.machine.cmp(&b.machine),
        _ => a.name.cmp(&b.name),
    }
}

fn total(a: Option<f64>, b: Option<f64>) -> f64 {
    a.unwrap_or(-1.0) + b.unwrap_or(-1.0)
}

/// A row as one line of text with tabs.
fn copy(cx: &Cx<'_>, instance: &Instance) -> String {
    [
        instance.name.clone(),
        instance.environment.clone().unwrap_or_default(),
        instance.version.clone().unwrap_or_default(),
        words::state(cx, instance),
        words::cpu(cx, instance).unwrap_or_default(),
        words::memory(cx, instance).unwrap_or_default(),
        words::ports(instance),
        words::up_for(cx, instance),
    ]
    .join("\t")
}
