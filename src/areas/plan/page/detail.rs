//! The selected item: facts, acceptance, text and notes, what belongs to it, its thread.

use super::words;
use crate::areas::page::{Cx, Intent};
use crate::areas::plan::followed::coverage::Coverage;
use crate::areas::plan::links::Links;
use crate::areas::plan::model::Plan;
use crate::areas::plan::{Change, Command, Item, Kind, forecast, say, state_name};
use crate::base::format::short_oid;
use crate::base::{SafeText, State, Target, Workspace};
use crate::msg;
use crate::ui::button::tick_ui;
use crate::ui::detail::{self, Fact, Heading, Value};
use crate::ui::input::Input;
use crate::ui::state_mark::bar_ui;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, form, page_frame, text};
use egui::{Id, Key, ScrollArea};

/// What is being typed in the detail.
#[derive(Default)]
pub(super) struct Inputs {
    criterion: String,
    note: String,
}

pub(super) fn ui(ui: &mut Ui, cx: &Cx<'_>, inputs: &mut Inputs, workspace: &Workspace, plan: &Plan, item: &Item) {
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("plan-detail")
        .show(ui, |ui| {
            let state = state_name(&item.state, cx.texts);
            detail::heading_ui(
                ui,
                &Heading {
                    icon: words::icon_of(&item.kind),
                    name: &SafeText::new(&item.title).into_string(),
                    note: &note(cx, item),
                    state: Some((plan.workflow.mark(&item.state), &state)),
                },
            );
            let is_open = true;
            let links = Links::of(plan);
            detail::section_ui(ui, |ui| {
                if is_open {
                    state_ui(ui, cx, workspace, plan, item);
                }
                if let Some(target) = detail::fact_rows_ui(ui, &facts(cx, workspace, plan, &links, item)) {
                    cx.ask(Intent::Go(target));
                }
            });
            for problem in &item.remarks {
                detail::section_ui(ui, |ui| page_frame::problem_card_ui(ui, problem, false));
            }
            acceptance_ui(ui, cx, inputs, workspace, item, is_open);
            checks_ui(ui, cx, workspace, item);
            decisions_ui(ui, cx, item);
            if item.kind != Kind::Milestone {
                parts_ui(ui, cx, workspace, plan, &links, item);
            }
            coverage_ui(ui, cx, workspace, item);
            if item.kind == Kind::Milestone {
                milestone_ui(ui, cx, workspace, plan, item);
            }
            // The state is chosen above.
            let mut actions = words::item_actions(cx, workspace, plan, item);
            actions.retain(|action| !action.id.starts_with("plan-move-"));
            if let Some(intent) = detail::actions_ui(ui, &actions) {
                cx.ask(intent);
            }
            text_ui(ui, cx, inputs, workspace, item, is_open);
            let target = Target::Item {
                workspace: workspace.id.clone(),
                id: item.id.clone(),
            };
            if let Some(thread) = cx.thread(&target)
                && let Some(target) = detail::thread_ui(ui, thread, cx.now)
            {
                cx.ask(Intent::Go(target));
            }
        });
}

/// `MA-142, feature, 12 days old`.
fn note(cx: &Cx<'_>, item: &Item) -> String {
    let mut parts = vec![item.id.clone(), words::kind_name(cx, &item.kind)];
    if let Some(created) = item.created {
        parts.push(cx.msg(&msg!("plan-created-on", day = words::day(cx, created))));
    }
    parts.join(", ")
}

fn state_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan, item: &Item) {
    let mut choices: Vec<(String, String)> = plan
        .workflow
        .columns
        .iter()
        .filter(|column| plan.workflow.allows(&item.state, &column.state))
        .map(|column| (column.state.clone(), state_name(&column.state, cx.texts)))
        .collect();
    if plan.workflow.column_of(&item.state).is_none() {
        choices.push((item.state.clone(), state_name(&item.state, cx.texts)));
    }
    let mut chosen = item.state.clone();
    let response = form::form_beside_ui(ui, "plan-detail-state", 84.0, |form| {
        form.choice(&cx.t("plan-field-state"), &mut chosen, &choices);
    });
    if response.changed && chosen != item.state {
        cx.ask(Command::edit(workspace, item, vec![Change::State(chosen)]));
    }
}

fn facts(cx: &Cx<'_>, workspace: &Workspace, plan: &Plan, links: &Links<'_>, item: &Item) -> Vec<Fact> {
    let link = |label: &str, id: &str, note: String| match plan.item(id) {
        Some(other) => Fact::link(
            cx.t(label),
            other.id.clone(),
            if note.is_empty() { other.title.clone() } else { note },
            Target::Item {
                workspace: workspace.id.clone(),
                id: other.id.clone(),
            },
        ),
        None => Fact::text(cx.t(label), id),
    };
    let text_or_absent = |label: &str, value: String| Fact::text(cx.t(label), value);
    let mut facts = vec![text_or_absent(
        "plan-field-assignee",
        item.assignee.clone().unwrap_or_default(),
    )];
    if item.priority.is_some() {
        facts.push(text_or_absent("plan-field-priority", words::priority_name(cx, item.priority)));
    }
    if let Some(name) = &item.milestone {
        let known = plan
            .items
            .values()
            .find(|other| other.kind == Kind::Milestone && (other.title == *name || other.id == *name));
        facts.push(match known {
            Some(milestone) => {
                let share = plan.share_of(milestone);
                let note = cx.msg(&msg!("plan-share", n = share.n_done, all = share.n_all));
                Fact::link(
                    cx.t("plan-field-milestone"),
                    milestone.title.clone(),
                    note,
                    Target::Item {
                        workspace: workspace.id.clone(),
                        id: milestone.id.clone(),
                    },
                )
            }
            None => Fact::text(cx.t("plan-field-milestone"), name.as_str()),
        });
    }
    if let Some(due) = item.due {
        let value = format!("{}, {}", words::day(cx, due), words::distance(cx, due));
        facts.push(if words::is_late(cx, plan, item) {
            Fact::state(cx.t("plan-field-due"), State::Degraded, value)
        } else {
            text_or_absent("plan-field-due", value)
        });
    }
    if let Some(start) = item.start {
        facts.push(text_or_absent("plan-field-start", words::day(cx, start)));
    }
    if let Some(by) = likely_end(cx, workspace, plan, item) {
        facts.push(text_or_absent("plan-field-forecast", by));
    }
    if let Some(estimate) = &item.estimate {
        facts.push(text_or_absent("plan-field-estimate", say::estimate_words(estimate, cx.texts)));
    }
    if !item.labels.is_empty() {
        facts.push(text_or_absent("plan-field-labels", item.labels.join(", ")));
    }
    if let Some(parent) = &item.parent {
        facts.push(link("plan-field-parent", parent, String::new()));
    }
    facts.extend(item.depends.iter().map(|id| link("plan-field-depends", id, String::new())));
    let waiting = links.waiting_for(&item.id).iter();
    facts.extend(waiting.map(|other| link("plan-field-waiting", &other.id, String::new())));
    if let Some(sum) = links.roll_up(item) {
        facts.push(text_or_absent("plan-field-progress", say::roll_up_words(&sum, cx.texts)));
    }
    if let Some(origin) = &item.origin {
        facts.push(text_or_absent("plan-field-origin", origin.clone()));
    }
    facts.push(Fact::new(
        cx.t("plan-field-file"),
        Value::Path(item.file.display().to_string()),
    ));
    facts
}

/// When an item in work is likely to be done, by how long others took.
fn likely_end(cx: &Cx<'_>, workspace: &Workspace, plan: &Plan, item: &Item) -> Option<String> {
    if !plan.workflow.is_in_progress(&item.state) {
        return None;
    }
    let history = cx.model.plan.beside(&workspace.id)?.history.as_ref()?;
    let started = history.track(&item.id)?.started_at(&plan.workflow)?;
    let (samples, _) = forecast::data(plan, history, cx.now);
    let age = (cx.now.as_second() - started.as_second()) as f64 / 86_400.0;
    let left = forecast::days_left(&samples, age.max(0.0), 85)?;
    let day = words::today(cx)
        .checked_add(jiff::Span::new().days(left.ceil() as i32))
        .ok()?;
    Some(cx.msg(&msg!("plan-forecast-sure", day = words::day(cx, day), sure = 85)))
}

/// The definition of done.
fn checks_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, item: &Item) {
    if item.checks.is_empty() {
        return;
    }
    let n_done = item.checks.iter().filter(|check| check.is_done).count();
    let count = cx.msg(&msg!("plan-share", n = n_done, all = item.checks.len()));
    detail::titled_section_ui(ui, &cx.t("plan-done-list"), &count, |ui| {
        for (index, check) in item.checks.iter().enumerate() {
            ui.push_id(("check", index), |ui| {
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                    let words = SafeText::new(&check.text);
                    let mut is_done = check.is_done;
                    let ticked = tick_ui(ui, &mut is_done, "", words.as_str());
                    text::paragraph(ui, words.as_str());
                    if ticked.changed() || ticked.clicked() {
                        let change = Change::CheckNumber {
                            number: index + 1,
                            is_done: !check.is_done,
                        };
                        cx.ask(Command::edit(workspace, item, vec![change]));
                    }
                });
            });
        }
    });
}

fn decisions_ui(ui: &mut Ui, cx: &Cx<'_>, item: &Item) {
    if item.decisions.is_empty() {
        return;
    }
    detail::titled_section_ui(ui, &cx.t("plan-decisions"), "", |ui| {
        for decision in &item.decisions {
            text::paragraph(ui, SafeText::new(&decision.title).as_str());
            let day = decision.date.map(|day| words::day(cx, day)).unwrap_or_default();
            let note = [day, decision.status.clone()];
            let note: Vec<&str> = note.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            text::paragraph_weak(ui, SafeText::new(&note.join(", ")).as_str());
        }
    });
}

/// What is part of it.
fn parts_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan, links: &Links<'_>, item: &Item) {
    let Some(sum) = links.roll_up(item) else { return };
    let t = Tokens::of(ui);
    let note = cx.msg(&msg!("plan-share", n = sum.n_done, all = sum.n_all));
    detail::titled_section_ui(ui, &cx.t("plan-parts"), &note, |ui| {
        bar_ui(ui, ui.available_width(), Some(sum.share() as f32), t.accent.mark, &note);
        ui.add_space(measure::SPACE_4);
        for part in links.children(&item.id).iter().take(100) {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::ICON_GAP;
                crate::ui::state_mark::mark_ui(ui, plan.workflow.mark(&part.state));
                if text::link_small(ui, &part.id).clicked() {
                    cx.ask(Intent::Go(Target::Item {
                        workspace: workspace.id.clone(),
                        id: part.id.clone(),
                    }));
                }
                text::small(ui, &part.title);
            });
        }
    });
}

/// Each place of the way by its name; what it has not come to stays a dash.
fn coverage_facts(cx: &Cx<'_>, workspace: &Workspace, coverage: &Coverage) -> Vec<Fact> {
    let workspace = || workspace.id.clone();
    let absent = |label: &str| Fact::new(cx.t(label), Value::Absent);
    let mut facts = vec![Fact::text(cx.t("plan-cover-branch"), coverage.branches.join(", "))];
    facts.push(coverage.commits.first().map_or_else(
        || absent("thread-commit"),
        |commit| {
            let words = msg!("plan-cover-commits", n = coverage.n_commits, oid = short_oid(&commit.oid));
            let target = Target::Commit {
                workspace: workspace(),
                oid: commit.oid.clone(),
            };
            Fact::link(cx.t("thread-commit"), cx.msg(&words), String::new(), target)
        },
    ));
    facts.push(coverage.tests.as_ref().map_or_else(
        || absent("thread-test"),
        |tests| {
            let words = msg!("plan-cover-tests", passed = tests.n_passed, failed = tests.n_failed);
            Fact::state(cx.t("thread-test"), tests.state, cx.msg(&words))
        },
    ));
    facts.push(coverage.releases.first().map_or_else(
        || absent("thread-release"),
        |version| {
            let target = Target::Release {
                workspace: workspace(),
                version: version.clone(),
            };
            Fact::link(cx.t("thread-release"), version.clone(), String::new(), target)
        },
    ));
    let health = match coverage.health {
        State::Running => cx.t("plan-cover-healthy"),
        _ => String::new(),
    };
    let live = coverage.places.iter().filter(|place| place.is_live);
    let live = live.map(|place| {
        let target = Target::Environment {
            workspace: workspace(),
            name: place.environment.clone(),
        };
        Fact::link(cx.t("plan-cover-live"), place.environment.clone(), health.clone(), target)
    });
    let n_before = facts.len();
    facts.extend(live);
    if facts.len() == n_before {
        facts.push(absent("plan-cover-live"));
    }
    if let Some(title) = coverage.incident.as_deref().filter(|_| coverage.health == State::Failed) {
        let title = SafeText::new(title).into_string();
        facts.push(Fact::state(cx.t("thread-incident"), State::Failed, title));
    }
    facts
}

/// How far it has come.
fn coverage_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, item: &Item) {
    let coverage = cx
        .model
        .plan
        .beside(&workspace.id)
        .and_then(|beside| beside.coverage.get(&item.id));
    let Some(coverage) = coverage.filter(|coverage| coverage.is_begun()) else {
        return;
    };
    detail::titled_section_ui(ui, &cx.t("plan-coverage"), "", |ui| {
        if let Some(target) = detail::fact_rows_ui(ui, &coverage_facts(cx, workspace, coverage)) {
            cx.ask(Intent::Go(target));
        }
        if let Some(problem) = &coverage.refused {
            page_frame::problem_card_ui(ui, problem, false);
        }
    });
}

fn acceptance_ui(ui: &mut Ui, cx: &Cx<'_>, inputs: &mut Inputs, workspace: &Workspace, item: &Item, is_open: bool) {
    if item.criteria.is_empty() && !is_open {
        return;
    }
    let count = if item.criteria.is_empty() {
        String::new()
    } else {
        cx.msg(&msg!("plan-share", n = item.n_criteria_done(), all = item.criteria.len()))
    };
    detail::titled_section_ui(ui, &cx.t("plan-acceptance"), &count, |ui| {
        for (index, criterion) in item.criteria.iter().enumerate() {
            let mut is_done = criterion.is_done;
            ui.push_id(index, |ui| {
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                    let words = SafeText::new(&criterion.text);
                    let ticked = ui
                        .add_enabled_ui(is_open, |ui| tick_ui(ui, &mut is_done, "", words.as_str()))
                        .inner;
                    ui.vertical(|ui| {
                        text::paragraph(ui, words.as_str());
                        if let Some(test) = &criterion.test
                            && text::link_mono(ui, test).clicked()
                        {
                            cx.ask(Intent::Go(Target::TestCase {
                                workspace: workspace.id.clone(),
                                id: test.clone(),
                            }));
                        }
                    });
                    if ticked.changed() || ticked.clicked() {
                        let change = Change::Criterion {
                            index,
                            text: criterion.text.clone(),
                            is_done: !criterion.is_done,
                        };
                        cx.ask(Command::edit(workspace, item, vec![change]));
                    }
                });
            });
        }
        if is_open && line_ui(ui, cx, "plan-add-criterion", &mut inputs.criterion) {
            let text = std::mem::take(&mut inputs.criterion);
            cx.ask(Command::edit(workspace, item, vec![Change::AddCriterion(text)]));
        }
    });
}

/// One line that is sent with Enter.
fn line_ui(ui: &mut Ui, cx: &Cx<'_>, key: &str, value: &mut String) -> bool {
    let hint = cx.t(key);
    let response = Input::new(Id::unique(("plan-line", key)), &hint).hint(&hint).show(ui, value);
    let is_sent = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) && !value.trim().is_empty();
    if is_sent {
        response.request_focus();
    }
    is_sent
}

fn milestone_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan, item: &Item) {
    let t = Tokens::of(ui);
    let share = plan.share_of(item);
    let note = cx.msg(&msg!("plan-share", n = share.n_done, all = share.n_all));
    detail::titled_section_ui(ui, &cx.t("plan-belongs"), &note, |ui| {
        if share.n_all == 0 {
            text::weak(ui, &cx.t("plan-belongs-none"));
            return;
        }
        bar_ui(
            ui,
            ui.available_width(),
            Some(share.n_done as f32 / share.n_all as f32),
            t.accent.mark,
            &note,
        );
        ui.add_space(measure::SPACE_4);
        for other in plan.of_milestone(item).take(100) {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::ICON_GAP;
                crate::ui::state_mark::mark_ui(ui, plan.workflow.mark(&other.state));
                if text::link_small(ui, &other.id).clicked() {
                    cx.ask(Intent::Go(Target::Item {
                        workspace: workspace.id.clone(),
                        id: other.id.clone(),
                    }));
                }
                text::small(ui, &other.title);
            });
        }
    });
}

/// The text without its criteria, which stand above.
fn text_ui(ui: &mut Ui, cx: &Cx<'_>, inputs: &mut Inputs, workspace: &Workspace, item: &Item, is_open: bool) {
    detail::titled_section_ui(ui, &cx.t("plan-text"), "", |ui| {
        let lines: Vec<&str> = item
            .body
            .lines()
            .filter(|line| !is_criterion(line) && !line.trim().is_empty())
            .take(400)
            .collect();
        for (index, line) in lines.iter().enumerate() {
            let words = SafeText::new(line.trim_end().trim_start_matches('#').trim_start());
            let is_heading = line.starts_with('#');
            // A heading with nothing left below it, as over the criteria.
            if words.as_str().is_empty() || is_heading && lines.get(index + 1).is_none_or(|next| next.starts_with('#')) {
                continue;
            }
            if is_heading {
                ui.add_space(measure::SPACE_4);
                text::section(ui, words.as_str());
            } else {
                text::paragraph(ui, words.as_str());
            }
        }
        if is_open && line_ui(ui, cx, "plan-add-note", &mut inputs.note) {
            let text = std::mem::take(&mut inputs.note);
            cx.ask(Command::edit(workspace, item, vec![Change::Note(text)]));
        }
    });
}

fn is_criterion(line: &str) -> bool {
    let bare = line.trim_start();
    ["- [ ]", "- [x]", "- [X]", "* [ ]", "* [x]"]
        .iter()
        .any(|mark| bare.starts_with(mark))
}
