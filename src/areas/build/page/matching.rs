//! The box where a problem matcher is tried: its JSON, an output, and what it finds there, while one types.

use crate::areas::AreaId;
use crate::areas::build::matchers::{self, Severity};
use crate::areas::build::{Matched, page::detail::place_word};
use crate::areas::devops::project::matcher::of_json;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::State;
use crate::msg;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::form_ui;
use crate::ui::{Ui, icons, state_mark, text};
use std::path::Path;

/// The action that opens it.
pub(super) const OPEN: &str = "build-try-matcher";
/// Characters of output that are read while one types.
const MAX_OUTPUT: usize = 200_000;
const SHOWN: usize = 12;
const EXAMPLE: &str = r#"{
  "owner": "lint",
  "severity": "warning",
  "pattern": { "regexp": "^(.*):(\\d+): (.*)$", "file": 1, "line": 2, "message": 3 }
}"#;

#[derive(Default)]
pub(super) struct Trying {
    is_open: bool,
    matcher: String,
    output: String,
    /// What was read last, and what was found in it.
    read: Option<(String, String)>,
    found: Matched,
}

impl Trying {
    pub(super) fn action(cx: &Cx<'_>) -> Action {
        let intent = Intent::Ui(UiIntent::PageAction(AreaId::Build, OPEN.to_owned()));
        Action::new(OPEN, cx.t("build-try-matcher"), intent).icon(icons::TEXT)
    }

    pub(super) fn open(&mut self) {
        self.is_open = true;
        if self.matcher.is_empty() {
            EXAMPLE.clone_into(&mut self.matcher);
        }
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        if !self.is_open {
            return;
        }
        self.read();
        let title = cx.t("build-try-matcher");
        let confirm = cx.t("build-copy-matcher");
        let dialog = Dialog::new(OPEN, &title, &confirm).width(760.0).enter_is_a_new_line();
        let answer = dialog.show(ui.ctx(), |ui| {
            form_ui(ui, OPEN, |form| {
                let wrong = self.found.wrongs.first().cloned();
                form.lines(&cx.t("build-matcher-json"), &mut self.matcher, 8, "", wrong.as_deref());
                form.lines(&cx.t("build-matcher-output"), &mut self.output, 8, "main.c:3: …", None);
            });
            let n = msg!(
                "build-n-matched",
                n = self.found.diagnostics.len(),
                lines = self.output.lines().count()
            );
            text::section(ui, &cx.msg(&n));
            for diagnostic in self.found.diagnostics.iter().take(SHOWN) {
                ui.horizontal(|ui| {
                    state_mark::mark_ui(
                        ui,
                        match diagnostic.severity {
                            Severity::Error => State::Failed,
                            Severity::Warning => State::Degraded,
                            Severity::Note => State::Unknown,
                        },
                    );
                    if let Some(place) = &diagnostic.place {
                        text::mono(ui, &place_word(place));
                    }
                    text::body(ui, &diagnostic.message);
                });
            }
            !self.matcher.trim().is_empty()
        });
        match answer {
            Answer::Open => {}
            Answer::Cancelled => self.is_open = false,
            Answer::Confirmed => {
                self.is_open = false;
                cx.ask(Intent::Ui(UiIntent::Copy(self.matcher.clone())));
            }
        }
    }

    /// Only what has changed is read again.
    fn read(&mut self) {
        let now = (self.matcher.clone(), self.output.clone());
        if self.read.as_ref() == Some(&now) {
            return;
        }
        let (matchers, wrongs) = of_json(&self.matcher);
        let output: String = self.output.chars().take(MAX_OUTPUT).collect();
        // Alone: what others would find as well does not help to write this one.
        self.found = matchers::read_only(Path::new("/"), matchers, output.as_bytes(), wrongs);
        self.read = Some(now);
    }
}
