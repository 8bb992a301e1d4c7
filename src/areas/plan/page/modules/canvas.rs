//! The planned models on the canvas and in the table.

use super::{Modules, dialogs, edit, parts};
use crate::areas::page::Cx;
use crate::areas::plan::modules::layout::{self, Node};
use crate::areas::plan::modules::{Address, Change, Checked, FieldKind, PartKind, PlannedModel, refactor};
use crate::base::{State, Workspace};
use crate::msg;
use crate::ui::button::{MenuEntry, menu_entry_ui};
use crate::ui::graph_canvas::{self, CanvasEdge, CanvasNode, CanvasRow};
use crate::ui::table::{Column, Table, row_key};
use crate::ui::{Ui, icons, state_mark, text};
use std::collections::BTreeMap;

/// What a node of the canvas stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stands {
    Model(Address),
    /// A model of a module outside the plan.
    Outside(String),
}

/// The canvas, worked out once per change.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) nodes: Vec<CanvasNode>,
    pub(super) edges: Vec<CanvasEdge>,
    pub(super) stands: Vec<Stands>,
}

impl Shown {
    fn new(checked: &Checked, filter: &str, places: &BTreeMap<String, [f32; 2]>, outside_word: &str) -> Self {
        let mut shown = Self::default();
        let filter = filter.trim().to_lowercase();
        let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
        for (lane, module) in checked.plan.modules.iter().enumerate() {
            for model in &module.models {
                let at = Address::model(&module.name, &model.name);
                // An extension does not hide the model itself.
                if model.is_extension() {
                    by_name.entry(&model.name).or_insert(shown.nodes.len());
                } else {
                    by_name.insert(&model.name, shown.nodes.len());
                }
                shown.nodes.push(node(checked, &at, model, lane, &filter));
                shown.stands.push(Stands::Model(at));
            }
        }
        let mut outside: Vec<&str> = Vec::new();
        for (_, model) in checked.plan.models() {
            for field in &model.fields {
                let target = field.target();
                if !target.is_empty() && !target.starts_with('=') && !by_name.contains_key(target) && !outside.contains(&target) {
                    outside.push(target);
                }
            }
        }
        for name in outside {
            by_name.insert(name, shown.nodes.len());
            shown.nodes.push(CanvasNode {
                title: name.to_owned(),
                note: outside_word.to_owned(),
                is_outside: true,
                is_faint: !filter.is_empty() && !name.contains(&filter),
                ..CanvasNode::default()
            });
            shown.stands.push(Stands::Outside(name.to_owned()));
        }
        let mut from = 0;
        for (module, model) in checked.plan.models() {
            for (row, field) in model.fields.iter().enumerate() {
                let Some(to) = by_name.get(field.target()) else { continue };
                let at = Address::field(&module.name, &model.name, &field.name);
                shown.edges.push(CanvasEdge {
                    from,
                    row,
                    to: *to,
                    is_wrong: checked.findings.iter().any(|finding| finding.is_error && finding.at == at),
                });
            }
            from += 1;
        }
        shown.place(checked, places);
        shown
    }

    /// Places that are said stay; the rest stands where the layout puts it.
    fn place(&mut self, checked: &Checked, places: &BTreeMap<String, [f32; 2]>) {
        let own = layout::places(&self.as_layout());
        let key = |stands: &Stands| match stands {
            Stands::Model(at) => at.to_string(),
            Stands::Outside(name) => name.clone(),
        };
        for (index, stands) in self.stands.iter().enumerate() {
            let said = match stands {
                Stands::Model(at) => checked.plan.model_at(at).and_then(PlannedModel::at),
                Stands::Outside(_) => None,
            };
            self.nodes[index].at = places.get(&key(stands)).copied().or(said).unwrap_or(own[index]);
        }
        // New ones must not hide behind those that were placed.
        let n = self.nodes.len();
        for index in 0..n {
            let is_said = match &self.stands[index] {
                Stands::Model(at) => checked.plan.model_at(at).and_then(PlannedModel::at).is_some(),
                Stands::Outside(_) => false,
            } || places.contains_key(&key(&self.stands[index]));
            if is_said {
                continue;
            }
            for _ in 0..n {
                let [x, y] = self.nodes[index].at;
                let height = graph_canvas::height(self.nodes[index].rows.len());
                let other = (0..n).filter(|other| *other != index).find(|other| {
                    let [other_x, other_y] = self.nodes[*other].at;
                    let other_height = graph_canvas::height(self.nodes[*other].rows.len());
                    (other_x - x).abs() < graph_canvas::WIDTH && y < other_y + other_height && other_y < y + height
                });
                let Some(other) = other else { break };
                self.nodes[index].at[1] =
                    self.nodes[other].at[1] + graph_canvas::height(self.nodes[other].rows.len()) + layout::GAP_Y;
            }
        }
    }

    fn as_layout(&self) -> Vec<Node> {
        let mut nodes: Vec<Node> = self
            .nodes
            .iter()
            .map(|node| Node {
                height: graph_canvas::height(node.rows.len()),
                points_to: Vec::new(),
            })
            .collect();
        for edge in &self.edges {
            let is_new = edge.from != edge.to && !nodes[edge.from].points_to.contains(&edge.to);
            if is_new && !nodes[edge.to].points_to.contains(&edge.from) {
                nodes[edge.from].points_to.push(edge.to);
            }
        }
        nodes
    }
}

fn node(checked: &Checked, at: &Address, model: &PlannedModel, lane: usize, filter: &str) -> CanvasNode {
    let findings = checked
        .findings
        .iter()
        .filter(|finding| finding.at.module == at.module && finding.at.model == at.model);
    let mut state = None;
    for finding in findings {
        if finding.is_error {
            state = Some(State::Failed);
        } else if state.is_none() {
            state = Some(State::Degraded);
        }
    }
    let rows: Vec<CanvasRow> = model
        .fields
        .iter()
        .map(|field| {
            let here = Address::field(&at.module, &model.name, &field.name);
            CanvasRow {
                name: field.name.clone(),
                note: field
                    .kind()
                    .map_or_else(|| field.values.text("type").to_owned(), |kind| kind.word().to_owned()),
                is_wrong: checked.findings.iter().any(|finding| finding.is_error && finding.at == here),
            }
        })
        .collect();
    let is_found = filter.is_empty()
        || model.name.contains(filter)
        || rows.iter().any(|row| row.name.contains(filter))
        || at.module.contains(filter);
    CanvasNode {
        title: model.name.clone(),
        note: if model.is_extension() { "+".into() } else { String::new() },
        rows,
        at: [0.0, 0.0],
        lane: Some(lane),
        is_outside: false,
        is_faint: !is_found,
        state,
    }
}

impl Modules {
    fn shown(&self, checked: &Checked, filter: &str, outside_word: &str) -> std::rc::Rc<Shown> {
        let key = (checked.generation, filter.to_owned(), self.n_places);
        self.shown
            .get(key, || Shown::new(checked, filter, &self.places, outside_word))
    }

    /// Node and row of what is selected.
    pub(super) fn place_of_selected(&self, checked: &Checked, cx: &Cx<'_>) -> Option<(usize, Option<usize>)> {
        let at = self.selected.as_ref()?;
        let shown = self.shown(checked, cx.filter, &cx.t("plan-modules-outside"));
        let model = Address {
            part: None,
            ..at.clone()
        };
        let node = shown
            .stands
            .iter()
            .position(|stands| *stands == Stands::Model(model.clone()))?;
        let row = match &at.part {
            Some((PartKind::Field, name)) => checked
                .plan
                .model_at(&model)?
                .fields
                .iter()
                .position(|field| field.name == *name),
            _ => None,
        };
        Some((node, row))
    }

    pub(super) fn canvas_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, checked: &Checked) {
        if self
            .pending
            .as_ref()
            .is_some_and(|(_, generation)| *generation != checked.generation)
        {
            // The file says it now.
            self.n_places += 1;
            self.pending.take().and_then(|(key, _)| self.places.remove(&key));
        }
        let shown = self.shown(checked, cx.filter, &cx.t("plan-modules-outside"));
        self.canvas.selected = self.place_of_selected(checked, cx);
        let name = cx.t("plan-modules-canvas");
        let menu = |ui: &mut Ui, node: usize, row: Option<usize>| {
            let Some(Stands::Model(at)) = shown.stands.get(node) else {
                return;
            };
            menu_ui(ui, cx, checked, at, row);
        };
        let canvas = &mut self.canvas;
        let response = graph_canvas::canvas_ui(ui, "plan-modules", &name, canvas, &shown.nodes, &shown.edges, &menu);
        let field_at = |node: usize, row: Option<usize>| -> Option<Address> {
            let Stands::Model(at) = shown.stands.get(node)? else {
                return None;
            };
            let field = row.and_then(|row| checked.plan.model_at(at)?.fields.get(row));
            Some(match field {
                Some(field) => Address::field(&at.module, at.model.as_deref().unwrap_or_default(), &field.name),
                None => at.clone(),
            })
        };
        if response.cleared {
            self.selected = None;
        }
        if let Some((node, row)) = response.selected {
            let at = field_at(node, row);
            if at != self.selected {
                self.inputs = super::detail::Inputs::default();
            }
            self.selected = at;
        }
        if response.remove
            && let Some(at) = self.selected.take()
        {
            edit(
                cx,
                workspace,
                msg!("plan-modules-undo-remove", name = at.to_string()),
                refactor::remove(&checked.plan, &at),
            );
        }
        if let Some((node, at)) = response.moved {
            self.moved(cx, workspace, checked.generation, &shown, node, at);
        }
        if let Some((node, _, target)) = response.connected {
            let from = field_at(node, None);
            let target = shown.nodes.get(target).map(|node| node.title.clone());
            if let (Some(from), Some(target)) = (from, target) {
                self.dialog = Some(dialogs::Dialog::connect(from, target));
            }
        }
        if let Some(at) = response.add_at
            && let Some(module) = checked.plan.modules.first()
        {
            self.dialog = Some(dialogs::Dialog::model(module.name.clone(), Some(at)));
        }
    }

    fn moved(&mut self, cx: &Cx<'_>, workspace: &Workspace, generation: u64, shown: &Shown, node: usize, at: [f32; 2]) {
        // Shown there at once; the file follows.
        self.n_places += 1;
        match &shown.stands[node] {
            Stands::Outside(name) => drop(self.places.insert(name.clone(), at)),
            Stands::Model(address) => {
                self.places.insert(address.to_string(), at);
                edit(cx, workspace, msg!("plan-modules-undo-move"), vec![place(address, at)]);
                // Undo must not be hidden by what is only remembered here.
                self.pending = Some((address.to_string(), generation));
            }
        }
    }

    /// Everything where the layout puts it, written down.
    pub(super) fn tidy(&mut self, cx: &Cx<'_>, workspace: &Workspace, checked: &Checked) {
        let shown = self.shown(checked, cx.filter, &cx.t("plan-modules-outside"));
        let places = layout::places(&shown.as_layout());
        let mut changes = Vec::new();
        self.places.clear();
        self.n_places += 1;
        for (stands, at) in shown.stands.iter().zip(&places) {
            match stands {
                Stands::Model(address) => changes.push(place(address, *at)),
                Stands::Outside(name) => drop(self.places.insert(name.clone(), *at)),
            }
        }
        self.canvas.fit();
        edit(cx, workspace, msg!("plan-modules-undo-move"), changes);
    }

    /// Every field of every model.
    pub(super) fn table_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, checked: &Checked) {
        let columns = [
            Column::new("model", cx.t("plan-modules-model"), 170.0).always().unsortable(),
            Column::new("field", cx.t("plan-modules-field"), 150.0).always().unsortable(),
            Column::new("type", cx.t("plan-modules-type-label"), 90.0).unsortable(),
            Column::new("target", cx.t("plan-modules-target"), 150.0).unsortable(),
            Column::new("label", cx.t("plan-modules-label"), 150.0).fill().unsortable(),
            Column::new("module", cx.t("plan-modules-module"), 120.0).unsortable(),
        ];
        let filter = cx.filter.trim().to_lowercase();
        let mut rows = Vec::new();
        for (module, model) in checked.plan.models() {
            for field in &model.fields {
                let at = Address::field(&module.name, &model.name, &field.name);
                if filter.is_empty() || at.to_string().to_lowercase().contains(&filter) {
                    rows.push((at, field));
                }
            }
        }
        let name = cx.t("plan-tab-modules");
        let response = Table::new("plan-modules", &name, &columns, rows.len())
            .key(|row| rows.get(row).map_or(0, |(at, _)| row_key(&at.to_string())))
            .label(|row| rows.get(row).map_or_else(String::new, |(at, _)| at.to_string()))
            .copy(|row| rows.get(row).map_or_else(String::new, |(at, _)| at.to_string()))
            .single()
            .show(ui, &mut self.table, |ui, row, column| {
                let Some((at, field)) = rows.get(row) else { return };
                let is_wrong = checked.findings.iter().any(|finding| finding.is_error && finding.at == *at);
                let target = match (field.target(), field.inverse()) {
                    (target, "") => target.to_owned(),
                    (target, inverse) => format!("{target}.{inverse}"),
                };
                match column {
                    0 => drop(text::mono(ui, at.model.as_deref().unwrap_or_default())),
                    1 if is_wrong => drop(state_mark::label_ui(ui, State::Failed, &field.name)),
                    1 => drop(text::body(ui, &field.name)),
                    2 => drop(text::weak(ui, field.kind().map_or("?", FieldKind::word))),
                    3 if target.is_empty() => drop(text::absent(ui)),
                    3 => drop(text::mono(ui, &target)),
                    4 => drop(text::body(ui, &field.label())),
                    _ => drop(text::weak(ui, &at.module)),
                }
            });
        if let Some((at, _)) = response.clicked.or(response.activated).and_then(|row| rows.get(row)) {
            if self.selected.as_ref() != Some(at) {
                self.inputs = super::detail::Inputs::default();
            }
            self.selected = Some(at.clone());
        }
    }
}

/// What can be done with a model or one of its fields: a right click has selected it.
fn menu_ui(ui: &mut Ui, cx: &Cx<'_>, checked: &Checked, at: &Address, row: Option<usize>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let entry = |ui: &mut Ui, icon: icons::Icon, label: &str, id: &str| {
        let entry = MenuEntry {
            label,
            icon: Some(icon),
            ..MenuEntry::default()
        };
        if menu_entry_ui(ui, &entry).clicked() {
            cx.ask(super::action(id));
            ui.close();
        }
    };
    let field = row.and_then(|row| checked.plan.model_at(at)?.fields.get(row));
    let has_parts = checked.plan.module(&at.module).is_some_and(parts::has_parts);
    if field.is_none() && has_parts {
        for kind in [PartKind::View, PartKind::Access, PartKind::Constraint] {
            let label = cx.t(parts::words(kind).1);
            entry(ui, icons::ADD, &label, &format!("add-{}", kind.word()));
        }
    }
    entry(ui, icons::EDIT, &cx.t("plan-modules-rename"), "rename");
    let name = field.map_or_else(|| at.model.clone().unwrap_or_default(), |field| field.name.clone());
    let remove = cx.msg(&msg!("plan-modules-remove", name = name));
    entry(ui, icons::DELETE, &remove, "remove");
}

fn place(at: &Address, to: [f32; 2]) -> Change {
    let number = |value: f32| serde_json::Value::from(value.round() as i64);
    Change::Set {
        at: at.clone(),
        key: "at".into(),
        value: Some(vec![number(to[0]), number(to[1])].into()),
    }
}
