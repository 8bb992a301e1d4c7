//! The questions before an environment is changed: which version, and, where it is protected, its name typed.

use super::{failed, overview, rehearsal};
use crate::areas::deploy::approvals::Word;
use crate::areas::deploy::data::{self, Choice};
use crate::areas::deploy::guide::Decision;
use crate::areas::deploy::rehearsal::Rehearsal;
use crate::areas::deploy::scale::MAX_INSTANCES;
use crate::areas::deploy::{Command, Deployment, Environment, Preview, Return, What};
use crate::areas::page::{Cx, Intent};
use crate::base::{State, Target, Workspace, format, safe};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::{choice_ui, form_ui};
use crate::ui::input::Input;
use crate::ui::tokens::measure;
use crate::ui::{Ui, state_mark, text};
use egui::Id;

/// Changes that the dialog has room for.
const CHANGES_SHOWN: usize = 8;

/// What stands in the dialog.
pub(super) struct Asking {
    act: Act,
    environment: String,
    is_protected: bool,
    /// Its name has to be typed.
    needs_name: bool,
    typed: String,
    /// The thing that is looked at instead.
    goes: Option<Target>,
}

enum Act {
    Deploy {
        chosen: Option<What>,
        /// What was asked for last, to be told what it would change.
        asked: Option<What>,
    },
    RollBack {
        to: Option<i64>,
        data: Option<Choice>,
        /// What it means for the data was asked for.
        is_asked: bool,
    },
    Promote {
        is_full: bool,
    },
    Rehearse {
        chosen: Option<What>,
    },
    Approve {
        chosen: Option<What>,
        word: Word,
        /// Those who may say it; empty: anybody.
        from: Vec<String>,
    },
    /// A step failed, and it goes on all the same.
    Ignore {
        reason: String,
    },
    Rebuild {
        version: String,
    },
    Scale {
        n: i64,
    },
    Stop,
}

impl Asking {
    /// `more` is the version to deploy, or the deployment to return to.
    pub(super) fn new(act: &str, environment: &Environment, more: Option<&str>) -> Option<Self> {
        let act = match act {
            "deploy" => Act::Deploy {
                chosen: more.map(|version| What::Version {
                    version: version.to_owned(),
                }),
                asked: None,
            },
            "rollback" => Act::RollBack {
                to: more.and_then(|id| id.parse().ok()).or_else(|| {
                    let before = environment
                        .returns
                        .iter()
                        .find(|one| one.healthy_until.is_some() && one.obstacle.is_none());
                    before.map(|one| one.deployment)
                }),
                data: None,
                is_asked: false,
            },
            "promote" | "promote-fully" => Act::Promote {
                is_full: act == "promote-fully",
            },
            "rehearse" => Act::Rehearse { chosen: None },
            "approve" => {
                let from = environment
                    .approvals
                    .as_ref()
                    .map_or_else(Vec::new, |rules| rules.from.clone());
                let word = Word {
                    by: from.first().cloned().unwrap_or_default(),
                    is_yes: true,
                    note: String::new(),
                };
                Act::Approve {
                    chosen: None,
                    word,
                    from,
                }
            }
            "decide-ignore" => Act::Ignore { reason: String::new() },
            "rebuild" => Act::Rebuild {
                version: environment.live.as_ref().map(|live| live.version.clone())?,
            },
            "scale" => Act::Scale {
                n: i64::from(environment.n_wanted),
            },
            "stop" => Act::Stop,
            _ => return None,
        };
        let act_changes = !matches!(act, Act::Rehearse { .. } | Act::Approve { .. });
        Some(Self {
            act,
            environment: environment.name.clone(),
            // What is only rehearsed or said changes nothing.
            needs_name: environment.is_protected && act_changes,
            is_protected: environment.is_protected,
            typed: String::new(),
            goes: None,
        })
    }

    fn command(&self, workspace: &Workspace, cx: &Cx<'_>) -> Option<Command> {
        let workspace = workspace.clone();
        let environment = self.environment.clone();
        let confirmed = self.needs_name.then(|| self.typed.trim().to_owned());
        Some(match &self.act {
            Act::Deploy { chosen, .. } => Command::Run {
                workspace,
                environment,
                what: chosen
                    .clone()
                    .or_else(|| self.choices(cx).into_iter().next().map(|(what, _)| what))?,
                confirmed,
            },
            Act::RollBack { to, data, .. } => Command::RollBack {
                workspace,
                environment,
                to: *to,
                data: *data,
                confirmed,
            },
            Act::Rehearse { chosen } => Command::Rehearse {
                workspace,
                environment,
                what: chosen.clone().or_else(|| self.next(cx))?,
            },
            Act::Approve { chosen, word, .. } => Command::Approve {
                workspace,
                environment,
                what: chosen.clone().or_else(|| self.next(cx))?,
                word: word.clone(),
            },
            Act::Ignore { reason } => Command::Decide {
                workspace,
                environment,
                decision: Decision::Ignore {
                    reason: reason.trim().to_owned(),
                },
                confirmed,
            },
            Act::Rebuild { .. } => Command::Rebuild {
                workspace,
                environment,
                version: None,
                confirmed,
            },
            Act::Promote { is_full } => Command::Promote {
                workspace,
                environment,
                is_full: *is_full,
                confirmed,
            },
            Act::Scale { n } => Command::Scale {
                workspace,
                environment,
                n: u32::try_from(*n).ok()?,
                confirmed,
            },
            Act::Stop => Command::Stop {
                workspace,
                environment,
                confirmed,
            },
        })
    }

    /// Releases, newest first; then what was built last, where no release is asked for.
    fn choices(&self, cx: &Cx<'_>) -> Vec<(What, String)> {
        let Some(overview) = overview(cx) else { return Vec::new() };
        let mut choices: Vec<(What, String)> = overview
            .releases
            .iter()
            .take(20)
            .map(|one| {
                let mut words = format!(
                    "{}   {}   {}",
                    one.version,
                    format::short_oid(&one.commit),
                    format::ago(one.at, cx.now, cx.texts)
                );
                if overview.failed_in(&self.environment, &one.version).is_some() {
                    words = format!("{words}   ✗ {}", cx.t("deploy-failed-mark"));
                }
                let version = one.version.clone();
                (What::Version { version }, words)
            })
            .collect();
        if let Some(built) = overview.built.as_ref().filter(|_| !self.is_protected) {
            let commit = built.commit.as_deref().map_or("–", format::short_oid);
            let when = format::ago(built.at, cx.now, cx.texts);
            choices.push((
                What::Built,
                cx.msg(&msg!("deploy-choice-built", commit = commit, when = when)),
            ));
        }
        choices
    }

    /// Where the chosen version, or else the first one, failed here before.
    fn failed<'a>(&self, cx: &Cx<'a>, chosen: Option<&What>) -> Option<&'a Deployment> {
        let first = self.choices(cx).into_iter().next().map(|(what, _)| what);
        let What::Version { version } = chosen.or(first.as_ref())? else {
            return None;
        };
        overview(cx)?.failed_in(&self.environment, version)
    }

    /// The newest that does not run there.
    fn next(&self, cx: &Cx<'_>) -> Option<What> {
        let one = overview(cx)?.environments.iter().find(|one| one.name == self.environment)?;
        let runs = one.live.as_ref().map(|live| live.version.as_str());
        let mut choices = self.choices(cx).into_iter().map(|(what, _)| what);
        choices.find(|what| !matches!(what, What::Version { version } if Some(version.as_str()) == runs))
    }

    fn words(&self, cx: &Cx<'_>) -> (String, String, String, bool) {
        let environment = self.environment.as_str();
        match &self.act {
            Act::Deploy { chosen, .. } => {
                let first = self.choices(cx).into_iter().next().map(|(what, _)| what);
                let confirm = match chosen.as_ref().or(first.as_ref()) {
                    Some(What::Version { version }) => cx.msg(&msg!("deploy-version-now", version = version)),
                    _ => cx.t("deploy-now"),
                };
                let title = cx.msg(&msg!("deploy-dialog-title", environment = environment));
                let one = overview(cx).and_then(|overview| overview.environments.iter().find(|one| one.name == environment));
                let explained = match one.map_or("recreate", |one| one.strategy.as_str()) {
                    "rolling" => "deploy-dialog-rolling",
                    "blue_green" => "deploy-dialog-blue-green",
                    "canary" => "deploy-dialog-canary",
                    _ => "deploy-dialog-text",
                };
                let fails = match one {
                    Some(one) if one.asks_on_failure => "deploy-dialog-asks",
                    Some(one) if one.live.is_none() => "deploy-dialog-ends",
                    _ => "deploy-dialog-returns",
                };
                let has_failed = self.failed(cx, chosen.as_ref()).is_some();
                (title, confirm, format!("{} {}", cx.t(explained), cx.t(fails)), has_failed)
            }
            Act::RollBack { to, .. } => {
                let one = overview(cx).and_then(|overview| overview.environments.iter().find(|one| one.name == environment));
                let back = one.and_then(|one| one.returns.iter().find(|back| Some(back.deployment) == *to));
                let version = back.map_or("", |back| back.version.as_str());
                let title = cx.msg(&msg!("deploy-rollback-title", environment = environment, version = version));
                let confirm = cx.msg(&msg!("deploy-rollback-now", version = version));
                (title, confirm, cx.t("deploy-rollback-text"), true)
            }
            Act::Rehearse { chosen } => {
                let title = cx.msg(&msg!("deploy-rehearse-title", environment = environment));
                let confirm = match chosen.clone().or_else(|| self.next(cx)) {
                    Some(What::Version { version }) => cx.msg(&msg!("deploy-rehearse-now", version = version)),
                    _ => cx.t("deploy-rehearse-short"),
                };
                let explained = cx.msg(&msg!("deploy-rehearse-text", environment = environment));
                (title, confirm, explained, false)
            }
            Act::Rebuild { version } => {
                let title = cx.msg(&msg!("deploy-rebuild-title", environment = environment));
                let explained = cx.msg(&msg!("deploy-rebuild-text", version = version));
                (title, cx.t("deploy-rebuild-now"), explained, false)
            }
            Act::Approve { word, .. } => {
                let title = cx.msg(&msg!("deploy-approve-title", environment = environment));
                let confirm = if word.is_yes {
                    "deploy-approve-yes"
                } else {
                    "deploy-approve-no"
                };
                (title, cx.t(confirm), cx.t("deploy-approve-text"), !word.is_yes)
            }
            Act::Ignore { .. } => {
                let title = cx.msg(&msg!("deploy-ignore-title", environment = environment));
                let confirm = cx.t("deploy-decide-ignore").trim_end_matches('…').to_owned();
                (title, confirm, cx.t("deploy-ignore-text"), true)
            }
            Act::Promote { .. } => {
                let title = cx.msg(&msg!("deploy-job-promote", environment = environment));
                (title, cx.t("deploy-promote-now"), cx.t("deploy-promote-text"), false)
            }
            Act::Scale { n } => {
                let title = cx.msg(&msg!("deploy-scale-title", environment = environment));
                let confirm = cx.msg(&msg!("deploy-scale-now", n = *n));
                (title, confirm, cx.t("deploy-scale-text"), false)
            }
            Act::Stop => {
                let title = cx.msg(&msg!("deploy-stop-title", environment = environment));
                let confirm = cx.msg(&msg!("deploy-stop-now", environment = environment));
                (title, confirm, cx.t("deploy-stop-text"), true)
            }
        }
    }

    fn form_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, explained: &str) -> bool {
        let mut is_valid = true;
        let choices = self.choices(cx);
        let failed = match &self.act {
            Act::Deploy { chosen, .. } => self.failed(cx, chosen.as_ref()),
            _ => None,
        };
        if let Some(failed) = failed {
            failed::said_ui(ui, cx, failed, &mut self.goes);
        }
        if let Act::Deploy { chosen, asked } = &mut self.act {
            if choices.is_empty() {
                failed::nothing_ui(ui, cx, &mut self.goes);
                return false;
            }
            let mut what = chosen.clone().unwrap_or_else(|| choices[0].0.clone());
            if choice_ui(ui, &cx.t("deploy-choice"), &mut what, &choices) {
                *chosen = Some(what.clone());
            }
            ui.add_space(measure::SPACE_8);
            if let Some(workspace) = cx.workspace.filter(|_| asked.as_ref() != Some(&what)) {
                cx.ask(Command::Preview {
                    workspace: workspace.clone(),
                    environment: self.environment.clone(),
                    what: what.clone(),
                });
                *asked = Some(what.clone());
            }
            preview_ui(ui, cx, &self.environment, &what);
        }
        if let Act::Ignore { reason } = &mut self.act {
            let question = cx.t("deploy-ignore-reason");
            text::paragraph(ui, &question);
            ui.add_space(measure::SPACE_4);
            Input::new(Id::unique("deploy-ignore-reason"), &question).show(ui, reason);
            ui.add_space(measure::SPACE_8);
            is_valid = !reason.trim().is_empty();
        }
        let next = self.next(cx);
        if let Act::Approve { chosen, word, from } = &mut self.act {
            let Some(mut what) = chosen.clone().or_else(|| next.clone()) else {
                failed::nothing_ui(ui, cx, &mut self.goes);
                return false;
            };
            if choice_ui(ui, &cx.t("deploy-choice"), &mut what, &choices) {
                *chosen = Some(what);
            }
            ui.add_space(measure::SPACE_8);
            is_valid = word_ui(ui, cx, word, from);
        }
        if let Act::Rehearse { chosen } = &mut self.act {
            let Some(mut what) = chosen.clone().or(next) else {
                failed::nothing_ui(ui, cx, &mut self.goes);
                return false;
            };
            if choice_ui(ui, &cx.t("deploy-choice"), &mut what, &choices) {
                *chosen = Some(what);
            }
            ui.add_space(measure::SPACE_8);
        }
        if let (Act::RollBack { to, data, is_asked }, Some(workspace)) = (&mut self.act, cx.workspace) {
            if !*is_asked {
                cx.ask(Command::WeighData {
                    workspace: workspace.clone(),
                    environment: self.environment.clone(),
                    to: *to,
                });
                *is_asked = true;
            }
            let one = overview(cx).and_then(|overview| overview.environments.iter().find(|one| one.name == self.environment));
            let back = one.and_then(|one| one.returns.iter().find(|back| Some(back.deployment) == *to));
            if let Some(differs) = back.map(Return::differs).filter(|differs| !differs.is_empty()) {
                text::paragraph(ui, &cx.msg(&msg!("deploy-return-differs", settings = differs)));
                ui.add_space(measure::SPACE_4);
            }
            is_valid = data_ui(ui, cx, &self.environment, *to, data);
        }
        if let Act::Scale { n } = &mut self.act {
            let form = form_ui(ui, "deploy-scale", |form| {
                form.number(&cx.t("deploy-scale-n"), n, 1..=i64::from(MAX_INSTANCES), "");
            });
            is_valid = form.valid;
            ui.add_space(measure::SPACE_8);
        }
        text::paragraph_weak(ui, explained);
        is_valid
    }

    /// The name of a protected environment, typed; false until it is right.
    fn name_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> bool {
        if !self.needs_name {
            return true;
        }
        ui.add_space(measure::SPACE_12);
        let question = cx.msg(&msg!("deploy-type-name", environment = &self.environment));
        text::paragraph(ui, &question);
        ui.add_space(measure::SPACE_4);
        let response = Input::new(Id::unique("deploy-typed"), &question)
            .hint(&self.environment)
            .show(ui, &mut self.typed);
        if self.typed.is_empty() && !response.has_focus() && !response.lost_focus() {
            response.request_focus();
        }
        self.typed.trim() == self.environment
    }
}

/// Who says what. False while nobody is named.
fn word_ui(ui: &mut Ui, cx: &Cx<'_>, word: &mut Word, from: &[String]) -> bool {
    let by = cx.t("deploy-approve-by");
    if from.is_empty() {
        text::paragraph(ui, &by);
        ui.add_space(measure::SPACE_4);
        Input::new(Id::unique("deploy-approve-by"), &by).show(ui, &mut word.by);
    } else {
        let names: Vec<(String, String)> = from.iter().map(|name| (name.clone(), name.clone())).collect();
        choice_ui(ui, &by, &mut word.by, &names);
    }
    ui.add_space(measure::SPACE_8);
    let answers = [(true, cx.t("deploy-approve-yes")), (false, cx.t("deploy-approve-no"))];
    choice_ui(ui, &cx.t("deploy-approve-says"), &mut word.is_yes, &answers);
    ui.add_space(measure::SPACE_8);
    let note = cx.t("deploy-approve-note");
    text::paragraph(ui, &note);
    ui.add_space(measure::SPACE_4);
    Input::new(Id::unique("deploy-approve-note"), &note).show(ui, &mut word.note);
    ui.add_space(measure::SPACE_8);
    !word.by.trim().is_empty()
}

/// What would change, as far as it is known for this choice.
fn preview_ui(ui: &mut Ui, cx: &Cx<'_>, environment: &str, what: &What) {
    let known = cx.workspace.and_then(|workspace| cx.model.deploy.of(&workspace.id));
    let Some(preview) = known.and_then(|known| known.previews.get(environment)) else {
        return;
    };
    if matches!(what, What::Version { version } if *version != preview.version) {
        return;
    }
    changes_ui(ui, cx, preview);
    rollback_ui(ui, cx, preview, what);
    ui.add_space(measure::SPACE_8);
}

/// Whether the way back is proven, and the way to prove it.
fn rollback_ui(ui: &mut Ui, cx: &Cx<'_>, preview: &Preview, what: &What) {
    let Some(proven) = &preview.rollback else { return };
    let environment = preview.environment.as_str();
    let newest = rehearsal::newest(cx, environment);
    if newest.is_some_and(Rehearsal::is_running) {
        state_mark::label_ui(ui, State::InProgress, &cx.t("deploy-rehearse-runs"));
        return;
    }
    // What ended since the preview was read says more.
    let since = newest.filter(|one| Some(&one.from) == preview.from.as_ref() && one.version == preview.version);
    let since = since
        .filter(|one| proven.rehearsal < Some(one.id))
        .and_then(Rehearsal::proven);
    let proven = since.as_ref().unwrap_or(proven);
    ui.horizontal(|ui| {
        let words = rehearsal::proven_words(cx, proven);
        state_mark::label_ui(ui, rehearsal::proven_state(proven), &words);
        if proven.state == State::Done {
            return;
        }
        let label = cx.t("deploy-rehearse-short");
        if let (true, Some(workspace)) = (ui.add(Button::new(&label).small()).clicked(), cx.workspace) {
            cx.ask(Command::Rehearse {
                workspace: workspace.clone(),
                environment: environment.to_owned(),
                what: what.clone(),
            });
        }
    });
}

/// What hinders a deployment, and what it would change.
pub(super) fn changes_ui(ui: &mut Ui, cx: &Cx<'_>, preview: &Preview) {
    for problem in &preview.obstacles {
        state_mark::label_ui(ui, State::Failed, &cx.msg(&problem.summary));
    }
    for said in preview.approval.iter().flat_map(|approval| &approval.said) {
        let state = if said.word.is_yes { State::Done } else { State::Failed };
        state_mark::label_ui(ui, state, &cx.msg(&said.words()));
    }
    let counts = msg!(
        "deploy-preview-instances",
        stopped = preview.n_stopped,
        started = preview.n_started
    );
    text::small(ui, &cx.msg(&counts));
    for change in preview.changes.iter().take(CHANGES_SHOWN) {
        let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
        let line = format!("{}   {} → {}", change.place, side(&change.before), side(&change.after));
        text::mono(ui, &safe::plain(&line));
    }
    let n_more = preview.changes.len().saturating_sub(CHANGES_SHOWN);
    if n_more > 0 {
        text::small(ui, &cx.msg(&msg!("deploy-preview-more", n = n_more)));
    }
}

/// What the return means for the data, and the choice where there is one. False while somebody has to choose.
fn data_ui(ui: &mut Ui, cx: &Cx<'_>, environment: &str, to: Option<i64>, data: &mut Option<Choice>) -> bool {
    let known = cx.workspace.and_then(|workspace| cx.model.deploy.of(&workspace.id));
    let weighed = known.and_then(|known| known.weighed.get(environment));
    let Some(weighed) = weighed.filter(|weighed| Some(weighed.to) == to) else {
        return true;
    };
    let Some(kept) = &weighed.backup else { return true };
    let state = if weighed.usual.is_some() {
        State::Done
    } else {
        State::Degraded
    };
    failed::marked_ui(ui, state, &cx.msg(&weighed.head()));
    for one in weighed.written.iter().take(CHANGES_SHOWN) {
        text::mono(ui, &safe::plain(&data::line(one)));
    }
    let n_more = weighed.written.len().saturating_sub(CHANGES_SHOWN);
    if n_more > 0 {
        text::small(ui, &cx.msg(&msg!("deploy-preview-more", n = n_more)));
    }
    let bytes = format::bytes(kept.bytes, cx.texts);
    text::small(ui, &cx.msg(&kept.words(&bytes)));
    ui.add_space(measure::SPACE_4);
    let mut choices = vec![(Some(Choice::Keep), cx.t("deploy-data-keep"))];
    if kept.is_there {
        choices.push((Some(Choice::Restore), cx.t("deploy-data-restore")));
    }
    let mut chosen = data.or(weighed.usual);
    if chosen.is_none() {
        choices.insert(0, (None, cx.t("deploy-data-undecided")));
    }
    if choice_ui(ui, &cx.t("deploy-data-title"), &mut chosen, &choices) {
        *data = chosen;
    }
    ui.add_space(measure::SPACE_8);
    chosen.is_some()
}

pub(super) fn dialog_ui(ui: &mut Ui, cx: &Cx<'_>, asking: &mut Option<Asking>) {
    let (Some(open), Some(workspace)) = (asking.as_mut(), cx.workspace) else {
        *asking = None;
        return;
    };
    let (title, confirm, explained, is_danger) = open.words(cx);
    let answer = Dialog::new("deploy", &title, &confirm)
        .danger(is_danger)
        .width(480.0)
        .show_with(
            ui.ctx(),
            open,
            |ui, open| open.form_ui(ui, cx, &explained),
            |ui, open| open.name_ui(ui, cx),
        );
    if let Some(target) = open.goes.take() {
        cx.ask(Intent::Go(target));
        *asking = None;
        return;
    }
    match answer {
        Answer::Open => return,
        Answer::Cancelled => {}
        Answer::Confirmed => {
            if let Some(command) = open.command(workspace, cx) {
                cx.ask(command);
            }
        }
    }
    *asking = None;
}
