//! `chantier config <verb>`: the same settings as the window, as text and as JSON.

mod secret;

use super::registry;
use crate::areas::cli::{Answer, Here, Verb as AreaVerb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, Problem, SafeText, WriteTo};
use crate::msg;
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// Every setting with its value, default and source
    #[command(alias = "list")]
    Show {
        /// Only settings with these words in key, name or help
        words: Vec<String>,
        /// Only what the settings file sets
        #[arg(long)]
        set: bool,
    },
    /// The value of one setting, as TOML
    Get { key: String },
    /// Set one setting; comments and the rest of the file stay
    Set { key: String, value: String },
    /// Take one setting out of the file, so that its default holds
    Reset { key: String },
    /// The programs found on this machine, with their versions
    Tools,
    /// Where the settings file stands
    Path,
    /// Explain every error of a chantier.toml with line and column; ends with 1 when there is one
    Check { file: Option<PathBuf> },
    /// Secrets of the program, which project files refer to as secret:NAME
    #[command(subcommand)]
    Secret(secret::Verb),
    /// Write a copy of the settings file
    Export {
        file: PathBuf,
        /// Write over a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Take over a whole settings file; the one before is kept beside it
    Import { file: PathBuf },
}

impl AreaVerb for Verb {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        use super::Command as C;
        let commands = match self {
            Self::Show { .. } | Self::Path => vec![C::Load],
            Self::Get { key } => {
                known(key)?;
                vec![C::Load]
            }
            Self::Set { key, value } => vec![C::Set {
                key: key.clone(),
                value: registry::typed(key, value),
            }],
            Self::Reset { key } => {
                known(key)?;
                vec![C::Reset { key: key.clone() }]
            }
            Self::Tools => vec![C::FindTools],
            Self::Check { file } => {
                let file = file.as_ref().map(|file| here.cwd.join(file));
                vec![C::CheckProject {
                    file: file.unwrap_or_else(|| here.workspace.root.join(crate::areas::devops::project::FILE_NAME)),
                }]
            }
            Self::Secret(verb) => vec![verb.command(here)],
            Self::Export { file, force } => vec![C::Export {
                to: WriteTo::new(here.cwd.join(file), *force),
            }],
            Self::Import { file } => vec![C::Import {
                from: here.cwd.join(file),
            }],
        };
        Ok(commands.into_iter().map(Command::from).collect())
    }

    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let model = &model.config;
        match self {
            Self::Show { words, set } => show(model, &words.join(" "), *set, texts),
            Self::Get { key } => one("chantier.config.get/1", model, key, texts),
            Self::Set { key, .. } => one("chantier.config.set/1", model, key, texts),
            Self::Reset { key } => one("chantier.config.reset/1", model, key, texts),
            Self::Tools => tools(model, texts),
            Self::Check { .. } => check(model, texts),
            Self::Secret(verb) => verb.answer(model, texts),
            Self::Export { .. } | Self::Path | Self::Import { .. } => {
                // The settings are read once it was done.
                let is_done = model.generation > 0;
                let file = match self {
                    Self::Export { file, .. } => here.cwd.join(file),
                    _ => model.file.clone(),
                };
                let text = if is_done {
                    format!("{}\n", SafeText::new(&file.to_string_lossy()))
                } else {
                    String::new()
                };
                Answer {
                    schema: "chantier.config.path/1",
                    data: json!({ "file": is_done.then_some(file) }),
                    text,
                }
            }
        }
    }
}

fn known(key: &str) -> Result<(), Problem> {
    if registry::find(key).is_some() {
        return Ok(());
    }
    let problem = Problem::user(msg!("settings-no-such-key", key = SafeText::new(key))).code("not-found");
    Err(problem.hint(msg!("settings-list-hint")))
}

fn show(model: &super::model::Model, words: &str, only_set: bool, texts: &Catalog) -> Answer {
    let mut text = String::new();
    let mut rows = Vec::new();
    for setting in registry::settings() {
        let shown: Vec<&super::Row> = model
            .rows
            .value()
            .into_iter()
            .flatten()
            .filter(|row| registry::find(&row.key).is_some_and(|known| known.key == setting.key))
            .filter(|row| (!only_set || row.is_set) && setting.matches(&row.key, words, texts))
            .collect();
        for row in shown {
            let value = if row.value.is_empty() { "-" } else { row.value.as_str() };
            let source = if row.is_set {
                "config-source-file"
            } else {
                "config-source-default"
            };
            text.push_str(&format!(
                "{:<30} {:<16} {:<8} {}\n",
                row.key,
                SafeText::new(value).as_str(),
                texts.t(source),
                texts.t(setting.label)
            ));
            rows.push(value_of(row, texts));
        }
    }
    for problem in &model.problems {
        text.push_str(&problem_line(problem, texts));
    }
    Answer {
        schema: "chantier.config.show/1",
        data: json!({
            "file": model.file,
            "settings": rows,
            "problems": model.problems.iter().map(|problem| problem_value(problem, texts)).collect::<Vec<_>>(),
        }),
        text,
    }
}

fn one(schema: &'static str, model: &super::model::Model, key: &str, texts: &Catalog) -> Answer {
    let row = model.row(key).cloned().unwrap_or_else(|| super::Row {
        key: key.to_owned(),
        value: String::new(),
        default: String::new(),
        is_set: false,
    });
    let is_known = model.rows.value().is_some();
    Answer {
        schema,
        data: if is_known { value_of(&row, texts) } else { Value::Null },
        text: if is_known {
            format!("{}\n", SafeText::new(&row.value))
        } else {
            String::new()
        },
    }
}

fn value_of(row: &super::Row, texts: &Catalog) -> Value {
    let typed = |text: &str| -> Value {
        toml::from_str::<toml::Table>(&format!("v = {text}"))
            .ok()
            .and_then(|mut table| table.remove("v"))
            .and_then(|value| serde_json::to_value(value).ok())
            .unwrap_or(Value::Null)
    };
    let setting = registry::find(&row.key);
    json!({
        "key": row.key,
        "value": typed(&row.value),
        "default": typed(&row.default),
        "source": if row.is_set { "file" } else { "default" },
        "label": setting.map(|setting| texts.t(setting.label).into_owned()),
        "help": setting.map(|setting| texts.t(setting.help).into_owned()),
    })
}

fn tools(model: &super::model::Model, texts: &Catalog) -> Answer {
    let mut text = String::new();
    let mut rows = Vec::new();
    for tool in model.tools.value().map(|found| found.tools.as_slice()).unwrap_or_default() {
        let path = tool
            .path
            .as_ref()
            .map(|path| SafeText::new(&path.to_string_lossy()).into_string());
        match &path {
            Some(path) => text.push_str(&format!("{:<14} {}  ({path})\n", tool.name, tool.version)),
            None => text.push_str(&format!("{:<14} {}\n", tool.name, texts.t("config-tool-missing"))),
        }
        rows.push(json!({ "name": tool.name, "version": tool.version, "path": path }));
    }
    Answer {
        schema: "chantier.config.tools/1",
        data: json!({ "tools": rows }),
        text,
    }
}

fn check(model: &super::model::Model, texts: &Catalog) -> Answer {
    let Some(check) = &model.project else {
        return Answer {
            schema: "chantier.config.check/1",
            data: Value::Null,
            text: String::new(),
        };
    };
    let mut text: String = check.problems.iter().map(|problem| problem_line(problem, texts)).collect();
    if check.problems.is_empty() {
        let found = msg!(
            "config-check-sound",
            tasks = check.n_tasks,
            artifacts = check.n_artifacts,
            environments = check.n_environments,
            checks = check.n_checks,
            pipelines = check.n_pipelines
        );
        text = format!("{}\n", texts.msg(&found));
    }
    Answer {
        schema: "chantier.config.check/1",
        data: json!({
            "file": check.file,
            "n_tasks": check.n_tasks,
            "n_artifacts": check.n_artifacts,
            "n_environments": check.n_environments,
            "n_checks": check.n_checks,
            "n_pipelines": check.n_pipelines,
            "problems": check.problems.iter().map(|problem| problem_value(problem, texts)).collect::<Vec<_>>(),
        }),
        text,
    }
}

fn problem_value(problem: &Problem, texts: &Catalog) -> Value {
    json!({
        "kind": problem.kind,
        "code": problem.code,
        "summary": texts.msg(&problem.summary),
        "details": problem.details,
        "hint": problem.hint.as_ref().map(|hint| texts.msg(hint)),
        "place": problem.place,
    })
}

/// `file:line:column: what is wrong`, then what can be done.
fn problem_line(problem: &Problem, texts: &Catalog) -> String {
    let place = problem.place.as_ref().map_or_else(String::new, |place| {
        let mut text = SafeText::new(&place.path.to_string_lossy()).into_string();
        for number in [place.line, place.column].into_iter().flatten() {
            text.push_str(&format!(":{number}"));
        }
        format!("{text}: ")
    });
    let mut out = format!("{place}{}\n", texts.msg(&problem.summary));
    for line in SafeText::multiline(&problem.details).as_str().lines() {
        out.push_str(&format!("  {line}\n"));
    }
    if let Some(hint) = &problem.hint {
        out.push_str(&format!("  → {}\n", texts.msg(hint)));
    }
    out
}

/// `chantier init`, which stands for itself.
#[derive(Clone, Debug, clap::Args)]
pub struct Init {
    /// The project's folder; the workspace's without one
    dir: Option<PathBuf>,
}

impl AreaVerb for Init {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let dir = self.dir.as_ref().map(|dir| here.cwd.join(dir));
        let command = super::Command::InitProject {
            dir: dir.unwrap_or_else(|| here.workspace.root.clone()),
            lang: here.lang,
        };
        Ok(vec![command.into()])
    }

    fn answer(&self, _here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let written = model.config.written.as_ref();
        let text = written.map_or_else(String::new, |(file, _)| {
            format!("{}\n", texts.msg(&msg!("config-init-done", path = file)))
        });
        Answer {
            schema: "chantier.init/1",
            data: json!({
                "file": written.map(|(file, _)| file),
                "text": written.map(|(_, text)| text),
            }),
            text,
        }
    }
}

/// One live line for people: everything is told by the answer.
pub fn line(_update: &super::Update, _texts: &Catalog) -> Option<String> {
    None
}
