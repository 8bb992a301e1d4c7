//! What is selected: a module, a model or a field with its values, and how the plan stands against the code.

use super::{ask, edit, last_name, parts};
use crate::areas::page::Cx;
use crate::areas::plan::modules::keys::{self, Shape};
use crate::areas::plan::modules::schema::title_of;
use crate::areas::plan::modules::{
    Address, Change, Checked, Command, FieldKind, Module, Part, PartKind, PlannedModel, Side, Values,
};
use crate::base::{Loadable, State, Workspace};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::detail::{self, Heading};
use crate::ui::input::Input;
use crate::ui::tokens::measure;
use crate::ui::{Ui, form, icons, state_mark, text};
use egui::{Id, Key, ScrollArea};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is being typed, by key; gone when something else is selected.
#[derive(Default)]
pub(super) struct Inputs {
    typed: BTreeMap<String, String>,
    new_field: String,
}

/// Draws it; `at` becomes what was chosen here. True when the difference is to be shown.
pub(super) fn ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    inputs: &mut Inputs,
    workspace: &Workspace,
    checked: &Checked,
    at: &mut Address,
) -> bool {
    let Some(module) = checked.plan.module(&at.module) else {
        return false;
    };
    let mut wants_generate = false;
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("plan-modules-detail")
        .show(ui, |ui| {
            let n_wrong = checked
                .findings
                .iter()
                .filter(|finding| {
                    finding.is_error && finding.at.module == at.module && (at.model.is_none() || finding.at.model == at.model)
                })
                .count();
            let word = cx.msg(&msg!("plan-modules-n-errors", n = n_wrong));
            let state = (n_wrong > 0).then_some((State::Failed, word.as_str()));
            match checked.plan.model_at(at) {
                Some(model) => {
                    let note = cx.msg(&msg!(
                        "plan-modules-model-note",
                        module = module.name.as_str(),
                        fields = model.fields.len()
                    ));
                    detail::heading_ui(
                        ui,
                        &Heading {
                            icon: icons::MODEL,
                            name: &model.name,
                            note: &note,
                            state,
                        },
                    );
                    fields_ui(ui, cx, inputs, workspace, checked, model, at);
                    let field = match &at.part {
                        Some((PartKind::Field, name)) => model.field(name),
                        _ => None,
                    };
                    if let Some(field) = field {
                        field_ui(ui, cx, inputs, workspace, checked, model, field, at);
                    } else if at.part.is_some() {
                        parts::part_ui(ui, cx, inputs, workspace, checked, module, at);
                    } else {
                        let model_at = Address::model(&at.module, &model.name);
                        detail::titled_section_ui(ui, &cx.t("plan-modules-model"), "", |ui| {
                            for (key, label, value) in [
                                ("title", "plan-modules-title", model.title().as_str()),
                                ("order", "plan-modules-order", model.values.text("order")),
                                ("rec_name", "plan-modules-rec-name", model.values.text("rec_name")),
                            ] {
                                line_ui(ui, cx, inputs, workspace, &model_at, key, label, value);
                            }
                        });
                    }
                    parts::lists_ui(ui, cx, checked, module, at);
                }
                None => {
                    let note = module.file.display().to_string();
                    detail::heading_ui(
                        ui,
                        &Heading {
                            icon: icons::PACKAGE,
                            name: &module.name,
                            note: &note,
                            state,
                        },
                    );
                    if at.part.is_some() {
                        parts::part_ui(ui, cx, inputs, workspace, checked, module, at);
                    }
                    module_ui(ui, cx, inputs, workspace, module, at);
                    parts::lists_ui(ui, cx, checked, module, at);
                }
            }
            wants_generate = code_ui(ui, cx, workspace, module);
        });
    wants_generate
}

fn fields_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    inputs: &mut Inputs,
    workspace: &Workspace,
    checked: &Checked,
    model: &PlannedModel,
    at: &mut Address,
) {
    detail::titled_section_ui(ui, &cx.t("plan-modules-fields"), "", |ui| {
        for field in &model.fields {
            let here = Address::field(&at.module, &model.name, &field.name);
            let is_wrong = checked.findings.iter().any(|finding| finding.is_error && finding.at == here);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                let is_selected = *at == here;
                let mark = if is_wrong { "✕" } else { sign(field.kind()) };
                ui.scope(|ui| {
                    ui.set_min_width(22.0);
                    text::mono(ui, mark);
                });
                let response = if is_selected {
                    text::strong(ui, &field.name)
                } else {
                    text::link(ui, &field.name)
                };
                if response.clicked() {
                    *at = here.clone();
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    text::small(ui, field.kind().map_or("?", FieldKind::word));
                });
            });
        }
        let hint = cx.t("plan-modules-add-field");
        let response = Input::new(Id::unique("plan-modules-new-field"), &hint)
            .hint(&hint)
            .show(ui, &mut inputs.new_field);
        if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) && !inputs.new_field.trim().is_empty() {
            let (name, values) = quick_field(&std::mem::take(&mut inputs.new_field));
            let here = Address::field(&at.module, &model.name, &name);
            edit(
                cx,
                workspace,
                msg!("plan-modules-undo-add", name = name.as_str()),
                vec![Change::Add { at: here, values }],
            );
            response.request_focus();
        }
    });
}

/// `quantity integer`, `partner_id many2one res.partner`.
fn quick_field(typed: &str) -> (String, Values) {
    let mut words = typed.split_whitespace();
    let name = words.next().unwrap_or_default().to_owned();
    let kind = words.next().and_then(FieldKind::from_word);
    let guessed = if name.ends_with("_ids") {
        FieldKind::One2many
    } else if name.ends_with("_id") {
        FieldKind::Many2one
    } else {
        FieldKind::Char
    };
    let mut values = Values::default();
    values.set("type", kind.unwrap_or(guessed).word());
    if let Some(target) = words.next() {
        values.set("target", target);
    }
    (name, values)
}

/// A short sign of a type.
fn sign(kind: Option<FieldKind>) -> &'static str {
    match kind {
        Some(FieldKind::Char | FieldKind::Text | FieldKind::Html) => "Aa",
        Some(FieldKind::Boolean) => "01",
        Some(FieldKind::Integer | FieldKind::Float) => "#",
        Some(FieldKind::Monetary) => "$",
        Some(FieldKind::Date | FieldKind::Datetime) => "dt",
        Some(FieldKind::Binary) => "b",
        Some(FieldKind::Json) => "{}",
        Some(FieldKind::Selection) => "=",
        Some(FieldKind::Reference) => "&",
        Some(FieldKind::Many2one) => ">1",
        Some(FieldKind::One2many) => "1>",
        Some(FieldKind::Many2many) => "<>",
        None => "?",
    }
}

pub(super) fn set(cx: &Cx<'_>, workspace: &Workspace, at: &Address, key: &str, value: Option<Value>) {
    edit(
        cx,
        workspace,
        msg!("plan-modules-undo-set", name = at.to_string()),
        vec![Change::Set {
            at: at.clone(),
            key: key.to_owned(),
            value,
        }],
    );
}

/// One line that is written when it is left.
#[expect(clippy::too_many_arguments, reason = "one line of a form with what it writes to")]
pub(super) fn line_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    inputs: &mut Inputs,
    workspace: &Workspace,
    at: &Address,
    key: &str,
    label: &str,
    value: &str,
) {
    let label = cx.t(label);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        ui.scope(|ui| {
            ui.set_width(84.0);
            text::weak(ui, &label);
        });
        let whole = format!("{at} {key}");
        let id = Id::unique(("plan-modules-line", &whole));
        let buffer = inputs.typed.entry(whole).or_insert_with(|| value.to_owned());
        let response = Input::new(id, &label).show(ui, buffer);
        if !response.has_focus() && !response.lost_focus() && buffer.as_str() != value {
            // Changed elsewhere meanwhile.
            value.clone_into(buffer);
        }
        if response.lost_focus() && buffer.trim() != value {
            let new = buffer.trim();
            // Read as what has to stand there; what can not be read so stays a text, and is told.
            let shape = keys::shape(at, key).unwrap_or(Shape::Text);
            let value = (!new.is_empty()).then(|| keys::typed(shape, new, None));
            set(cx, workspace, at, key, value);
        }
    });
    ui.add_space(measure::SPACE_4);
}

/// A choice as it is typed: with its label where that is not made from the value.
fn as_typed((value, label): (String, String)) -> String {
    if label == title_of(&value) {
        value
    } else {
        format!("{value}:{label}")
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "the values of one field with everything they may point to"
)]
fn field_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    inputs: &mut Inputs,
    workspace: &Workspace,
    checked: &Checked,
    model: &PlannedModel,
    field: &Part,
    at: &Address,
) {
    let plan = &checked.plan;
    detail::titled_section_ui(ui, &field.name, "", |ui| {
        let kind = field.kind();
        let mut chosen = kind.map_or_else(String::new, |kind| kind.word().to_owned());
        let kinds: Vec<(String, String)> = FieldKind::ALL
            .iter()
            .map(|kind| (kind.word().to_owned(), kind.word().to_owned()))
            .collect();
        let mut target = field.target().to_owned();
        let mut models: Vec<(String, String)> = plan
            .models()
            .map(|(_, model)| (model.name.clone(), model.name.clone()))
            .collect();
        models.extend(crate::areas::plan::modules::outside::models().map(|name| (name.to_owned(), name.to_owned())));
        models.sort();
        models.dedup();
        if !target.is_empty() && !models.iter().any(|(name, _)| *name == target) {
            models.insert(0, (target.clone(), target.clone()));
        }
        let mut inverse = field.inverse().to_owned();
        let seen = plan.module(&at.module).into_iter();
        let inverses: Vec<(String, String)> = seen
            .flat_map(|module| plan.seen_from(module, &target))
            .flat_map(|(_, other)| &other.fields)
            .filter(|other| other.is(FieldKind::Many2one) && other.target() == model.name)
            .map(|other| (other.name.clone(), other.name.clone()))
            .collect();
        let (mut is_required, mut is_readonly) = (field.values.flag("required"), field.values.flag("readonly"));
        form::form_beside_ui(ui, "plan-modules-field", 84.0, |form| {
            if form.choice(&cx.t("plan-modules-type-label"), &mut chosen, &kinds) {
                set(cx, workspace, at, "type", Some(chosen.as_str().into()));
            }
            if kind.is_some_and(FieldKind::is_relation) && form.choice(&cx.t("plan-modules-target"), &mut target, &models) {
                set(cx, workspace, at, "target", Some(target.as_str().into()));
            }
            if kind == Some(FieldKind::One2many) && form.choice(&cx.t("plan-modules-inverse"), &mut inverse, &inverses) {
                set(cx, workspace, at, "inverse", Some(inverse.as_str().into()));
            }
            if form.tick(&cx.t("plan-modules-required"), &mut is_required) {
                set(cx, workspace, at, "required", is_required.then_some(true.into()));
            }
            if form.tick(&cx.t("plan-modules-readonly"), &mut is_readonly) {
                set(cx, workspace, at, "readonly", is_readonly.then_some(true.into()));
            }
        });
        line_ui(
            ui,
            cx,
            inputs,
            workspace,
            at,
            "string",
            "plan-modules-label",
            field.values.text("string"),
        );
        if kind == Some(FieldKind::Selection) {
            let values: Vec<String> = field.choices().into_iter().map(as_typed).collect();
            line_ui(
                ui,
                cx,
                inputs,
                workspace,
                at,
                "values",
                "plan-modules-values",
                &values.join(", "),
            );
        }
        for (key, label, value) in [
            ("help", "plan-modules-help", field.values.text("help")),
            ("compute", "plan-modules-compute", field.values.text("compute")),
        ] {
            line_ui(ui, cx, inputs, workspace, at, key, label, value);
        }
        findings_ui(ui, cx, workspace, checked, at);
    });
}

/// What is wrong with what is chosen, each with its fixes.
pub(super) fn findings_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, checked: &Checked, at: &Address) {
    for finding in checked.findings.iter().filter(|finding| finding.at == *at) {
        ui.horizontal_wrapped(|ui| {
            let mark = if finding.is_error { State::Failed } else { State::Degraded };
            state_mark::label_small_ui(ui, mark, &cx.msg(&finding.what));
        });
        for fix in &finding.fixes {
            if ui.add(Button::new(&cx.msg(&fix.label)).small()).clicked() {
                edit(cx, workspace, fix.label.clone(), fix.changes.clone());
            }
        }
    }
}

fn module_ui(ui: &mut Ui, cx: &Cx<'_>, inputs: &mut Inputs, workspace: &Workspace, module: &Module, at: &mut Address) {
    let here = Address::module(&module.name);
    detail::titled_section_ui(ui, &cx.t("plan-modules-module"), module.template(), |ui| {
        for (key, label, value) in [
            ("title", "plan-modules-title", module.values.text("title")),
            ("summary", "plan-modules-summary", module.values.text("summary")),
            ("depends", "plan-modules-depends", module.depends().join(", ").as_str()),
            ("version", "plan-modules-version", module.values.text("version")),
            ("category", "plan-modules-category", module.values.text("category")),
            ("license", "plan-modules-license-label", module.values.text("license")),
            ("target", "plan-modules-folder", module.values.text("target")),
            ("author", "plan-modules-author", module.values.text("author")),
            ("website", "plan-modules-website", module.values.text("website")),
        ] {
            line_ui(ui, cx, inputs, workspace, &here, key, label, value);
        }
    });
    detail::titled_section_ui(ui, &cx.t("plan-modules-models"), "", |ui| {
        for model in &module.models {
            if text::link_mono(ui, &model.name).clicked() {
                *at = Address::model(&module.name, &model.name);
            }
        }
    });
}

/// Plan and code side by side, in short. True when the difference is to be shown.
fn code_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, module: &Module) -> bool {
    let mut wants = false;
    detail::titled_section_ui(ui, &cx.t("plan-modules-against"), "", |ui| {
        let drifts = cx.model.plan.modules.drifts.get(&workspace.id).and_then(Loadable::value);
        let drift = drifts.and_then(|drifts| drifts.iter().find(|drift| drift.module == module.name));
        match drift {
            None => text::weak(ui, &cx.t("plan-modules-not-compared")),
            Some(drift) if !drift.is_written => {
                let said = msg!("plan-modules-drift-unwritten", module = module.name.as_str());
                state_mark::label_ui(ui, State::Queued, &cx.msg(&said))
            }
            Some(drift) => {
                let response = state_mark::label_ui(ui, State::Done, &cx.msg(&msg!("plan-modules-as-planned", n = drift.n_same)));
                for difference in drift.differences.iter().take(30) {
                    let key = match difference.side {
                        Side::Plan => "plan-modules-only-plan",
                        Side::Code => "plan-modules-only-code",
                        Side::Both => "plan-modules-differs",
                    };
                    let mut hover = String::new();
                    for (key, plan, code) in &difference.keys {
                        hover.push_str(&format!("{key}: {plan} | {code}\n"));
                    }
                    let words = format!("{}, {}", last_name(&difference.at), cx.t(key));
                    let row = state_mark::label_small_ui(
                        ui,
                        if difference.side == Side::Plan {
                            State::Queued
                        } else {
                            State::Degraded
                        },
                        &words,
                    );
                    row.on_hover_text(format!("{}\n{}", difference.at, hover.trim_end()));
                }
                response
            }
        };
        ui.add_space(measure::SPACE_4);
        ui.horizontal_wrapped(|ui| {
            wants = ui.add(Button::new(&cx.t("plan-modules-show-difference")).small()).clicked();
            if ui.add(Button::new(&cx.t("plan-modules-compare")).small()).clicked() {
                ask(
                    cx,
                    Command::Compare {
                        workspace: workspace.clone(),
                        module: None,
                    },
                );
            }
            let to_plan: Vec<Change> = drift
                .filter(|drift| drift.is_written)
                .into_iter()
                .flat_map(|drift| &drift.differences)
                .flat_map(|difference| difference.to_plan.clone())
                .collect();
            if !to_plan.is_empty() && ui.add(Button::new(&cx.t("plan-modules-read-back")).small()).clicked() {
                edit(cx, workspace, msg!("plan-modules-undo-drift"), to_plan);
            }
        });
    });
    wants
}
