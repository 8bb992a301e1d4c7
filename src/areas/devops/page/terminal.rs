//! Terminals: the ones that are open side by side as names, the chosen one below.

use crate::areas::AreaId;
use crate::areas::devops::Command;
use crate::areas::devops::terminal::{Session, SessionEnd, TerminalPlace};
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::screen::ScreenInput;
use crate::base::{JobId, State};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::page_frame::{self, Tab};
use crate::ui::terminal::{TerminalState, terminal_ui};
use crate::ui::{Ui, icons, state_mark};

/// What the tab remembers while the program runs.
#[derive(Default)]
pub(super) struct View {
    chosen: Option<JobId>,
    state: TerminalState,
    /// The newest terminal that was seen: one that opens is shown.
    newest: Option<JobId>,
    /// How often something was copied when it was looked at last.
    n_copied: u64,
}

/// How many are open, for the tab.
pub(super) fn n_open(cx: &Cx<'_>) -> Option<u64> {
    let n = cx
        .model
        .devops
        .terminals
        .iter()
        .filter(|session| session.ended.is_none())
        .count() as u64;
    (n > 0).then_some(n)
}

/// Where a new terminal opens: in the chosen workspace, else at home.
fn place(cx: &Cx<'_>) -> TerminalPlace {
    match cx.workspace {
        Some(workspace) => TerminalPlace::Workspace {
            workspace: workspace.clone(),
        },
        None => TerminalPlace::Home,
    }
}

impl View {
    fn session<'a>(&self, cx: &Cx<'a>) -> Option<&'a Session> {
        let all = &cx.model.devops.terminals;
        let chosen = self.chosen.and_then(|id| all.iter().find(|session| session.id == id));
        chosen.or_else(|| all.last())
    }

    pub(super) fn take_keys(&mut self) {
        self.state.focus = true;
    }

    pub(super) fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let act = |id: &str| Intent::Ui(UiIntent::PageAction(AreaId::DevOps, format!("terminal/{id}")));
        let new = Command::OpenTerminal { place: place(cx) };
        let mut actions = vec![
            Action::new("terminal-new", cx.t("terminal-new"), new.into())
                .icon(icons::ADD)
                .primary(),
        ];
        let Some(session) = self.session(cx) else { return actions };
        let has_selection = session.screen.as_ref().is_some_and(|screen| screen.has_selection);
        let because = (!has_selection).then(|| cx.t("terminal-nothing-selected"));
        actions.push(
            Action::new("terminal-search", cx.t("terminal-search-open"), act("search"))
                .icon(icons::SEARCH)
                .toolbar(),
        );
        actions.push(
            Action::new("terminal-copy", cx.t("terminal-copy"), act("copy"))
                .icon(icons::COPY)
                .disabled_because(because)
                .toolbar(),
        );
        if session.ended.is_none() {
            actions.push(Action::new("terminal-paste", cx.t("terminal-paste"), act("paste")).icon(icons::SAVE));
            actions.push(
                Action::new("terminal-stop", cx.t("terminal-stop"), Intent::Cancel(session.id))
                    .icon(icons::STOP)
                    .danger(),
            );
        } else {
            let again = Command::OpenTerminal {
                place: session.place.clone(),
            };
            actions.push(Action::new("terminal-again", cx.t("terminal-again"), again.into()).icon(icons::REFRESH));
            let forget = Command::ForgetTerminal { id: session.id };
            actions.push(Action::new("terminal-close", cx.t("terminal-close"), forget.into()).icon(icons::CLOSE));
        }
        let show = Intent::Ui(UiIntent::ShowJob(session.id));
        actions.push(Action::new("terminal-job", cx.t("terminal-show-job"), show).icon(icons::LOG));
        actions
    }

    pub(super) fn subtitle(&self, cx: &Cx<'_>) -> String {
        match self.session(cx) {
            Some(session) => where_words(cx, &session.place),
            None => String::new(),
        }
    }

    pub(super) fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        let Some(session) = self.session(cx) else { return };
        match id {
            "search" => self.state.search(),
            "copy" => cx.ask(Command::TellTerminal {
                id: session.id,
                input: ScreenInput::Copy,
            }),
            "paste" => self.state.paste(),
            _ => {}
        }
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        self.look(cx);
        let Some(session) = self.session(cx) else {
            self.empty_ui(ui, cx);
            return;
        };
        self.names_ui(ui, cx, session);
        if let Some(end) = &session.ended {
            ended_ui(ui, cx, session, end);
        }
        let Some(screen) = &session.screen else {
            if session.ended.is_none() {
                page_frame::loading_ui(ui, None);
            }
            return;
        };
        let name = cx.msg(&session.place.title());
        let is_live = session.ended.is_none();
        let response = terminal_ui(ui, session.id.0, &name, screen, &mut self.state, is_live);
        for input in response.inputs {
            cx.ask(Command::TellTerminal { id: session.id, input });
        }
        if let Some(url) = response.open {
            cx.ask(Intent::Ui(UiIntent::OpenUrl(url)));
        }
    }

    /// What opened is shown; what was copied goes to the clipboard once.
    fn look(&mut self, cx: &Cx<'_>) {
        let newest = cx.model.devops.terminals.iter().map(|session| session.id).max();
        if newest > self.newest {
            self.newest = newest;
            self.chosen = newest;
        }
        let (n, text) = &cx.model.devops.copied;
        if *n > self.n_copied {
            self.n_copied = *n;
            cx.ask(Intent::Ui(UiIntent::Copy(text.clone())));
        }
    }

    fn empty_ui(&self, ui: &mut Ui, cx: &Cx<'_>) {
        let words = match cx.workspace {
            Some(workspace) => cx.msg(&msg!("terminal-empty", name = workspace.name.as_str())),
            None => cx.t("terminal-empty-home"),
        };
        let open = cx.t("terminal-new");
        if page_frame::empty_ui(ui, icons::TERMINAL, &words, Some(&open)) {
            cx.ask(Command::OpenTerminal { place: place(cx) });
        }
    }

    /// Only where there are several: the names to choose from.
    fn names_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, session: &Session) {
        let all = &cx.model.devops.terminals;
        if all.len() < 2 {
            return;
        }
        let mut current = session.id;
        let tabs: Vec<Tab<JobId>> = all
            .iter()
            .map(|session| {
                let name = format!("{} {}", session.place.name(), session.id);
                let tab = Tab::new(session.id, name);
                match &session.ended {
                    Some(end) => tab.state(state(end)),
                    None => tab,
                }
            })
            .collect();
        if page_frame::tabs_ui(ui, &mut current, &tabs) {
            self.chosen = Some(current);
        }
    }
}

fn state(end: &SessionEnd) -> State {
    match end {
        SessionEnd {
            problem: Some(problem), ..
        } if !problem.is_cancelled() => State::Failed,
        _ => State::None,
    }
}

fn where_words(cx: &Cx<'_>, place: &TerminalPlace) -> String {
    let name = place.name();
    match place {
        TerminalPlace::Workspace { workspace } => workspace.root.display().to_string(),
        TerminalPlace::Program { dir, .. } => dir.display().to_string(),
        TerminalPlace::Home => cx.t("terminal-at-home"),
        TerminalPlace::Container { .. } => cx.msg(&msg!("terminal-in-container", name = name)),
        TerminalPlace::Machine { .. } => cx.msg(&msg!("terminal-on-machine", name = name)),
        TerminalPlace::FarContainer { host, name, .. } => {
            cx.msg(&msg!("terminal-in-far-container", name = name.as_str(), host = host.as_str()))
        }
    }
}

fn ended_ui(ui: &mut Ui, cx: &Cx<'_>, session: &Session, end: &SessionEnd) {
    if let Some(problem) = end.problem.as_ref().filter(|problem| !problem.is_cancelled()) {
        page_frame::problem_card_ui(ui, problem, false);
        return;
    }
    page_frame::bar_ui(ui, 34.0, |ui| {
        let words = match (end.code, end.signal) {
            (Some(code), _) => cx.msg(&msg!("terminal-ended", code = code)),
            (None, Some(signal)) => cx.msg(&msg!("terminal-ended-signal", signal = signal)),
            (None, None) => cx.t("terminal-stopped"),
        };
        state_mark::label_ui(ui, State::None, &words);
        let again = cx.t("terminal-again");
        if ui.add(Button::new(&again).small().icon(icons::REFRESH)).clicked() {
            cx.ask(Command::OpenTerminal {
                place: session.place.clone(),
            });
        }
        let close = cx.t("terminal-close");
        if ui.add(Button::new(&close).small().icon(icons::CLOSE)).clicked() {
            cx.ask(Command::ForgetTerminal { id: session.id });
        }
    });
}
