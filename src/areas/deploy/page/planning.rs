//! The questions around a plan: a new one, the names of protected environments before it runs, and the reasons for leaving its way.

use crate::areas::deploy::Command;
use crate::areas::deploy::plans::{self, Act, Phase, Plan};
use crate::areas::page::Cx;
use crate::base::{Lang, Timestamp};
use crate::msg;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::form_ui;
use crate::ui::input::Input;
use crate::ui::tokens::measure;
use crate::ui::{Ui, text};
use egui::Id;

/// The question that is open, if one is.
#[derive(Default)]
pub(super) struct Planning {
    asking: Option<Asking>,
}

struct Asking {
    about: About,
    name: String,
    /// Protected environments, and what was typed for each.
    protected: Vec<(String, String)>,
    /// A reason is needed.
    /// It was carried out once already.
    is_again: bool,
    needs_reason: bool,
    reason: String,
    /// The first field was given the keys once.
    has_focus: bool,
}

enum About {
    New { version: String, environment: String },
    Run,
    Back,
    Skip { step: String },
    End,
}

impl Planning {
    fn open(about: About, name: &str) -> Self {
        Self {
            asking: Some(Asking {
                about,
                name: name.to_owned(),
                protected: Vec::new(),
                needs_reason: false,
                is_again: false,
                reason: String::new(),
                has_focus: false,
            }),
        }
    }

    pub(super) fn new_file(cx: &Cx<'_>) -> Self {
        let overview = super::overview(cx);
        let version = overview
            .and_then(|overview| overview.releases.first())
            .map(|one| one.version.clone());
        let environment = overview
            .and_then(|overview| overview.environments.last())
            .map(|one| one.name.clone());
        let version = version.unwrap_or_default();
        let name = version.clone();
        let about = About::New {
            version,
            environment: environment.unwrap_or_default(),
        };
        Self::open(about, &name)
    }

    /// None where nothing has to be asked.
    pub(super) fn of(act: &str, plan: &Plan, now: Timestamp) -> Option<Self> {
        let protected = || plan.protected.iter().map(|name| (name.clone(), String::new())).collect();
        let (about, protected, needs_reason) = match act {
            "plan-run" => {
                let is_change = |phase| matches!(phase, Phase::Migration | Phase::Stage);
                let is_left = plan.steps.iter().any(|step| is_change(step.phase) && !step.is_over());
                let said = plan
                    .begun
                    .as_ref()
                    .filter(|_| plan.is_open())
                    .and_then(|begun| begun.outside.as_ref());
                let is_outside = (is_left || !plan.is_open()) && !plan.schedule.is_open(now) && said.is_none();
                if plan.protected.is_empty() && !is_outside {
                    return None;
                }
                (About::Run, protected(), is_outside)
            }
            "plan-back" => (About::Back, protected(), false),
            "plan-skip" => {
                let step = plan.next()?.name.clone();
                (About::Skip { step }, Vec::new(), true)
            }
            "plan-end" => (About::End, Vec::new(), true),
            _ => return None,
        };
        let mut planning = Self::open(about, &plan.name);
        if let Some(asking) = &mut planning.asking {
            asking.protected = protected;
            asking.needs_reason = needs_reason;
            asking.is_again = plan.is_carried_out();
        }
        Some(planning)
    }

    pub(super) fn dialog_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let (Some(mut asking), Some(workspace)) = (self.asking.take(), cx.workspace) else {
            return;
        };
        let name = asking.name.as_str();
        let (title, confirm, is_danger) = match &asking.about {
            About::New { .. } => (cx.t("deploy-plan-new-title"), cx.t("deploy-plan-new-now"), false),
            About::Run => (
                cx.msg(&msg!("deploy-plan-job-run", name = name)),
                cx.msg(&msg!("deploy-plan-run", name = name)),
                false,
            ),
            About::Back => (
                cx.msg(&msg!("deploy-plan-job-back", name = name)),
                cx.t("deploy-plan-back-now"),
                true,
            ),
            About::Skip { step } => (
                cx.msg(&msg!("deploy-plan-job-skip", name = name, step = step)),
                cx.t("deploy-plan-skip-now"),
                true,
            ),
            About::End => (
                cx.msg(&msg!("deploy-plan-job-end", name = name)),
                cx.t("deploy-plan-end-now"),
                true,
            ),
        };
        let answer = Dialog::new("deploy-plan", &title, &confirm)
            .danger(is_danger)
            .width(480.0)
            .show(ui.ctx(), |ui| asking.form_ui(ui, cx));
        match answer {
            Answer::Open => self.asking = Some(asking),
            Answer::Cancelled => {}
            Answer::Confirmed => cx.ask(Command::Plan {
                workspace: workspace.clone(),
                act: asking.act(cx.texts.lang()),
            }),
        }
    }
}

impl Asking {
    fn act(self, lang: Lang) -> Act {
        let confirmed = self.protected.into_iter().map(|(_, typed)| typed.trim().to_owned()).collect();
        let (name, reason) = (self.name.trim().to_owned(), self.reason);
        match self.about {
            About::New { version, environment } => Act::New {
                name,
                version: Some(version).filter(|version| !version.is_empty()),
                environment: Some(environment).filter(|environment| !environment.is_empty()),
                lang,
            },
            About::Run => Act::Run {
                name,
                confirmed,
                outside: Some(reason).filter(|reason| !reason.trim().is_empty()),
                again: self.is_again,
            },
            About::Back => Act::Back { name, confirmed },
            About::Skip { step } => Act::Skip { name, step, reason },
            About::End => Act::End { name, reason },
        }
    }

    /// Whether it may be confirmed.
    fn form_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> bool {
        let key = match self.about {
            About::New { .. } => "deploy-plan-new-text",
            About::Run if self.needs_reason => "deploy-plan-run-outside-text",
            About::Run => "deploy-plan-run-text",
            About::Back => "deploy-plan-back-text",
            About::Skip { .. } => "deploy-plan-skip-text",
            About::End => "deploy-plan-end-text",
        };
        text::paragraph(ui, &cx.t(key));
        ui.add_space(measure::SPACE_8);
        let mut has_focus = std::mem::replace(&mut self.has_focus, true);
        let mut first = |response: egui::Response| {
            if !std::mem::replace(&mut has_focus, true) {
                response.request_focus();
            }
        };
        let mut is_valid = true;
        if let About::New { version, environment } = &mut self.about {
            let overview = super::overview(cx);
            let environments = overview.map_or(&[][..], |overview| &overview.environments);
            let choices: Vec<(String, String)> = environments.iter().map(|one| (one.name.clone(), one.name.clone())).collect();
            let releases = overview.map_or(&[][..], |overview| &overview.releases);
            let versions: Vec<(String, String)> = releases
                .iter()
                .take(20)
                .map(|one| (one.version.clone(), one.version.clone()))
                .collect();
            let wrong = plans::wrong_name(self.name.trim()).map(|hint| cx.msg(&hint));
            // Nothing typed yet is no mistake.
            let error = wrong.as_deref().filter(|_| !self.name.trim().is_empty());
            let form = form_ui(ui, "deploy-plan-new", |form| {
                form.text(&cx.t("deploy-plan-name"), &mut self.name, "", error);
                form.choice(&cx.t("deploy-plan-environment"), environment, &choices);
                form.choice(&cx.t("deploy-plan-version"), version, &versions);
            });
            is_valid = form.valid && wrong.is_none() && !environment.is_empty();
        }
        for (name, typed) in &mut self.protected {
            let question = cx.msg(&msg!("deploy-type-name", environment = &*name));
            text::paragraph(ui, &question);
            ui.add_space(measure::SPACE_4);
            first(
                Input::new(Id::unique(("deploy-plan-typed", &*name)), &question)
                    .hint(name)
                    .show(ui, typed),
            );
            ui.add_space(measure::SPACE_8);
            is_valid &= typed.trim() == name;
        }
        if self.needs_reason {
            let label = cx.t("deploy-plan-reason");
            first(
                Input::new(Id::unique("deploy-plan-reason"), &label)
                    .hint(&label)
                    .show(ui, &mut self.reason),
            );
            is_valid &= !self.reason.trim().is_empty();
        }
        is_valid
    }
}
