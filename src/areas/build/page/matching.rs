//! The box where a problem matcher is tried: its text, an output, and what it finds there, while one types.

use crate::areas::AreaId;
use crate::areas::build::matchers::{self, Severity};
use crate::areas::build::{Matched, page::detail::place_word};
use crate::areas::devops::project::matcher::{of_text, to_toml};
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
/// Lines of a message's block that are shown.
const SHOWN_OF_BLOCK: usize = 4;
const EXAMPLE: &str = r#"[[matcher]]
name = "lint"
severity = "warning"
pattern = { regexp = '^(\S+):(\d+): (.*)$', file = 1, line = 2, message = 3 }
block = { while = '^ +' }
"#;
const EXAMPLE_OUTPUT: &str = "main.c:3: this is never used\n    int unused = 1;\ndone\n";

#[derive(Default)]
pub(super) struct Trying {
    is_open: bool,
    matcher: String,
    output: String,
    /// What was read last, and what was found in it.
    read: Option<(String, String)>,
    found: Matched,
    /// The matchers as `chantier.toml` has them, when nothing in them is wrong.
    as_toml: Option<String>,
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
            EXAMPLE_OUTPUT.clone_into(&mut self.output);
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
                for line in diagnostic.rendered.lines().skip(1).take(SHOWN_OF_BLOCK) {
                    ui.horizontal(|ui| {
                        ui.add_space(24.0);
                        text::mono(ui, line);
                    });
                }
            }
            self.as_toml.is_some()
        });
        match answer {
            Answer::Open => {}
            Answer::Cancelled => self.is_open = false,
            Answer::Confirmed => {
                self.is_open = false;
                let text = self.as_toml.clone().unwrap_or_default();
                cx.ask(Intent::Ui(UiIntent::Copy(text)));
            }
        }
    }

    /// Only what has changed is read again.
    fn read(&mut self) {
        let now = (self.matcher.clone(), self.output.clone());
        if self.read.as_ref() == Some(&now) {
            return;
        }
        let (matchers, wrongs) = of_text(&self.matcher);
        self.as_toml = (!matchers.is_empty()).then(|| to_toml(&self.matcher)).flatten();
        let output: String = self.output.chars().take(MAX_OUTPUT).collect();
        // Alone: what others would find as well does not help to write this one.
        self.found = matchers::read_only(Path::new("/"), matchers, output.as_bytes(), wrongs);
        self.read = Some(now);
    }
}
