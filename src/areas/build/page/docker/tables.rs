//! The tables of the engine's things, and the steps of the build that runs or ran last.

use super::{acts, state_of, state_word};
use crate::areas::build::page::docker::Chosen;
use crate::areas::page::{Action, Cx};
use crate::base::docker::{ContainerRow, DiskRow, Image, NetworkRow, StepState, VolumeRow, short_id};
use crate::base::{State, Timestamp, format};
use crate::msg;
use crate::ui::memo::Memo;
use crate::ui::page_frame;
use crate::ui::state_mark::{self, TagLook};
use crate::ui::table::{Column, Table, TableState, row_key};
use crate::ui::{Ui, action, text};
use serde::{Deserialize, Serialize};

/// What a list shows depends on these.
type Key = (u64, String, Option<(String, bool)>);

/// One table and what it remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct List {
    table: TableState,
    #[serde(skip)]
    order: Memo<Key, Vec<usize>>,
}

/// A row of such a table.
pub(super) trait Thing {
    fn key(&self) -> u64;
    fn label(&self) -> String;
    /// What the filter looks into.
    fn words(&self) -> String;
    /// What a column is sorted by.
    fn sort_key(&self, column: &str) -> (i64, String);
}

fn secs(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::as_second)
}

impl Thing for Image {
    fn key(&self) -> u64 {
        row_key(&self.id)
    }
    fn label(&self) -> String {
        self.name().to_owned()
    }
    fn words(&self) -> String {
        format!("{} {} {}", self.tags.join(" "), self.id, self.users.join(" "))
    }
    fn sort_key(&self, column: &str) -> (i64, String) {
        match column {
            "size" => (self.bytes as i64, String::new()),
            "created" => (secs(self.created_at), String::new()),
            "users" => (self.users.len() as i64, String::new()),
            "id" => (0, self.id.clone()),
            _ => (i64::from(self.tags.is_empty()), self.name().to_owned()),
        }
    }
}

impl Thing for ContainerRow {
    fn key(&self) -> u64 {
        row_key(&self.id)
    }
    fn label(&self) -> String {
        format!("{}, {}", self.name, self.state)
    }
    fn words(&self) -> String {
        let project = self.project().unwrap_or_default();
        format!("{} {} {} {} {project}", self.name, self.image, self.id, self.state)
    }
    fn sort_key(&self, column: &str) -> (i64, String) {
        match column {
            "state" => (i64::from(!self.is_running()), self.state.clone()),
            "image" => (0, self.image.clone()),
            "project" => (0, self.project().unwrap_or_default().to_owned()),
            "ports" => (0, self.ports.join(" ")),
            "created" => (secs(self.created_at), String::new()),
            _ => (0, self.name.clone()),
        }
    }
}

impl Thing for VolumeRow {
    fn key(&self) -> u64 {
        row_key(&self.name)
    }
    fn label(&self) -> String {
        self.name.clone()
    }
    fn words(&self) -> String {
        format!("{} {} {}", self.name, self.driver, self.users.join(" "))
    }
    fn sort_key(&self, column: &str) -> (i64, String) {
        match column {
            "users" => (self.users.len() as i64, String::new()),
            "driver" => (0, self.driver.clone()),
            "created" => (secs(self.created_at), String::new()),
            _ => (0, self.name.clone()),
        }
    }
}

impl Thing for NetworkRow {
    fn key(&self) -> u64 {
        row_key(&self.id)
    }
    fn label(&self) -> String {
        self.name.clone()
    }
    fn words(&self) -> String {
        format!("{} {} {}", self.name, self.driver, self.users.join(" "))
    }
    fn sort_key(&self, column: &str) -> (i64, String) {
        match column {
            "users" => (self.users.len() as i64, String::new()),
            "driver" => (0, self.driver.clone()),
            "subnet" => (0, self.subnets.join(" ")),
            _ => (0, self.name.clone()),
        }
    }
}

impl List {
    pub(super) fn chosen<'a, T: Thing>(&self, rows: &'a [T]) -> Option<&'a T> {
        let key = self.table.single()?;
        rows.iter().find(|row| row.key() == key)
    }

    fn ui<T: Thing>(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        id: &str,
        name: &str,
        columns: &[Column],
        rows: &[T],
        actions: impl Fn(&T) -> Vec<Action>,
        mut cell: impl FnMut(&mut Ui, &T, &str),
    ) {
        let filter = cx.filter.trim().to_lowercase();
        let sort = self.table.sort.as_ref().map(|sort| (sort.column.clone(), sort.descending));
        let order = self
            .order
            .get((cx.model.build.docker.generation, filter.clone(), sort.clone()), || {
                let is_shown = |row: &T| filter.is_empty() || row.words().to_lowercase().contains(&filter);
                let mut order: Vec<usize> = (0..rows.len()).filter(|i| is_shown(&rows[*i])).collect();
                if let Some((column, descending)) = &sort {
                    order.sort_by_cached_key(|i| rows[*i].sort_key(column));
                    if *descending {
                        order.reverse();
                    }
                }
                order
            });
        let row = |i: usize| order.get(i).and_then(|i| rows.get(*i));
        let mut asked = None;
        let table = Table::new(id, name, columns, order.len())
            .single()
            .key(|i| row(i).map_or(0, Thing::key))
            .label(|i| row(i).map(Thing::label).unwrap_or_default())
            .menu(|ui, i| {
                if let Some(row) = row(i) {
                    asked = action::menu_ui(ui, &actions(row)).or(asked.take());
                }
            });
        table.show(ui, &mut self.table, |ui, i, column| {
            if let Some(row) = row(i) {
                cell(ui, row, columns[column].id);
            }
        });
        if let Some(intent) = asked {
            cx.ask(intent);
        }
    }

    pub(super) fn images_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, rows: &[Image]) {
        let columns = [
            Column::new("name", cx.t("docker-col-image"), 260.0).fill().always(),
            Column::new("id", cx.t("docker-col-id"), 108.0),
            Column::new("users", cx.t("docker-col-users"), 150.0),
            Column::new("created", cx.t("docker-col-created"), 110.0),
            Column::new("size", cx.t("docker-col-size"), 80.0).right(),
        ];
        let name = cx.t("docker-tab-images");
        let menu = |image: &Image| acts::of(cx, &Chosen::Image(image));
        self.ui(
            ui,
            cx,
            "docker-images",
            &name,
            &columns,
            rows,
            menu,
            |ui, image, column| match column {
                "name" if image.tags.is_empty() => drop(text::weak(ui, &cx.t("docker-no-tag"))),
                "name" => {
                    text::medium(ui, image.name());
                    for tag in image.tags.iter().skip(1) {
                        state_mark::tag_ui(ui, tag, TagLook::Plain);
                    }
                }
                "id" => drop(text::mono(ui, short_id(&image.id)).on_hover_text(&image.id)),
                "users" => users_ui(ui, &image.users),
                "created" => when_ui(ui, cx, image.created_at),
                _ => drop(text::body(ui, &format::bytes(image.bytes, cx.texts))),
            },
        );
    }

    pub(super) fn containers_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, rows: &[ContainerRow]) {
        let columns = [
            Column::new("state", cx.t("docker-col-state"), 116.0).always(),
            Column::new("name", cx.t("docker-col-name"), 170.0).fill().always(),
            Column::new("image", cx.t("docker-col-image"), 170.0),
            Column::new("project", cx.t("docker-col-project"), 100.0),
            Column::new("ports", cx.t("docker-col-ports"), 120.0),
            Column::new("created", cx.t("docker-col-created"), 110.0),
        ];
        let docker = &cx.model.build.docker;
        let name = cx.t("docker-tab-containers");
        let menu = |row: &ContainerRow| acts::of(cx, &Chosen::Container(row));
        self.ui(
            ui,
            cx,
            "docker-containers",
            &name,
            &columns,
            rows,
            menu,
            |ui, row, column| match column {
                "state" => {
                    let state = state_of(docker, row);
                    let word = if state == State::Unknown {
                        cx.t(state.key())
                    } else {
                        state_word(cx, row)
                    };
                    state_mark::label_ui(ui, state, &word).on_hover_text(&row.status);
                }
                "name" => drop(text::medium(ui, &row.name)),
                "image" => drop(text::body(ui, &row.image)),
                "project" => match row.project() {
                    Some(project) => drop(state_mark::tag_ui(ui, project, TagLook::Plain)),
                    None => drop(text::absent(ui)),
                },
                "ports" => drop(text::body(ui, &row.ports.join(", "))),
                _ => when_ui(ui, cx, row.created_at),
            },
        );
    }

    pub(super) fn volumes_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, rows: &[VolumeRow]) {
        let columns = [
            Column::new("name", cx.t("docker-col-name"), 260.0).fill().always(),
            Column::new("driver", cx.t("docker-col-driver"), 80.0),
            Column::new("users", cx.t("docker-col-users"), 200.0),
            Column::new("created", cx.t("docker-col-created"), 110.0),
        ];
        let name = cx.t("docker-tab-volumes");
        let menu = |row: &VolumeRow| acts::of(cx, &Chosen::Volume(row));
        self.ui(
            ui,
            cx,
            "docker-volumes",
            &name,
            &columns,
            rows,
            menu,
            |ui, row, column| match column {
                "name" if row.is_anonymous() => drop(text::weak(ui, &row.name)),
                "name" => drop(text::medium(ui, &row.name)),
                "driver" => drop(text::body(ui, &row.driver)),
                "users" => users_ui(ui, &row.users),
                _ => when_ui(ui, cx, row.created_at),
            },
        );
    }

    pub(super) fn networks_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, rows: &[NetworkRow]) {
        let columns = [
            Column::new("name", cx.t("docker-col-name"), 200.0).fill().always(),
            Column::new("driver", cx.t("docker-col-driver"), 80.0),
            Column::new("subnet", cx.t("docker-col-subnet"), 140.0),
            Column::new("users", cx.t("docker-col-users"), 220.0),
        ];
        let name = cx.t("docker-tab-networks");
        let menu = |row: &NetworkRow| acts::of(cx, &Chosen::Network(row));
        self.ui(
            ui,
            cx,
            "docker-networks",
            &name,
            &columns,
            rows,
            menu,
            |ui, row, column| match column {
                "name" => {
                    text::medium(ui, &row.name);
                    if row.is_builtin {
                        state_mark::tag_ui(ui, &cx.t("docker-builtin"), TagLook::Plain);
                    }
                }
                "driver" => drop(text::body(ui, &row.driver)),
                "subnet" => drop(text::body(ui, &row.subnets.join(", "))),
                _ => users_ui(ui, &row.users),
            },
        );
    }

    pub(super) fn disk_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, rows: &[DiskRow]) {
        let columns = [
            Column::new("kind", cx.t("docker-col-kind"), 170.0).always().unsortable(),
            Column::new("n", cx.t("docker-col-in-use"), 90.0).right().unsortable(),
            Column::new("size", cx.t("docker-col-size"), 90.0).right().unsortable(),
            Column::new("free", cx.t("docker-col-reclaimable"), 110.0)
                .right()
                .unsortable(),
            Column::new("largest", cx.t("docker-col-largest"), 300.0).fill().unsortable(),
        ];
        let name = cx.t("docker-tab-disk");
        let table = Table::new("docker-disk", &name, &columns, rows.len())
            .single()
            .label(|i| rows.get(i).map(|row| cx.t(row.kind.key())).unwrap_or_default());
        table.show(ui, &mut self.table, |ui, i, column| {
            let Some(row) = rows.get(i) else { return };
            match columns[column].id {
                "kind" => drop(text::medium(ui, &cx.t(row.kind.key()))),
                "n" => drop(text::body(ui, &format!("{} / {}", row.n_active, row.n))),
                "size" => drop(text::body(ui, &format::bytes(row.bytes, cx.texts))),
                "free" => drop(text::body(ui, &format::bytes(row.reclaimable_bytes, cx.texts))),
                _ => {
                    let largest = row.largest.iter().filter(|(_, bytes)| *bytes > 0);
                    let words: Vec<String> = largest
                        .map(|(name, bytes)| format!("{name} {}", format::bytes(*bytes, cx.texts)))
                        .collect();
                    text::weak(ui, &words.join(", "));
                }
            }
        });
    }
}

fn users_ui(ui: &mut Ui, users: &[String]) {
    if users.is_empty() {
        text::absent(ui);
    } else {
        let words = users.join(", ");
        text::body(ui, &words).on_hover_text(&words);
    }
}

fn when_ui(ui: &mut Ui, cx: &Cx<'_>, at: Option<Timestamp>) {
    match at {
        Some(at) => drop(text::body(ui, &format::ago(at, cx.now, cx.texts)).on_hover_text(format::local(at).to_string())),
        None => drop(text::absent(ui)),
    }
}

/// The steps of a build, live.
pub(super) fn build_ui(ui: &mut Ui, cx: &Cx<'_>) {
    let Some(build) = &cx.model.build.docker.build else { return };
    ui.set_min_height(ui.available_height());
    let name = build
        .tags
        .first()
        .cloned()
        .unwrap_or_else(|| build.folder.display().to_string());
    let n_cached = build.steps.iter().filter(|step| step.state == StepState::Cached).count();
    let (state, words) = match (&build.ended_at, &build.image) {
        (None, _) => (State::InProgress, cx.msg(&msg!("docker-building", name = name.as_str()))),
        (Some(_), Some(_)) => (
            State::Done,
            cx.msg(&msg!("docker-built", name = name.as_str(), cached = n_cached)),
        ),
        (Some(_), None) => (State::Failed, cx.msg(&msg!("docker-build-broken", name = name.as_str()))),
    };
    page_frame::bar_ui(ui, 30.0, |ui| state_mark::label_ui(ui, state, &words));
    let columns = [
        Column::new("step", cx.t("docker-col-step"), 56.0).always().unsortable(),
        Column::new("state", cx.t("docker-col-state"), 120.0).always().unsortable(),
        Column::new("what", cx.t("docker-col-instruction"), 300.0)
            .fill()
            .always()
            .unsortable(),
        Column::new("line", cx.t("docker-col-line"), 56.0).right().unsortable(),
        Column::new("time", cx.t("docker-col-time"), 72.0).right().unsortable(),
    ];
    let title = cx.t("docker-steps");
    let mut state = TableState::default();
    let table = Table::new("docker-steps", &title, &columns, build.steps.len())
        .dense()
        .label(|i| build.steps.get(i).map(|step| step.instruction.clone()).unwrap_or_default());
    table.show(ui, &mut state, |ui, i, column| {
        let Some(step) = build.steps.get(i) else { return };
        match columns[column].id {
            "step" => drop(text::weak(ui, &format!("{}/{}", step.number, step.total))),
            "state" => {
                let (state, key) = match step.state {
                    StepState::Running if build.ended_at.is_none() => (State::InProgress, "docker-step-running"),
                    StepState::Running | StepState::Done => (State::Done, "docker-step-done"),
                    StepState::Cached => (State::Skipped, "docker-step-cached"),
                    StepState::Failed => (State::Failed, "docker-step-failed"),
                };
                state_mark::label_ui(ui, state, &cx.t(key));
            }
            "what" => drop(text::mono(ui, &step.instruction).on_hover_text(&step.instruction)),
            "line" => drop(text::weak(ui, &step.line.map(|line| line.to_string()).unwrap_or_default())),
            _ => {
                if step.duration_ms > 0 {
                    text::body(ui, &format::duration_secs(step.duration_ms as f64 / 1000.0, cx.texts));
                }
            }
        }
    });
}
