//! The page of DevOps: the board of workspaces, this machine, the ledger of runs.

mod board;
mod clone;
mod found;
mod machine;
mod machines;
mod runs;
mod terminal;
mod welcome;
pub(super) mod words;
mod workspace;

use super::{Command, RunFilter, TrustState, WorkspaceInfo};
use crate::areas::AreaId;
use crate::areas::page::{Action, Badge, Cx, Intent, Tab, UiIntent};
use crate::base::{JobId, State, Target, WorkspaceId};
use crate::msg;
use crate::ui::table::row_key;
use crate::ui::{self, icons};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

const WORKSPACES: &str = "workspaces";
const MACHINES: &str = "machines";
const RUNS: &str = "runs";
const TERMINAL: &str = super::terminal::TAB;

/// What the user sees and selects here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    board: board::Board,
    runs: runs::Runs,
    machines: machines::View,
    #[serde(skip)]
    terminal: terminal::View,
    #[serde(skip)]
    found: found::Found,
    #[serde(skip)]
    grouping: Option<workspace::Grouping>,
    #[serde(skip)]
    cloning: Option<clone::Cloning>,
    #[serde(skip)]
    cloned: Option<clone::Cloning>,
}

impl Page {
    /// The workspace that the detail is about.
    fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a WorkspaceInfo> {
        let key = self.board.table.single()?;
        cx.model
            .devops
            .infos()
            .iter()
            .find(|info| row_key(&info.workspace.id.0) == key)
    }

    fn is_first_start(cx: &Cx<'_>) -> bool {
        cx.model.devops.workspaces.is_ready() && cx.model.devops.infos().is_empty()
    }

    /// Everything on the board once more.
    fn refresh_board(cx: &Cx<'_>) {
        let workspaces: Vec<_> = cx.model.devops.infos().iter().map(|info| info.workspace.clone()).collect();
        if !workspaces.is_empty() {
            cx.ask(Command::RefreshBoard { workspaces });
        }
    }
}

impl crate::areas::page::Page for Page {
    fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let pick = |purpose: &str| Intent::Ui(UiIntent::PickFolder(AreaId::DevOps, purpose.to_owned()));
        let add = Action::new("devops-add", cx.t("devops-add"), pick("add")).icon(icons::ADD);
        let clone = Intent::Ui(UiIntent::PageAction(AreaId::DevOps, clone::PURPOSE.to_owned()));
        let clone = Action::new("devops-clone", cx.t("devops-clone"), clone).icon(icons::DOWNLOAD);
        let scan = Action::new("devops-scan", cx.t("devops-scan"), pick("scan")).icon(icons::SEARCH);
        let sample = Action::new("devops-sample", cx.t("devops-sample"), pick("sample")).icon(icons::STAR);
        let tour = Action::new("devops-tour", cx.t("devops-tour"), Intent::Ui(UiIntent::Tour)).icon(icons::FLAG);
        let first_start = Self::is_first_start(cx);
        let mut actions = Vec::new();
        // The first page has these as its own buttons; one filled button is enough.
        if first_start {
            actions.extend([
                add.palette_only(),
                clone.palette_only(),
                scan.palette_only(),
                sample.palette_only(),
                tour.palette_only(),
            ]);
        } else {
            match cx.tab {
                WORKSPACES => actions.push(add.primary()),
                TERMINAL => actions.push(add.palette_only()),
                _ => actions.push(add),
            }
            actions.extend([clone, scan, sample, tour]);
        }
        if !cx.settings.workspaces.roots.is_empty() {
            let label = cx.t("devops-scan-roots");
            let scan = Intent::Ui(UiIntent::PageAction(AreaId::DevOps, "scan-roots".to_owned()));
            actions.push(Action::new("devops-scan-roots", label, scan).icon(icons::SEARCH));
        }
        match cx.tab {
            MACHINES => actions.extend(self.machines.actions(cx)),
            RUNS => actions.extend(self.runs.actions(cx)),
            TERMINAL => actions.extend(self.terminal.actions(cx)),
            _ => {
                if let Some(info) = self.selected(cx) {
                    actions.extend(workspace::actions(info, cx).into_iter().map(Action::palette_only));
                }
            }
        }
        actions
    }

    fn subtitle(&self, cx: &Cx<'_>) -> String {
        match cx.tab {
            MACHINES => self.machines.subtitle(cx),
            TERMINAL => self.terminal.subtitle(cx),
            RUNS => cx.msg(&msg!("devops-runs-subtitle", n = cx.model.devops.n_all_runs)),
            _ => {
                let infos = cx.model.devops.infos();
                if infos.is_empty() {
                    return String::new();
                }
                let n_wrong = infos.iter().filter(|info| words::worst(cx, info).needs_attention()).count();
                cx.msg(&msg!("devops-subtitle", n = infos.len(), wrong = n_wrong))
            }
        }
    }

    fn tabs(&self, cx: &Cx<'_>) -> Vec<Tab> {
        let tab = |id, key: &str, count| Tab {
            id,
            label: cx.t(key),
            count,
        };
        let n = cx.model.devops.infos().len() as u64;
        vec![
            tab(WORKSPACES, "devops-tab-workspaces", (n > 0).then_some(n)),
            tab(MACHINES, "devops-tab-machines", machines::n_machines(cx)),
            tab(RUNS, "devops-tab-runs", None),
            tab(TERMINAL, "devops-tab-terminal", terminal::n_open(cx)),
        ]
    }

    fn filter_hint(&self, cx: &Cx<'_>) -> Option<String> {
        match cx.tab {
            MACHINES => Some(cx.t("devops-filter-tools")),
            RUNS => Some(cx.t("devops-filter-runs")),
            TERMINAL => None,
            _ => (!Self::is_first_start(cx)).then(|| cx.t("devops-filter")),
        }
    }

    fn body_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        match cx.tab {
            MACHINES => self.machines.body_ui(ui, cx),
            RUNS => self.runs.body_ui(ui, cx),
            TERMINAL => self.terminal.body_ui(ui, cx),
            _ if Self::is_first_start(cx) => welcome::body_ui(ui, cx),
            _ => self.board.body_ui(ui, cx),
        }
    }

    fn has_detail(&self, cx: &Cx<'_>) -> bool {
        match cx.tab {
            MACHINES | TERMINAL => false,
            RUNS => self.runs.selected(cx).is_some(),
            _ => self.selected(cx).is_some(),
        }
    }

    fn detail_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        if cx.tab == RUNS {
            self.runs.detail_ui(ui, cx);
        } else if let Some(info) = self.selected(cx) {
            workspace::detail_ui(ui, cx, info);
        }
    }

    fn dialog_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        self.found.dialog_ui(ui, cx);
        workspace::grouping_ui(ui, cx, &mut self.grouping);
        clone::cloning_ui(ui, cx, &mut self.cloning, &mut self.cloned);
    }

    fn on_open(&mut self, cx: &Cx<'_>) {
        if cx.model.devops.workspaces.is_ready() {
            cx.ask(Command::LoadWorkspaces);
        }
        match cx.tab {
            MACHINES => machines::View::ask(cx),
            RUNS => self.runs.ask(cx),
            TERMINAL => self.terminal.take_keys(),
            _ => Self::refresh_board(cx),
        }
    }

    fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        if let Some(id) = id.strip_prefix("machine/") {
            self.machines.on_action(id, cx);
        } else if let Some(id) = id.strip_prefix("terminal/") {
            self.terminal.on_action(id, cx);
        } else if id == clone::PURPOSE {
            self.cloning = Some(clone::Cloning::begin(cx, self.cloned.take()));
        } else if id == "scan-roots" {
            self.found.open();
            cx.ask(Command::ScanRoots { roots: Vec::new() });
        } else if let Some(id) = id.strip_prefix("group/") {
            let id = WorkspaceId(id.to_owned());
            self.grouping = cx.model.devops.info(&id).map(workspace::Grouping::of);
        }
    }

    fn on_picked(&mut self, purpose: &str, path: PathBuf, cx: &Cx<'_>) {
        match purpose {
            "scan" => {
                self.found.open();
                cx.ask(Command::ScanRoots { roots: vec![path] });
            }
            clone::PURPOSE => {
                if let Some(cloning) = &mut self.cloning {
                    cloning.picked(&path);
                }
            }
            "sample" => cx.ask(Command::UnpackSample {
                dir: path.join("bonjour"),
            }),
            _ => cx.ask(Command::AddWorkspace {
                path,
                group: String::new(),
            }),
        }
    }

    fn reveal(&mut self, target: &Target, cx: &Cx<'_>) {
        match target {
            Target::Workspace { workspace } => self.board.table.select_only(row_key(&workspace.0)),
            Target::Run { job } => self.runs.reveal(*job, cx),
            _ => {}
        }
    }

    fn tab_of(&self, target: &Target) -> Option<&'static str> {
        match target {
            Target::Workspace { .. } => Some(WORKSPACES),
            Target::Run { .. } => Some(RUNS),
            _ => None,
        }
    }

    fn learn(&self, cx: &Cx<'_>) {
        let of = cx.workspace.map(|workspace| workspace.id.clone());
        if cx.model.devops.runs_filter.as_ref().is_none_or(|known| known.workspace != of) {
            let filter = RunFilter {
                workspace: of,
                ..RunFilter::default()
            };
            cx.ask(Command::ListRuns { filter });
        }
    }

    fn things(&self, cx: &Cx<'_>) -> Vec<(String, Target)> {
        let runs = cx.model.devops.runs.iter().take(100);
        runs.map(|run| (format!("{} {}", run.id, cx.msg(&run.title)), Target::Run { job: run.id }))
            .collect()
    }

    fn searches(&self, _cx: &Cx<'_>) -> Vec<(&'static str, &'static str)> {
        vec![(RUNS, "devops-search-runs")]
    }

    fn badge(&self, cx: &Cx<'_>) -> Option<Badge> {
        let states = cx.model.devops.infos().iter().map(|info| words::worst(cx, info));
        let wrong: Vec<State> = states.filter(|state| state.needs_attention()).collect();
        let state = wrong.iter().min().copied()?;
        Some(Badge {
            count: wrong.len() as u64,
            state: Some(state),
        })
    }

    fn save(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn load(&mut self, saved: serde_json::Value) {
        if let Ok(page) = serde_json::from_value(saved) {
            *self = page;
        }
    }
}

/// The runs that a filter asks for, of the workspace that is chosen in the top bar.
fn run_filter(cx: &Cx<'_>, only_failed: bool, before: Option<JobId>) -> RunFilter {
    RunFilter {
        workspace: cx.workspace.map(|workspace| workspace.id.clone()),
        area: None,
        text: cx.filter.trim().to_owned(),
        only_failed,
        before,
        limit: None,
    }
}

/// Asks the window for the dialog that shows what trusting means.
fn trust_intent(info: &WorkspaceInfo) -> Intent {
    Intent::Ui(UiIntent::PageAction(
        AreaId::DevOps,
        format!("devops-trust/{}", info.workspace.id),
    ))
}

fn is_trusted(info: &WorkspaceInfo) -> bool {
    info.trust == TrustState::Trusted
}
