//! Templates: those that the program brings and the user's own in `.chantier/templates/NAME`, rendered by minijinja.
//! `template.toml` says which files there are: `[[file]]` with `template`, `path`, `for = "model"`, `when`.

use super::context::context;
use super::{clean, words};
use crate::adapters::files;
use crate::areas::plan::modules::known::Plan;
use crate::areas::plan::modules::schema::Module;
use crate::base::{Problem, Workspace};
use crate::msg;
use include_dir::{Dir, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/resources/templates");
/// Where the user's own templates stand, below the root.
pub const USER_FOLDER: &str = ".chantier/templates";
/// Steps that a template may take: one that never ends is ended.
const FUEL: u64 = 20_000_000;
const MAX_FILES: usize = 5000;
const MAX_BYTES: u64 = 1 << 20;

/// A template by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateInfo {
    pub name: String,
    pub title: String,
    /// The user's own.
    pub is_own: bool,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    title: String,
    #[serde(default)]
    file: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    template: String,
    path: String,
    #[serde(default, rename = "for")]
    each: String,
    #[serde(default)]
    when: String,
}

/// Every template that a workspace can use.
pub fn templates(workspace: &Workspace) -> Vec<TemplateInfo> {
    let mut out = Vec::new();
    for dir in BUILT_IN.dirs() {
        let name = dir.path().to_string_lossy().into_owned();
        if let Ok((manifest, _, _)) = load(workspace, &name) {
            out.push(TemplateInfo {
                title: manifest.title,
                name,
                is_own: false,
            });
        }
    }
    for entry in files::list_dir(&workspace.root.join(USER_FOLDER)).unwrap_or_default() {
        let name = entry.name.to_string_lossy().into_owned();
        if entry.is_dir && BUILT_IN.get_dir(&name).is_none() {
            let title = load(workspace, &name)
                .map(|(manifest, _, _)| manifest.title)
                .unwrap_or_default();
            out.push(TemplateInfo {
                title,
                name,
                is_own: true,
            });
        }
    }
    out
}

/// Whether the program brings a template by this name.
pub fn is_built_in(name: &str) -> bool {
    BUILT_IN.get_file(format!("{name}/template.toml")).is_some()
}

/// The problem of a name that no template has.
pub fn no_template(name: &str) -> Problem {
    let names = BUILT_IN.dirs().map(|dir| dir.path().to_string_lossy().into_owned());
    let known: Vec<String> = names.filter(|name| is_built_in(name)).collect();
    let problem = Problem::user(msg!("plan-modules-no-template", name = crate::base::SafeText::new(name)));
    problem.code("not-found").hint(msg!(
        "plan-modules-no-template-hint",
        names = known.join(", "),
        folder = USER_FOLDER
    ))
}

type Sources = BTreeMap<String, String>;

/// The manifest and the sources of a template, and where it stands if it is the user's own.
fn load(workspace: &Workspace, name: &str) -> Result<(Manifest, Sources, Option<PathBuf>), Problem> {
    let mut sources = Sources::new();
    let mut own = None;
    if let Some(dir) = BUILT_IN.get_dir(name) {
        for file in dir.files() {
            let file_name = file.path().file_name().map(|name| name.to_string_lossy().into_owned());
            if let (Some(file_name), Some(text)) = (file_name, file.contents_utf8()) {
                sources.insert(file_name, text.to_owned());
            }
        }
    } else {
        let is_name = Path::new(name).components().count() == 1 && clean(Path::new(name)).is_some();
        let folder = workspace.root.join(USER_FOLDER).join(name);
        if !is_name || files::list_dir(&folder).is_err() {
            return Err(no_template(name));
        }
        let beneath = files::Beneath::open(&folder)?;
        for entry in files::list_dir(&folder)?
            .into_iter()
            .filter(|entry| !entry.is_dir)
            .take(MAX_FILES)
        {
            let file_name = entry.name.to_string_lossy().into_owned();
            sources.insert(file_name.clone(), beneath.read_text(Path::new(&file_name), MAX_BYTES)?);
        }
        own = Some(folder);
    }
    let text = sources.remove("template.toml").unwrap_or_default();
    let place = own.clone().unwrap_or_default().join("template.toml");
    let manifest: Manifest = toml::from_str(&text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let problem = Problem::config(msg!("plan-modules-template-wrong", name = name)).details(error.message());
        problem.code("template").at_byte(&place, &text, at)
    })?;
    if manifest.file.is_empty() {
        return Err(Problem::config(msg!("plan-modules-template-empty", name = name))
            .code("template")
            .at_place(&place, 1, 1));
    }
    Ok((manifest, sources, own))
}

/// Every file of a module by its path below the module's folder.
pub fn render(workspace: &Workspace, plan: &Plan, module: &Module, template: &str) -> Result<BTreeMap<String, String>, Problem> {
    let files = rendered(workspace, plan, module, template)?;
    Ok(files.into_iter().map(|file| (file.path, file.text)).collect())
}

/// One file that a template gives, and what it was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rendered {
    /// Which `[[file]]` of the template.
    pub(super) entry: usize,
    pub(super) model: Option<String>,
    /// Below the module's folder.
    pub(super) path: String,
    pub(super) text: String,
}

/// The files of a module, in the order of the template.
pub(super) fn rendered(workspace: &Workspace, plan: &Plan, module: &Module, template: &str) -> Result<Vec<Rendered>, Problem> {
    let (manifest, sources, own) = load(workspace, template)?;
    let failed = |error: &minijinja::Error| {
        let mut problem = Problem::config(msg!("plan-modules-template-failed", name = template))
            .code("template")
            .details(error);
        if let (Some(folder), Some(file)) = (&own, error.name()) {
            problem = problem.at_place(folder.join(file), error.line().unwrap_or(1) as u32, 1);
        }
        problem
    };
    let mut env = Environment::new();
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    env.set_syntax(syntax.map_err(|error| failed(&error))?);
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    env.set_fuel(Some(FUEL));
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    add_filters(&mut env);
    for (name, source) in &sources {
        env.add_template(name, source).map_err(|error| failed(&error))?;
    }
    let expanded = super::expanded(module);
    let whole = context(plan, &expanded);
    let models = whole["models"].as_array().cloned().unwrap_or_default();
    let mut out: Vec<Rendered> = Vec::new();
    for (number, entry) in manifest.file.iter().enumerate() {
        let rounds: Vec<Option<&serde_json::Value>> = if entry.each == "model" {
            models.iter().map(Some).collect()
        } else {
            vec![None]
        };
        for model in rounds {
            let mut values = whole.clone();
            if let Some(model) = model {
                values["model"] = model.clone();
            }
            let values = Value::from(Serde(values));
            if !entry.when.is_empty() {
                let expression = env.compile_expression(&entry.when).map_err(|error| failed(&error))?;
                if !expression.eval(values.clone()).map_err(|error| failed(&error))?.is_true() {
                    continue;
                }
            }
            let path = env.render_str(&entry.path, values.clone()).map_err(|error| failed(&error))?;
            let clean = clean(Path::new(path.trim())).ok_or_else(|| super::leads_out(&path))?;
            let source = env.get_template(&entry.template).map_err(|error| failed(&error))?;
            let text = source.render(values).map_err(|error| failed(&error))?;
            let path = clean.to_string_lossy().into_owned();
            if let Some(folder) = &own
                && let Some(known) = out.iter().find(|known| is_in_the_way(&known.path, &path))
            {
                let what = msg!(
                    "plan-modules-template-twice",
                    name = template,
                    path = path.as_str(),
                    other = known.path.as_str()
                );
                let problem = Problem::config(what).code("template");
                return Err(problem
                    .hint(msg!("plan-modules-template-twice-hint"))
                    .at_place(folder.join("template.toml"), 1, 1));
            }
            // What two parts of our own templates say of one file is told by the check of the plan; the last one counts.
            out.retain(|known| known.path != path);
            out.push(Rendered {
                entry: number,
                model: model.and_then(|model| Some(model["name"].as_str()?.to_owned())),
                path,
                text,
            });
        }
    }
    Ok(out)
}

/// Both can not be written: one file, or a file where the other one needs a folder.
fn is_in_the_way(path: &str, other: &str) -> bool {
    Path::new(path).starts_with(other) || Path::new(other).starts_with(path)
}

fn add_filters(env: &mut Environment<'_>) {
    env.add_filter("py", |text: String| words::python_text(&text));
    env.add_filter("rs", |text: String| words::rust_text(&text));
    env.add_filter("comment", |text: String| words::comment(&text));
    env.add_filter("doc", |text: String| words::python_doc(&text));
    env.add_filter("json", |text: String| words::json_text(&text));
    env.add_filter("pascal", |text: String| words::pascal(&text));
    env.add_filter("snake", |text: String| words::snake(&text));
    env.add_filter("xml", |text: String| quick_xml::escape::escape(text.as_str()).into_owned());
    env.add_filter("csv", |text: String| {
        if text.contains([',', '"', '\n']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    });
    env.add_filter("underline", |text: String, line: String| line.repeat(text.chars().count()));
}
