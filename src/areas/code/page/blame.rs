//! A file with the commit of each line beside it, in the place of the history.

use super::Page;
use super::commits::split_diff;
use crate::areas::code::model::{BlameModel, RepoModel};
use crate::areas::code::{BlameKey, Command};
use crate::areas::page::Cx;
use crate::base::blame::BlameCommit;
use crate::base::{GitPath, Loadable, Workspace, format};
use crate::msg;
use crate::ui::button::{self, Button};
use crate::ui::icons;
use crate::ui::page_frame::{bar_ui, empty_ui, loading_ui, problem_ui};
use crate::ui::table::{Column, Table, TableState};
use crate::ui::text::{self, Cut, Look};
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use egui::{Align, Layout, Rect, Ui, pos2};

/// The file that is looked at line by line, and the ones before it.
#[derive(Default)]
pub(super) struct View {
    what: Option<BlameKey>,
    rows: TableState,
    trail: Vec<(BlameKey, u32)>,
    /// The line at which the answer to the last question was shown.
    shown_at: Option<(BlameKey, u32)>,
}

impl View {
    pub(super) fn is_open(&self) -> bool {
        self.what.is_some()
    }

    pub(super) fn close(&mut self) {
        *self = Self::default();
    }

    /// Opens a file, as it is at a revision or in the checkout.
    pub(super) fn open(&mut self, cx: &Cx<'_>, workspace: &Workspace, path: GitPath, revision: Option<String>) {
        self.close();
        self.go(cx, workspace, BlameKey { path, revision }, None);
    }

    fn go(&mut self, cx: &Cx<'_>, workspace: &Workspace, what: BlameKey, line: Option<u32>) {
        self.what = Some(what.clone());
        self.rows.clear_selection();
        cx.ask(Command::Blame {
            workspace: workspace.clone(),
            what,
            line,
        });
    }

    fn line(&self) -> u32 {
        self.rows.single().map_or(0, |line| line as u32)
    }
}

impl Page {
    pub(super) fn blame_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let Some(blame) = &repo.blame else {
            loading_ui(ui, None);
            return;
        };
        // "Before this change" is answered with another file than the one that was asked about.
        self.blame.what = Some(blame.what.clone());
        self.blame_bar_ui(ui, cx, workspace, blame);
        if blame.lines.is_empty() {
            match &blame.state {
                Loadable::Failed { problem, .. } => {
                    if problem_ui(ui, problem, true) {
                        let what = blame.what.clone();
                        self.blame.go(cx, workspace, what, None);
                    }
                }
                Loadable::Ready { .. } => drop(empty_ui(ui, icons::FILE, &cx.t("code-blame-empty"), None)),
                _ => loading_ui(ui, None),
            }
            return;
        }
        let at = blame.line.map(|line| (blame.what.clone(), line));
        if at.is_some() && self.blame.shown_at != at {
            self.blame
                .rows
                .select_only(at.as_ref().map_or(0, |(_, line)| u64::from(*line)));
            self.blame.shown_at = at;
        }
        split_diff(self, ui, cx, workspace, repo, |ui, page| page.lines_ui(ui, cx, blame));
    }

    fn blame_bar_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, blame: &BlameModel) {
        bar_ui(ui, 34.0, |ui| {
            let back = cx.t("code-blame-back");
            if button::icon_button_small(ui, icons::LEFT, &back).clicked() {
                match self.blame.trail.pop() {
                    Some((what, line)) => self.blame.go(cx, workspace, what, Some(line)),
                    None => self.blame.close(),
                }
            }
            text::path(ui, &blame.path.display());
            let rev = blame
                .rev
                .as_deref()
                .map_or_else(|| cx.t("code-blame-checkout"), |rev| format::short_oid(rev).to_owned());
            text::weak(ui, &rev);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                if button::icon_button_small(ui, icons::CLOSE, &cx.t("code-blame-close")).clicked() {
                    self.blame.close();
                }
                let line = self.blame.line();
                let commit = blame.commit_of(line).filter(|_| self.blame.rows.single().is_some());
                let why = match commit {
                    None => Some(cx.t("code-blame-choose")),
                    Some(commit) if commit.previous.is_none() => Some(cx.t("code-blame-first")),
                    Some(_) => None,
                };
                let word = cx.t("code-blame-before");
                let before = Button::new(&word).small().disabled_because(why.as_deref());
                if ui.add(before).clicked() && why.is_none() {
                    self.before_change(cx, workspace, blame, line);
                }
                if blame.state.is_loading() {
                    let n = blame.n_known;
                    text::weak(ui, &cx.msg(&msg!("code-blame-so-far", n = n, of = blame.lines.len())));
                }
            });
        });
    }

    fn before_change(&mut self, cx: &Cx<'_>, workspace: &Workspace, blame: &BlameModel, line: u32) {
        let Some((commit, original)) = blame.commit_of(line).zip(blame.original(line)) else {
            return;
        };
        self.blame.trail.push((blame.what.clone(), line));
        self.blame.rows.clear_selection();
        match (&commit.oid, &commit.previous) {
            (Some(oid), _) => cx.ask(Command::BlameBefore {
                workspace: workspace.clone(),
                what: BlameKey {
                    path: commit.path.clone(),
                    revision: Some(oid.clone()),
                },
                line: original,
            }),
            (None, Some((oid, path))) => {
                let what = BlameKey {
                    path: path.clone(),
                    revision: Some(oid.clone()),
                };
                self.blame.go(cx, workspace, what, Some(line));
            }
            (None, None) => {}
        }
    }

    fn lines_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, blame: &BlameModel) {
        let columns = [
            Column::new("commit", cx.t("code-column-commit"), 300.0).unsortable(),
            Column::new("age", cx.t("code-column-age"), 60.0).right().unsortable(),
            Column::new("line", cx.t("code-column-line"), 52.0)
                .right()
                .unsortable()
                .always(),
            Column::new("text", cx.t("code-column-text"), 400.0)
                .fill()
                .unsortable()
                .always(),
        ];
        let name = cx.t("code-blame");
        let mut first_seen = None;
        let line_of = |row: usize| blame.lines.get(row).map_or("", String::as_str);
        let response = Table::new("code-blame", &name, &columns, blame.lines.len())
            .row_height(measure::ROW_CODE)
            .single()
            .label(|row| {
                let author = blame.commit_of(row as u32).map_or("", |commit| commit.author.as_str());
                format!("{}, {author}, {}", row + 1, line_of(row))
            })
            .copy(|row| line_of(row).to_owned())
            .show(ui, &mut self.blame.rows, |ui, row, column| {
                let line = row as u32;
                let first = *first_seen.get_or_insert(row);
                let commit = blame.commit_of(line);
                let is_head = row == first || blame.is_head(line);
                match column {
                    0 => {
                        if let Some(number) = blame.number_of(line) {
                            swatch(ui, number);
                        }
                        if let (Some(commit), true) = (commit, is_head) {
                            commit_ui(ui, cx, commit);
                        }
                    }
                    1 => {
                        if let Some(commit) = commit.filter(|commit| is_head && commit.oid.is_some()) {
                            let exact = format::local(commit.authored).strftime("%Y-%m-%d %H:%M").to_string();
                            text::small(ui, &format::age(commit.authored, cx.now, cx.texts)).on_hover_text(exact);
                        }
                    }
                    2 => drop(text::small(ui, &(row + 1).to_string())),
                    _ => {
                        let look = Look {
                            font: font::log(),
                            colour: Tokens::of(ui).text,
                            cut: Cut::End,
                        };
                        text::label(ui, &line_of(row).replace('\t', "    "), look);
                    }
                }
            });
        if response.selection_changed || response.clicked.is_some() {
            let oid = blame.commit_of(self.blame.line()).and_then(|commit| commit.oid.clone());
            if self.commit != oid {
                self.commit_file = None;
            }
            self.commit = oid;
            self.pair = None;
        }
    }
}

/// A strip in the commit's colour, without a gap from line to line.
fn swatch(ui: &mut Ui, number: u32) {
    let cell = ui.max_rect();
    let strip = Rect::from_min_max(cell.left_top(), pos2(cell.left() + 3.0, cell.bottom()));
    let colour = Tokens::of(ui).lane(number as usize);
    ui.painter().rect_filled(strip, 0.0, colour);
    ui.add_space(9.0);
}

fn commit_ui(ui: &mut Ui, cx: &Cx<'_>, commit: &BlameCommit) {
    let t = Tokens::of(ui);
    let Some(oid) = &commit.oid else {
        text::small(ui, &cx.t("code-blame-uncommitted"));
        return;
    };
    let look = |colour| Look {
        font: font::small(),
        colour,
        cut: Cut::End,
    };
    let code = Look {
        font: font::mono(measure::TEXT_SMALL),
        ..look(t.accent.text)
    };
    text::label(ui, format::short_oid(oid), code);
    text::label_within(ui, &commit.author, look(t.text), 90.0);
    text::label(ui, &commit.summary, look(t.text_weak)).on_hover_text(&commit.summary);
}
