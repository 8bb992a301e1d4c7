//! Records of an Odoo module's XML files: views by their fields, menus, groups. A file that is no XML is told, its records before the fault count.

use super::odoo::{PERMISSIONS, give};
use crate::areas::plan::modules::schema::{Module, Part};
use crate::base::Problem;
use crate::msg;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;
use std::path::Path;

/// What the files of one module say.
#[derive(Default)]
pub(super) struct Seen {
    views: Vec<(String, Part)>,
    menus: Vec<Part>,
    groups: Vec<Part>,
    /// Rights: model, group and letters.
    access: Vec<(String, String, String)>,
    /// Models of window actions by id.
    actions: BTreeMap<String, String>,
}

/// A record that is being read.
#[derive(Default)]
struct Record {
    id: String,
    model: String,
    values: BTreeMap<String, String>,
    /// Root and fields of the view.
    view: Option<View>,
}

#[derive(Default)]
struct View {
    root: String,
    fields: Vec<String>,
    after: String,
    xpath: String,
    position: String,
    has_filter: bool,
    /// How many fields stand around what is read now.
    depth: usize,
}

fn attribute(start: &BytesStart<'_>, name: &str) -> String {
    let found = start.attributes().flatten().find(|attribute| attribute.key.as_ref() == name);
    let value = found.and_then(|attribute| {
        attribute
            .normalized_value(quick_xml::XmlVersion::Explicit1_0)
            .ok()
            .map(std::borrow::Cow::into_owned)
    });
    value.unwrap_or_default()
}

const KINDS: [&str; 9] = [
    "list", "form", "search", "kanban", "calendar", "graph", "pivot", "activity", "gantt",
];

pub(super) fn read(path: &Path, text: &str, seen: &mut Seen, problems: &mut Vec<Problem>) {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut record: Option<Record> = None;
    // The field of the record that is open, and whether its text is wanted.
    let mut field: Option<String> = None;
    let mut words = String::new();
    let mut menus: Vec<String> = Vec::new();
    let mut stack: Vec<String> = Vec::new();
    loop {
        let at = reader.buffer_position();
        match reader.read_event() {
            Err(error) => {
                let at = usize::try_from(at).unwrap_or_default();
                problems.push(
                    Problem::config(msg!("plan-modules-not-xml", path = path))
                        .code("unreadable")
                        .details(error)
                        .at_byte(path, text, at),
                );
                return;
            }
            Ok(Event::Eof) => return,
            Ok(Event::Start(start)) => {
                let tag = start.name().as_ref().to_owned();
                stack.push(tag.clone());
                if let Some(view) = record.as_mut().and_then(|record| record.view.as_mut()) {
                    view.open(&tag, &start);
                    continue;
                }
                match tag.as_str() {
                    "record" => {
                        record = Some(Record {
                            id: attribute(&start, "id"),
                            model: attribute(&start, "model"),
                            ..Record::default()
                        });
                    }
                    "field" => {
                        if let Some(record) = &mut record {
                            let name = attribute(&start, "name");
                            for key in ["ref", "eval"] {
                                let value = attribute(&start, key);
                                if !value.is_empty() {
                                    record.values.insert(name.clone(), value);
                                }
                            }
                            if name == "arch" && record.model == "ir.ui.view" {
                                record.view = Some(View::default());
                            }
                            field = Some(name);
                            words.clear();
                        }
                    }
                    "menuitem" => {
                        let mut menu = Part::new(&attribute(&start, "id"));
                        menu.values.set_text("title", &attribute(&start, "name"));
                        let parent = attribute(&start, "parent");
                        let parent = if parent.is_empty() {
                            menus.last().cloned().unwrap_or_default()
                        } else {
                            parent
                        };
                        menu.values.set_text("parent", &parent);
                        menu.values.set_text("action", &attribute(&start, "action"));
                        menu.values.set_text("groups", &attribute(&start, "groups"));
                        if let Ok(sequence) = attribute(&start, "sequence").parse::<i64>() {
                            menu.values.set("sequence", sequence);
                        }
                        menus.push(menu.name.clone());
                        seen.menus.push(menu);
                    }
                    _ => {}
                }
            }
            Ok(Event::Text(content)) => {
                if field.is_some() {
                    words.push_str(&content.xml10_content());
                }
            }
            Ok(Event::GeneralRef(name)) => {
                if field.is_some() {
                    let source = format!("&{};", &*name);
                    words.push_str(&quick_xml::escape::unescape(&source).unwrap_or_default());
                }
            }
            Ok(Event::End(_)) => {
                let tag = stack.pop().unwrap_or_default();
                if let Some(record) = &mut record
                    && let Some(view) = &mut record.view
                    && !(tag == "field" && stack.last().is_some_and(|above| above == "record"))
                {
                    view.close(&tag);
                    continue;
                }
                match tag.as_str() {
                    "field" => {
                        if let (Some(name), Some(record)) = (field.take(), &mut record) {
                            if !words.trim().is_empty() {
                                record.values.entry(name).or_insert_with(|| words.trim().to_owned());
                            }
                            if let Some(view) = record.view.take() {
                                record.finish_view(view, seen);
                            }
                        }
                    }
                    "record" => {
                        if let Some(record) = record.take() {
                            record.finish(seen);
                        }
                    }
                    "menuitem" => drop(menus.pop()),
                    _ => {}
                }
            }
            Ok(_) => {}
        }
    }
}

impl View {
    fn open(&mut self, tag: &str, start: &BytesStart<'_>) {
        if self.root.is_empty() && tag != "data" {
            tag.clone_into(&mut self.root);
        }
        let position = attribute(start, "position");
        self.has_filter |= tag == "filter";
        match tag {
            "field" => {
                let name = attribute(start, "name");
                if position.is_empty() {
                    if self.depth == 0 && !name.is_empty() && !self.fields.contains(&name) {
                        self.fields.push(name);
                    }
                    self.depth += 1;
                } else if self.after.is_empty() && position == "after" {
                    // What is put there stands at the top again.
                    self.after = name;
                }
            }
            "xpath" if self.xpath.is_empty() => {
                self.xpath = attribute(start, "expr");
                self.position = position;
            }
            _ => {}
        }
    }

    fn close(&mut self, tag: &str) {
        if tag == "field" {
            self.depth = self.depth.saturating_sub(1);
        }
    }
}

impl Record {
    fn finish_view(&mut self, view: View, seen: &mut Seen) {
        let model = self.values.get("model").cloned().unwrap_or_default();
        let inherit = self.values.get("inherit_id").cloned().unwrap_or_default();
        let root = if view.root == "tree" { "list" } else { view.root.as_str() };
        let named = || {
            let name = self.values.get("name").map(String::as_str).unwrap_or_default();
            let words = name
                .split(['.', '_', ' '])
                .chain(self.id.split(['.', '_']))
                .map(|word| match word {
                    "tree" => "list",
                    "filter" => "search",
                    word => word,
                });
            words
                .collect::<Vec<_>>()
                .into_iter()
                .find_map(|word| KINDS.into_iter().find(|kind| *kind == word))
        };
        // Only a search has filters; a way into another view may begin with its kind.
        let path = view.xpath.trim_start_matches('/');
        let first = path.split(['/', '[']).next().unwrap_or_default();
        let first = if first == "tree" { "list" } else { first };
        let is_search = view.has_filter || first == "filter" || first == "search";
        let is_kind = |word: &str| KINDS.into_iter().find(|kind| *kind == word);
        let searched = || is_search.then_some("search");
        let kind = is_kind(root)
            .or_else(searched)
            .or_else(named)
            .or_else(|| is_kind(first))
            .unwrap_or("form");
        let mut part = Part::new(kind);
        if !view.fields.is_empty() {
            part.values.set("fields", view.fields);
        }
        part.values.set_text("inherit", &inherit);
        if !inherit.is_empty() {
            part.values.set_text("after", &view.after);
            let is_usual = [kind, if kind == "list" { "tree" } else { kind }]
                .iter()
                .any(|kind| view.xpath == format!("//{kind}"));
            if !is_usual || view.position != "inside" {
                part.values.set_text("xpath", &view.xpath);
                part.values.set_text("position", &view.position);
            }
        }
        seen.views.push((model, part));
    }

    fn finish(self, seen: &mut Seen) {
        let text = |key: &str| self.values.get(key).cloned().unwrap_or_default();
        match self.model.as_str() {
            "res.groups" => {
                let mut group = Part::new(&self.id);
                group.values.set_text("title", &text("name"));
                let implied = text("implied_ids");
                let names: Vec<String> = implied
                    .split("ref(")
                    .skip(1)
                    .filter_map(|piece| Some(piece.trim_start_matches(['\'', '"']).split(['\'', '"']).next()?.to_owned()))
                    .collect();
                if !names.is_empty() {
                    group.values.set("implies", names);
                }
                seen.groups.push(group);
            }
            "ir.model.access" => {
                let is_on = |(key, _): &(&str, char)| matches!(text(key).as_str(), "1" | "True" | "true");
                let letters = PERMISSIONS.into_iter().filter(is_on).map(|(_, letter)| letter);
                seen.access.push((text("model_id"), text("group_id"), letters.collect()));
            }
            "ir.actions.act_window" => drop(seen.actions.insert(self.id.clone(), text("res_model"))),
            _ => {}
        }
    }
}

/// Puts what was seen where it belongs.
pub(super) fn into_module(seen: Seen, module: &mut Module) {
    let own = format!("{}.", module.name);
    for (name, view) in seen.views {
        if let Some(model) = module.models.iter_mut().find(|model| model.name == name) {
            model.views.push(view);
        }
    }
    for (model, group, rights) in seen.access {
        give(module, &model, &group, rights);
    }
    let bare = |name: &str| name.strip_prefix(&own).unwrap_or(name).to_owned();
    for mut group in seen.groups {
        group.name = bare(&group.name);
        let implies: Vec<String> = group.values.list("implies").into_iter().map(bare).collect();
        if !implies.is_empty() {
            group.values.set("implies", implies);
        }
        // A later record of the same group only adds to it.
        match module.groups.iter_mut().find(|known| known.name == group.name) {
            Some(known) => known.values.0.extend(group.values.0),
            None => module.groups.push(group),
        }
    }
    for mut menu in seen.menus {
        menu.name = bare(&menu.name);
        let action = bare(menu.values.text("action"));
        if let Some(model) = seen.actions.get(&action) {
            menu.values.set("model", model.as_str());
            menu.values.0.remove("action");
        }
        let parent = bare(menu.values.text("parent"));
        if !parent.is_empty() {
            menu.values.set("parent", parent);
        }
        let groups: Vec<String> = menu
            .values
            .text("groups")
            .split(',')
            .filter(|name| !name.is_empty())
            .map(bare)
            .collect();
        if !groups.is_empty() {
            menu.values.set("groups", groups);
        }
        match module.menus.iter_mut().find(|known| known.name == menu.name) {
            Some(known) => known.values.0.extend(menu.values.0),
            None => module.menus.push(menu),
        }
    }
}
