//! The tab of this machine: its processes as a tree or flat, and beside them disks, network, ports, sensors, or the chosen process.

use crate::areas::operate::Command;
use crate::areas::page::{Action, Cx, Intent, UiIntent, no_hits_ui};
use crate::base::host::{HostLook, HostPort, HostProcess, HostSignal, SensorKind};
use crate::base::{State, Timestamp, format, time};
use crate::msg;
use crate::ui::button::segments_ui;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::memo::Memo;
use crate::ui::table::{Column, Sort, Table, row_key};
use crate::ui::tokens::measure;
use crate::ui::tree::{TreeRow, TreeState, flatten, tree_ui};
use crate::ui::{Ui, action, icons, page_frame, state_mark, text};
use egui::{Align, Layout};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A watch lasts so long; the page asks for the next one before.
const WATCH_SECS: u32 = 40;
const RENEW_SECS: f64 = 30.0;
/// Width of a chart in the bar.
const SPARK: f32 = 60.0;
/// Ports and interfaces that the detail names at most.
const NAMED: usize = 60;
/// Room for `↓ 123.4 MB/s`.
const RATE_WIDTH: f32 = 84.0;

type Key = (u64, String, Option<Sort>, bool, BTreeSet<u64>);
type Rows = (Vec<TreeRow>, Vec<usize>);

/// What the tab remembers.
#[derive(Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Host {
    tree: TreeState,
    is_tree: bool,
    #[serde(skip)]
    rows: Memo<Key, Rows>,
    #[serde(skip)]
    watched: Option<Timestamp>,
}

impl Default for Host {
    fn default() -> Self {
        Self {
            tree: TreeState::default(),
            is_tree: true,
            rows: Memo::default(),
            watched: None,
        }
    }
}

fn key(process: &HostProcess) -> u64 {
    row_key(&format!("{} {}", process.pid, process.start))
}

impl Host {
    /// The watch ends by itself when nobody looks any more.
    fn keep_watching(&mut self, cx: &Cx<'_>) {
        let is_fresh = self.watched.is_some_and(|at| time::secs_between(at, cx.now) < RENEW_SECS);
        if !is_fresh {
            self.watch(cx);
        }
    }

    pub(super) fn watch(&mut self, cx: &Cx<'_>) {
        self.watched = Some(cx.now);
        cx.ask(Command::WatchHost { secs: Some(WATCH_SECS) });
    }

    fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a HostProcess> {
        let chosen = self.tree.table.single()?;
        let look = cx.model.operate.host.as_ref()?;
        look.processes.iter().find(|process| key(process) == chosen)
    }

    pub(super) fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        self.selected(cx).map_or_else(Vec::new, |process| signals(cx, process))
    }

    pub(super) fn subtitle(cx: &Cx<'_>) -> String {
        let Some(look) = &cx.model.operate.host else {
            return String::new();
        };
        let up = format::duration_secs(look.uptime_secs as f64, cx.texts);
        cx.msg(&msg!(
            "host-subtitle",
            name = look.name.as_str(),
            n = look.processes.len(),
            up = up
        ))
    }

    pub(super) fn has_detail(cx: &Cx<'_>) -> bool {
        cx.model.operate.host.is_some()
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        self.keep_watching(cx);
        let Some(look) = &cx.model.operate.host else {
            page_frame::loading_ui(ui, None);
            return;
        };
        self.bar_ui(ui, cx, look);
        let rows = self.arrange(cx, look);
        if rows.0.is_empty() {
            no_hits_ui(ui, cx, "host-filter-nothing");
            return;
        }
        self.table_ui(ui, cx, look, &rows);
    }

    fn bar_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, look: &HostLook) {
        page_frame::bar_ui(ui, 38.0, |ui| {
            let ring = &cx.model.operate.host_ring;
            let cpu = look.cpu.map_or("–".to_owned(), |share| format::percent(share, cx.texts));
            let used = look.memory_used_bytes as f64 / look.memory_bytes.max(1) as f64;
            number_ui(ui, &cx.t("operate-col-cpu"), &cpu);
            let values: Vec<f32> = ring.cpu.iter().map(|value| *value as f32).collect();
            state_mark::sparkline_ui(ui, &values, SPARK, level(look.cpu.unwrap_or(0.0)), &cx.t("operate-col-cpu"));
            ui.add_space(measure::SPACE_12);
            let memory = cx.msg(&msg!(
                "host-of",
                used = format::bytes(look.memory_used_bytes, cx.texts),
                total = format::bytes(look.memory_bytes, cx.texts)
            ));
            number_ui(ui, &cx.t("operate-col-memory"), &memory);
            let values: Vec<f32> = ring.memory.iter().map(|value| *value as f32).collect();
            state_mark::sparkline_ui(ui, &values, SPARK, level(used), &cx.t("operate-col-memory"));
            ui.add_space(measure::SPACE_12);
            let load: Vec<String> = look.load.iter().map(|load| format::decimal(*load, 2, cx.texts)).collect();
            number_ui(ui, &cx.t("host-load"), &load.join("  "));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let (tree, flat) = (cx.t("host-tree"), cx.t("host-flat"));
                segments_ui(ui, &mut self.is_tree, &[(true, tree.as_str()), (false, flat.as_str())]);
            });
        });
    }

    fn arrange(&self, cx: &Cx<'_>, look: &HostLook) -> Rc<Rows> {
        let filter = cx.filter.trim().to_lowercase();
        let sort = self.tree.table.sort.clone();
        let is_tree = self.is_tree && filter.is_empty();
        let key_of = (
            cx.model.operate.host_generation,
            filter.clone(),
            sort.clone(),
            is_tree,
            self.tree.toggled.clone(),
        );
        self.rows.get(key_of, || {
            let all = &look.processes;
            let ports = ports_by_pid(look);
            let mut order: Vec<usize> = (0..all.len()).filter(|i| passes(&all[*i], &ports, &filter)).collect();
            order.sort_by(|a, b| compare(&all[*a], &all[*b], sort.as_ref()));
            if !is_tree {
                let rows = order.iter().map(|i| TreeRow {
                    key: key(&all[*i]),
                    ..TreeRow::default()
                });
                return (rows.collect(), order);
            }
            let pids: BTreeSet<u32> = all.iter().map(|process| process.pid).collect();
            let mut children: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
            let mut roots = Vec::new();
            for i in order {
                let parent = all[i].parent;
                if parent != all[i].pid && pids.contains(&parent) {
                    children.entry(parent).or_default().push(i);
                } else {
                    roots.push(i);
                }
            }
            let below = |i: usize| children.get(&all[i].pid).cloned().unwrap_or_default();
            flatten(roots, &self.tree, |i| key(&all[i]), below, |_| true)
                .into_iter()
                .unzip()
        })
    }

    fn table_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, look: &HostLook, rows: &Rows) {
        let name = cx.t("operate-tab-host");
        let columns = [
            Column::new("name", cx.t("host-col-process"), 210.0).always(),
            Column::new("pid", cx.t("host-col-pid"), 64.0).right(),
            Column::new("user", cx.t("host-col-user"), 80.0),
            Column::new("cpu", cx.t("operate-col-cpu"), 64.0).right(),
            Column::new("memory", cx.t("operate-col-memory"), 76.0).right(),
            Column::new("threads", cx.t("host-col-threads"), 60.0)
                .right()
                .hidden_at_first(),
            Column::new("started", cx.t("operate-started"), 92.0).right(),
            Column::new("command", cx.t("host-col-command"), 160.0).fill(),
        ];
        let at = |row: usize| rows.1.get(row).and_then(|i| look.processes.get(*i));
        let asked = std::cell::RefCell::new(None);
        let table = Table::new("operate-host", &name, &columns, rows.0.len())
            .single()
            .dense()
            .label(|row| at(row).map_or_else(String::new, |process| format!("{} {}", process.name, process.pid)))
            .copy(|row| at(row).map_or_else(String::new, |process| format!("{}\t{}", process.pid, process.command)))
            .menu(|ui, row| {
                if let Some(process) = at(row) {
                    *asked.borrow_mut() = action::menu_ui(ui, &signals(cx, process));
                }
            });
        tree_ui(ui, table, &rows.0, &mut self.tree, |ui, row, column| {
            if let Some(process) = at(row) {
                cell_ui(ui, cx, process, columns[column].id);
            }
        });
        if let Some(intent) = asked.into_inner() {
            cx.ask(intent);
        }
    }

    pub(super) fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(look) = &cx.model.operate.host else { return };
        match self.selected(cx) {
            Some(process) => process_ui(ui, cx, look, process),
            None => machine_ui(ui, cx, look),
        }
    }
}

fn level(share: f64) -> State {
    if share > 0.95 { State::Degraded } else { State::Running }
}

fn number_ui(ui: &mut Ui, label: &str, value: &str) {
    text::small(ui, label);
    text::medium(ui, value);
}

fn ports_by_pid(look: &HostLook) -> BTreeMap<u32, Vec<u16>> {
    let mut ports: BTreeMap<u32, Vec<u16>> = BTreeMap::new();
    for port in &look.ports {
        ports.entry(port.pid).or_default().push(port.port);
    }
    ports
}

/// By name, command line, user, number, or the port that it listens on (`:8080`).
fn passes(process: &HostProcess, ports: &BTreeMap<u32, Vec<u16>>, filter: &str) -> bool {
    if filter.is_empty() {
        return true;
    }
    if let Some(port) = filter.strip_prefix(':') {
        let of = ports.get(&process.pid);
        return of.is_some_and(|of| of.iter().any(|one| one.to_string().starts_with(port)));
    }
    process.name.to_lowercase().contains(filter)
        || process.command.to_lowercase().contains(filter)
        || process.user.to_lowercase() == filter
        || process.pid.to_string() == filter
}

fn compare(a: &HostProcess, b: &HostProcess, sort: Option<&Sort>) -> Ordering {
    let number = |a: Option<f64>, b: Option<f64>| a.unwrap_or(0.0).total_cmp(&b.unwrap_or(0.0));
    let order = match sort.map_or("", |sort| sort.column.as_str()) {
        "name" => a.name.cmp(&b.name),
        "user" => a.user.cmp(&b.user),
        "cpu" => number(a.cpu_percent, b.cpu_percent),
        "memory" => a.memory_bytes.cmp(&b.memory_bytes),
        "threads" => a.n_threads.cmp(&b.n_threads),
        "started" => a.start.cmp(&b.start),
        "command" => a.command.cmp(&b.command),
        _ => Ordering::Equal,
    };
    let order = if sort.is_some_and(|sort| sort.descending) {
        order.reverse()
    } else {
        order
    };
    order.then(a.pid.cmp(&b.pid))
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, process: &HostProcess, column: &str) {
    match column {
        "name" => match state(process.state) {
            // Most of them sleep: a mark at each says nothing.
            State::None => {
                ui.add_space(measure::MARK + measure::ICON_GAP);
                text::body(ui, &process.name);
            }
            other => drop(state_mark::label_ui(ui, other, &process.name)),
        },
        "pid" => drop(text::weak(ui, &process.pid.to_string())),
        "user" => drop(text::body(ui, &process.user)),
        "cpu" => match process.cpu_percent {
            Some(cpu) if cpu >= 0.05 => drop(text::body(ui, &format::percent(cpu / 100.0, cx.texts))),
            Some(_) => drop(text::weak(ui, &format::percent(0.0, cx.texts))),
            None => drop(text::absent(ui)),
        },
        "memory" => match process.memory_bytes {
            0 => drop(text::absent(ui)),
            bytes => drop(text::body(ui, &format::bytes(bytes, cx.texts))),
        },
        "threads" => drop(text::body(ui, &process.n_threads.to_string())),
        "started" => match process.started_at {
            Some(at) => drop(text::weak(ui, &format::age(at, cx.now, cx.texts)).on_hover_text(at.to_string())),
            None => drop(text::absent(ui)),
        },
        _ => drop(text::weak(ui, &process.command)),
    }
}

fn state(letter: char) -> State {
    match letter {
        'R' => State::Running,
        'T' | 't' => State::Skipped,
        'D' => State::Degraded,
        'Z' | 'X' => State::Failed,
        _ => State::None,
    }
}

fn state_key(letter: char) -> &'static str {
    match letter {
        'R' => "host-state-running",
        'T' | 't' => "host-state-stopped",
        'D' => "host-state-disk",
        'Z' | 'X' => "host-state-zombie",
        'I' => "host-state-idle",
        _ => "host-state-sleeping",
    }
}

/// What a process can be told; what may lose work asks before.
fn signals(cx: &Cx<'_>, process: &HostProcess) -> Vec<Action> {
    let of = |signal: HostSignal| Command::Signal {
        pid: process.pid,
        start: Some(process.start),
        signal,
    };
    let name = format!("{} ({})", process.name, process.pid);
    let ask = |key: &'static str| cx.msg(&crate::base::Msg::new(key).with("name", name.as_str()));
    let why = cx.t("host-signal-why");
    let is_stopped = matches!(process.state, 'T' | 't');
    let mut actions = vec![
        Action::new("host-term", cx.t("host-term"), of(HostSignal::Term).into())
            .icon(icons::STOP)
            .danger()
            .confirm(ask("host-term-title"), why.clone()),
        Action::new("host-kill", cx.t("host-kill"), of(HostSignal::Kill).into())
            .icon(icons::CLOSE)
            .danger()
            .confirm(ask("host-kill-title"), cx.t("host-kill-why")),
    ];
    actions.push(if is_stopped {
        Action::new("host-cont", cx.t("host-cont"), of(HostSignal::Cont).into()).icon(icons::RUN)
    } else {
        Action::new("host-stop", cx.t("host-stop"), of(HostSignal::Stop).into())
            .icon(icons::PAUSE)
            .confirm(ask("host-stop-title"), cx.t("host-stop-why"))
    });
    actions.push(Action::new("host-hup", cx.t("host-hup"), of(HostSignal::Hup).into()).icon(icons::REFRESH));
    let copy = Intent::Ui(UiIntent::Copy(process.command.clone()));
    actions.push(Action::new("host-copy", cx.t("host-copy"), copy).icon(icons::COPY));
    actions
}

fn process_ui(ui: &mut Ui, cx: &Cx<'_>, look: &HostLook, process: &HostProcess) {
    let word = cx.t(state_key(process.state));
    detail::heading_ui(
        ui,
        &Heading {
            icon: icons::PULSE,
            name: &process.name,
            note: &process.user,
            state: Some((state(process.state), &word)),
        },
    );
    let mut facts = vec![Fact::mono(cx.t("host-col-pid"), process.pid.to_string())];
    if let Some(parent) = look.processes.iter().find(|other| other.pid == process.parent) {
        facts.push(Fact::text(cx.t("host-parent"), format!("{} ({})", parent.name, parent.pid)));
    }
    if let Some(cpu) = process.cpu_percent {
        facts.push(Fact::text(cx.t("operate-col-cpu"), format::percent(cpu / 100.0, cx.texts)));
    }
    facts.push(Fact::text(
        cx.t("operate-col-memory"),
        format::bytes(process.memory_bytes, cx.texts),
    ));
    facts.push(Fact::text(
        cx.t("host-col-threads"),
        format::count(u64::from(process.n_threads), cx.texts),
    ));
    if let Some(at) = process.started_at {
        facts.push(Fact::text(cx.t("operate-started"), format::ago(at, cx.now, cx.texts)).hover(at.to_string()));
    }
    let ports: Vec<String> = look
        .ports
        .iter()
        .filter(|port| port.pid == process.pid)
        .map(HostPort::shown)
        .collect();
    if !ports.is_empty() {
        facts.push(Fact::text(cx.t("host-ports"), ports.join(", ")));
    }
    if !process.command.is_empty() {
        facts.push(Fact::mono(cx.t("host-col-command"), process.command.clone()).hover(&process.command));
    }
    detail::facts_ui(ui, &facts);
    if let Some((pid, signal, after)) = cx.model.operate.signalled
        && pid == process.pid
    {
        detail::section_ui(ui, |ui| {
            let after = cx.t(after.key());
            let words = cx.msg(&msg!("host-signalled", signal = signal.word(), after = after));
            text::small(ui, &words);
        });
    }
    if let Some(intent) = detail::actions_ui(ui, &signals(cx, process)) {
        cx.ask(intent);
    }
}

fn machine_ui(ui: &mut Ui, cx: &Cx<'_>, look: &HostLook) {
    detail::heading_ui(
        ui,
        &Heading {
            icon: icons::MACHINE,
            name: &look.name,
            note: &cx.msg(&msg!("host-cores", n = look.n_cpus)),
            state: None,
        },
    );
    if look.swap_bytes > 0 {
        let swap = cx.msg(&msg!(
            "host-of",
            used = format::bytes(look.swap_used_bytes, cx.texts),
            total = format::bytes(look.swap_bytes, cx.texts)
        ));
        detail::facts_ui(ui, &[Fact::text(cx.t("host-swap"), swap)]);
    }
    disks_ui(ui, cx, look);
    let rate = |value: Option<f64>| match value {
        Some(bytes) => cx.msg(&msg!("host-per-sec", bytes = format::bytes(bytes as u64, cx.texts))),
        None => "–".to_owned(),
    };
    let both = |a: Option<f64>, b: Option<f64>| [format!("↓ {}", rate(a)), format!("↑ {}", rate(b))];
    if !look.devices.is_empty() {
        detail::titled_section_ui(ui, &cx.t("host-devices"), "", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for device in &look.devices {
                detail::columns_ui(ui, RATE_WIDTH, &both(device.read, device.write), |ui| {
                    text::weak(ui, &device.name);
                });
            }
        });
    }
    detail::titled_section_ui(ui, &cx.t("operate-network"), "", |ui| {
        // Those of containers come last: there is one for each of them.
        let (own, of_containers): (Vec<_>, Vec<_>) = look.interfaces.iter().partition(|one| !one.is_of_containers());
        ui.spacing_mut().item_spacing.y = 0.0;
        for one in own.into_iter().chain(of_containers).take(NAMED) {
            let total = cx.msg(&msg!(
                "host-since-boot",
                received = format::bytes(one.received_bytes, cx.texts),
                sent = format::bytes(one.sent_bytes, cx.texts),
                errors = one.n_errors
            ));
            let values = if one.is_up {
                both(one.receive, one.send)
            } else {
                [String::new(), cx.t("host-interface-down")]
            };
            let row = detail::columns_ui(ui, RATE_WIDTH, &values, |ui| {
                text::weak(ui, &one.name);
            });
            row.on_hover_text(total);
        }
    });
    if !look.ports.is_empty() {
        detail::titled_section_ui(ui, &cx.t("host-ports"), "", |ui| {
            let facts = look
                .ports
                .iter()
                .take(NAMED)
                .map(|port| Fact::text(port.shown(), format!("{} ({})", port.name, port.pid)));
            detail::fact_rows_ui(ui, &facts.collect::<Vec<_>>());
        });
    }
    detail::titled_section_ui(ui, &cx.t("host-sensors"), "", |ui| {
        if look.sensors.is_empty() {
            text::small(ui, &cx.t("host-no-sensors"));
        }
        let facts = look.sensors.iter().take(NAMED).map(|sensor| match sensor.kind {
            SensorKind::Temperature => {
                let words = format!("{} °C", format::decimal(sensor.value, 1, cx.texts));
                let is_hot = sensor.limit.is_some_and(|limit| sensor.value >= limit);
                if is_hot {
                    Fact::state(sensor.name.clone(), State::Degraded, words)
                } else {
                    Fact::text(sensor.name.clone(), words)
                }
            }
            SensorKind::Fan => Fact::text(sensor.name.clone(), cx.msg(&msg!("host-rpm", n = sensor.value))),
        });
        detail::fact_rows_ui(ui, &facts.collect::<Vec<_>>());
    });
}

fn disks_ui(ui: &mut Ui, cx: &Cx<'_>, look: &HostLook) {
    if look.disks.is_empty() {
        return;
    }
    detail::titled_section_ui(ui, &cx.t("devops-disks"), "", |ui| {
        for disk in &look.disks {
            let used = disk.total_bytes.saturating_sub(disk.free_bytes);
            let free = cx.msg(&msg!(
                "devops-disk-free",
                free = format::bytes(disk.free_bytes, cx.texts),
                total = format::bytes(disk.total_bytes, cx.texts)
            ));
            let share = used as f32 / disk.total_bytes.max(1) as f32;
            detail::share_ui(ui, &disk.mount, &disk.file_system, &free, share);
        }
    });
}
