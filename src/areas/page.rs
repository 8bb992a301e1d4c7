//! What a page of the window is: it draws the model and asks with intents; it never does anything itself.

use super::{AreaId, Command, Model};
use crate::base::{
    Catalog, GitPath, JobId, Msg, Place, Problem, Settings, State, Target, Thread, Timestamp, Workspace, WorkspaceId, format,
};
use crate::msg;
use crate::ui;
use std::cell::RefCell;

/// What a page wants. Collected while drawing, carried out after the frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    Do(Command),
    Cancel(JobId),
    /// Show this thing on its page.
    Go(Target),
    Ui(UiIntent),
}

/// What the window itself can do.
#[derive(Clone, Debug, PartialEq)]
pub enum UiIntent {
    /// Calls `Page::on_action` of that page: for dialogs and selections.
    PageAction(AreaId, String),
    Copy(String),
    /// http and https only.
    OpenUrl(String),
    /// Native folder picker; the answer arrives as `Page::on_picked` of that page.
    PickFolder(AreaId, String),
    PickFile(AreaId, String),
    SelectWorkspace(Option<WorkspaceId>),
    /// Works in this folder from now on; one that is no workspace yet becomes one. A canonical path.
    OpenFolder(std::path::PathBuf),
    SelectEnvironment(Option<String>),
    /// Opens the activity panel on this job.
    ShowJob(JobId),
    /// A line that the user must know now, with an act to take it back if there is one; `word` names that act when it is no undo.
    Toast {
        text: String,
        word: Option<String>,
        undo: Option<Box<Intent>>,
    },
    /// Why what was asked for is not done.
    Refused(String),
    /// Puts these words into the filter box of the open page.
    Filter(String),
    /// Begins the tour: the sample project through its life cycle, step by step.
    Tour,
    Quit,
}

impl<C: Into<Command>> From<C> for Intent {
    fn from(command: C) -> Self {
        Self::Do(command.into())
    }
}

/// One act of a page: toolbar, menu, command palette and shortcut come from this one list.
pub type Action = ui::action::Action<Intent>;

/// One tab of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Tab {
    /// Stable word, used in `Target::Page` and kept over restarts.
    pub id: &'static str,
    pub label: String,
    pub count: Option<u64>,
}

/// The count beside an area in the sidebar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Badge {
    pub count: u64,
    /// None draws the number alone.
    pub state: Option<State>,
}

/// What a page may look at while it draws.
pub struct Cx<'a> {
    pub model: &'a Model,
    pub texts: &'a Catalog,
    pub settings: &'a Settings,
    /// The clock of this frame.
    pub now: Timestamp,
    /// The workspace chosen in the top bar; None means all of them.
    pub workspace: Option<&'a Workspace>,
    pub environment: Option<&'a str>,
    /// The open tab's id, empty when the page has none.
    pub tab: &'a str,
    /// What stands in the page's filter box.
    pub filter: &'a str,
    pub intents: &'a RefCell<Vec<Intent>>,
}

impl Cx<'_> {
    /// Asks; carried out after this frame.
    pub fn ask(&self, intent: impl Into<Intent>) {
        self.intents.borrow_mut().push(intent.into());
    }

    /// The text of a key.
    pub fn t(&self, key: &str) -> String {
        self.texts.t(key).into_owned()
    }

    /// A message in the user's language.
    pub fn msg(&self, msg: &Msg) -> String {
        self.texts.msg(msg)
    }

    /// Opens a place of the workspace in the user's editor: `src/balance.rs:62`.
    pub fn open_place(&self, workspace: &Workspace, place: &str) {
        let numbered = place
            .rsplit_once(':')
            .and_then(|(path, line)| Some((path, line.parse().ok()?)));
        let (path, line) = numbered.unwrap_or((place, 1));
        self.ask(super::code::Command::OpenInEditor {
            workspace: workspace.clone(),
            path: GitPath::of_path(&workspace.root.join(path)),
            line,
            column: 1,
        });
    }

    /// Opens the workspace's `chantier.toml` in the user's editor, a first one where there is none.
    pub fn edit_project(&self, workspace: &Workspace) {
        self.ask(super::config::Command::EditProject {
            workspace: workspace.clone(),
            lang: self.texts.lang(),
        });
    }

    /// Opens a terminal there, and shows it where terminals are.
    pub fn open_terminal(&self, place: super::devops::terminal::TerminalPlace) {
        self.ask(super::devops::Command::OpenTerminal { place });
        self.ask(Intent::Go(Target::Page {
            area: AreaId::DevOps.word().to_owned(),
            tab: Some(super::devops::terminal::TAB.to_owned()),
        }));
    }

    /// The thread of a thing, as it is known. It is asked for whenever it is drawn; the window lets through what is due.
    pub fn thread(&self, target: &Target) -> Option<&Thread> {
        self.ask(super::devops::Command::ShowThread {
            of: target.clone(),
            at: None,
        });
        self.model.devops.thread(target).and_then(|thread| thread.value())
    }
}

/// The page of one area.
pub trait Page {
    /// Toolbar, menu, palette and shortcuts, for what is selected now.
    fn actions(&self, cx: &Cx<'_>) -> Vec<Action>;

    /// The one line beside the title.
    fn subtitle(&self, cx: &Cx<'_>) -> String;

    fn tabs(&self, _cx: &Cx<'_>) -> Vec<Tab> {
        Vec::new()
    }

    /// The hint in the filter box; None hides the box.
    fn filter_hint(&self, _cx: &Cx<'_>) -> Option<String> {
        None
    }

    /// Keys that hold on the open tab beside those of the actions, each with what it does: for the list of shortcuts.
    fn keys(&self, _cx: &Cx<'_>) -> Vec<(String, String)> {
        Vec::new()
    }

    /// What may be typed next in the filter box.
    fn filter_offers(&self, _cx: &Cx<'_>) -> Vec<ui::offers::Offer> {
        Vec::new()
    }

    fn body_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>);

    /// Whether the detail panel has something to show.
    fn has_detail(&self, _cx: &Cx<'_>) -> bool {
        false
    }

    /// Facts first, then actions, then the thread.
    fn detail_ui(&mut self, _ui: &mut ui::Ui, _cx: &Cx<'_>) {}

    /// Modal dialogs of this page, drawn above everything.
    fn dialog_ui(&mut self, _ui: &mut ui::Ui, _cx: &Cx<'_>) {}

    /// The page was opened, or the workspace was changed: ask for what is missing or old.
    fn on_open(&mut self, _cx: &Cx<'_>) {}

    /// `UiIntent::PageAction` with this id.
    fn on_action(&mut self, _id: &str, _cx: &Cx<'_>) {}

    /// A folder or file was picked for this purpose, or dropped on the window (purpose `drop`).
    fn on_picked(&mut self, _purpose: &str, _path: std::path::PathBuf, _cx: &Cx<'_>) {}

    /// Select this thing. The shell has opened the page, and the tab given by `tab_of`.
    fn reveal(&mut self, _target: &Target, _cx: &Cx<'_>) {}

    /// The tab that shows this thing.
    fn tab_of(&self, _target: &Target) -> Option<&'static str> {
        None
    }

    /// Ask for what `things` names, where nothing of it is known yet: the palette is opened, and this page may never have been.
    fn learn(&self, _cx: &Cx<'_>) {}

    /// What the command palette finds here beside the actions: named things.
    fn things(&self, _cx: &Cx<'_>) -> Vec<(String, Target)> {
        Vec::new()
    }

    /// The tabs whose filter box looks through more than `things`, each with the key of what the palette calls the search there.
    fn searches(&self, _cx: &Cx<'_>) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    fn badge(&self, _cx: &Cx<'_>) -> Option<Badge> {
        None
    }

    /// Widths, selections and the like, kept over restarts.
    fn save(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    fn load(&mut self, _saved: serde_json::Value) {}
}

/// What stands on a page of one workspace while none is chosen: the workspaces to choose from, or the way to the first one.
pub fn choose_workspace_ui(ui: &mut ui::Ui, cx: &Cx<'_>, icon: ui::icons::Icon, sentence: &str) {
    let infos: Vec<_> = cx.model.devops.infos().iter().filter(|info| !info.is_missing).collect();
    if infos.is_empty() {
        let show = cx.t("page-show-workspaces");
        if ui::page_frame::empty_ui(ui, icon, sentence, Some(&show)) {
            cx.ask(Intent::Go(Target::Page {
                area: AreaId::DevOps.word().to_owned(),
                tab: None,
            }));
        }
        return;
    }
    let names: Vec<&str> = infos.iter().map(|info| info.workspace.name.as_str()).collect();
    if let Some(at) = ui::page_frame::choices_ui(ui, icon, sentence, &names) {
        cx.ask(Intent::Ui(UiIntent::SelectWorkspace(Some(infos[at].workspace.id.clone()))));
    }
}

/// What stands in a list of which the filter lets nothing through: a sentence by its key, and the act that lets everything through.
pub fn no_hits_ui(ui: &mut ui::Ui, cx: &Cx<'_>, sentence: &str) {
    let (key, clear) = if !cx.filter.trim().is_empty() {
        ("page-clear-filter", UiIntent::Filter(String::new()))
    } else if cx.environment.is_some() {
        ("shell-all-environments", UiIntent::SelectEnvironment(None))
    } else {
        ui::page_frame::empty_ui(ui, ui::icons::FILTER, &cx.t(sentence), None);
        return;
    };
    if ui::page_frame::empty_ui(ui, ui::icons::FILTER, &cx.t(sentence), Some(&cx.t(key))) {
        cx.ask(Intent::Ui(clear));
    }
}

/// What is wrong in a file of the workspace, with the way to its line.
pub fn file_problem_ui(ui: &mut ui::Ui, cx: &Cx<'_>, workspace: &Workspace, problem: &Problem) {
    let Some(place) = &problem.place else {
        ui::page_frame::problem_card_ui(ui, problem, false);
        return;
    };
    let name = place.path.strip_prefix(&workspace.root).unwrap_or(&place.path);
    let shown = Place {
        path: name.to_owned(),
        ..place.clone()
    };
    let open = cx.msg(&msg!("page-open-place", place = shown.text()));
    if ui::page_frame::problem_card_with_ui(ui, problem, Some(&open)) {
        cx.open_place(workspace, &place.text());
    }
}

/// The short id of a commit in a list, as a link to it; `+` where the sources had changes beside it.
pub fn commit_ui(ui: &mut ui::Ui, cx: &Cx<'_>, workspace: &WorkspaceId, commit: Option<&str>, is_dirty: bool) {
    let Some(oid) = commit else {
        ui::text::absent(ui);
        return;
    };
    let word = format!("{}{}", format::short_oid(oid), if is_dirty { "+" } else { "" });
    if ui::text::link_mono(ui, &word).clicked() {
        cx.ask(Intent::Go(Target::Commit {
            workspace: workspace.clone(),
            oid: oid.to_owned(),
        }));
    }
}
