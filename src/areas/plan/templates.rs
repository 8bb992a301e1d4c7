//! Item trees that are made in one go: the process of a deployment, a release, and the project's own from `.chantier/plan/templates`.

use super::{Draft, Kind, Priority};
use crate::adapters::files;
use crate::base::{Lang, Problem, SafeText, Workspace};
use crate::msg;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The project's own, below its root.
pub const FOLDER: &str = ".chantier/plan/templates";

const OURS: [(&str, &str, &str); 2] = [
    (
        "deployment",
        include_str!("../../../resources/templates/plan/deployment.en.toml"),
        include_str!("../../../resources/templates/plan/deployment.fr.toml"),
    ),
    (
        "release",
        include_str!("../../../resources/templates/plan/release.en.toml"),
        include_str!("../../../resources/templates/plan/release.fr.toml"),
    ),
];

/// A tree of items.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// By which it is asked for; the name of its file.
    #[serde(skip)]
    pub name: String,
    pub title: String,
    #[serde(default)]
    pub about: String,
    /// Words that are filled in where `{word}` stands, with what they are when nobody says.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    #[serde(rename = "item")]
    pub items: Vec<TemplateItem>,
}

/// One item of a template.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateItem {
    /// By which the others know it.
    pub key: String,
    pub title: String,
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
    #[serde(default)]
    pub priority: Option<String>,
    #[serde(default)]
    pub labels: Vec<String>,
    #[serde(default)]
    pub estimate: Option<String>,
    #[serde(default)]
    pub parent: Option<String>,
    #[serde(default)]
    pub depends: Vec<String>,
    #[serde(default)]
    pub criteria: Vec<String>,
    #[serde(default)]
    pub body: String,
}

/// Every template, the project's own last; one of the same name stands for ours. Blocks.
pub fn all(workspace: &Workspace, lang: Lang) -> (Vec<Template>, Vec<Problem>) {
    let mut found: BTreeMap<String, Template> = BTreeMap::new();
    let mut problems = Vec::new();
    for (name, en, fr) in OURS {
        let text = if lang == Lang::Fr { fr } else { en };
        match parse(name, text, Path::new(name)) {
            Ok(template) => drop(found.insert(name.to_owned(), template)),
            Err(problem) => problems.push(problem),
        }
    }
    let entries = files::list_dir(&workspace.root.join(FOLDER)).unwrap_or_default();
    for entry in entries
        .into_iter()
        .filter(|entry| !entry.is_dir && entry.path.extension().is_some_and(|ending| ending == "toml"))
    {
        let name = entry
            .path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let read = files::read_text(&entry.path, files::MAX_TEXT_BYTES).and_then(|text| parse(&name, &text, &entry.path));
        match read {
            Ok(template) => drop(found.insert(name, template)),
            Err(problem) => problems.push(problem),
        }
    }
    (found.into_values().collect(), problems)
}

/// Reads a template; keys that point nowhere or in a circle are told.
pub fn parse(name: &str, text: &str, path: &Path) -> Result<Template, Problem> {
    let wrong = |details: String, line: u32| {
        Problem::config(msg!("plan-template-wrong", name = SafeText::new(name)))
            .details(details)
            .at_place(path, line, 0)
    };
    let mut template: Template = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let line = text.get(..at).unwrap_or_default().matches('\n').count() as u32 + 1;
        wrong(error.message().to_owned(), line)
    })?;
    name.clone_into(&mut template.name);
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for item in &template.items {
        // Only what stands above can be named: so there is no circle.
        let links = item.parent.iter().chain(&item.depends);
        if let Some(lost) = links.clone().find(|link| !known.contains(link.as_str())) {
            return Err(wrong(format!("{}: {lost}", item.key), 0));
        }
        if !known.insert(&item.key) {
            return Err(wrong(item.key.clone(), 0));
        }
    }
    Ok(template)
}

impl Template {
    /// The template's items as drafts, by key, in an order in which they can be made; links still are keys.
    pub fn drafts(&self, given: &BTreeMap<String, String>, milestone: Option<&str>) -> Result<Vec<(String, Draft)>, Problem> {
        if let Some(unknown) = given.keys().find(|key| !self.values.contains_key(*key)) {
            let words: Vec<&str> = self.values.keys().map(String::as_str).collect();
            let problem = Problem::user(msg!(
                "plan-template-value",
                word = SafeText::new(unknown),
                name = self.name.as_str()
            ));
            return Err(problem.hint(msg!("plan-remark-words-hint", words = words.join(", "))));
        }
        let filled = |text: &str| {
            let mut text = text.to_owned();
            for (word, value) in &self.values {
                let value = given.get(word).unwrap_or(value);
                text = text.replace(&format!("{{{word}}}"), value);
            }
            text
        };
        let draft = |item: &TemplateItem| Draft {
            title: filled(&item.title),
            kind: item.kind.clone().map_or_else(Kind::default, Kind::from),
            priority: item.priority.as_deref().and_then(Priority::from_word),
            labels: item.labels.clone(),
            estimate: item.estimate.clone(),
            parent: item.parent.clone(),
            depends: item.depends.clone(),
            milestone: milestone.map(str::to_owned),
            body: filled(&item.body),
            criteria: item.criteria.iter().map(|criterion| filled(criterion)).collect(),
            ..Draft::default()
        };
        Ok(self.items.iter().map(|item| (item.key.clone(), draft(item))).collect())
    }
}
