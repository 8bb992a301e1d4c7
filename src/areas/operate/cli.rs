//! `chantier operate <verb>`.

use super::{Command as Words, Instance, Update};
use crate::areas::cli::{Answer, Here, Verb as AreaVerb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, Problem, format};
use crate::msg;
use serde_json::json;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// Everything that runs, or should
    List {
        /// Of every workspace that was added
        #[arg(long)]
        all: bool,
    },
    /// One instance, by name, number or part of the name
    Show { name: String },
    /// Look once a second until it is stopped
    Watch {
        #[arg(long)]
        all: bool,
    },
    /// Stop instances
    Stop {
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Start instances that have ended
    Start {
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Stop and start instances
    Restart {
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// The output of an instance
    Logs {
        name: String,
        /// Go on with what comes, until it is stopped
        #[arg(short, long)]
        follow: bool,
        /// Lines before
        #[arg(short, long, default_value_t = 100)]
        n: u32,
        /// Only lines that this regular expression finds
        #[arg(long)]
        grep: Option<String>,
    },
}

impl AreaVerb for Verb {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let of = |all: bool| if all { Vec::new() } else { vec![here.workspace.clone()] };
        let all = match self {
            Self::List { all } => *all,
            Self::Watch { all } => {
                let workspaces = of(*all);
                return Ok(vec![Words::Watch { workspaces, secs: None }.into()]);
            }
            _ => false,
        };
        if let Self::Logs { grep: Some(pattern), .. } = self {
            regex::Regex::new(pattern)
                .map_err(|error| Problem::user(msg!("operate-bad-pattern", pattern = pattern.as_str())).details(error))?;
        }
        Ok(vec![Words::List { workspaces: of(all) }.into()])
    }

    fn then(&self, _here: &Here, model: &Model) -> Result<Vec<Command>, Problem> {
        let find = |names: &[String]| {
            names
                .iter()
                .map(|name| find(model, name).cloned())
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(vec![match self {
            Self::List { .. } | Self::Watch { .. } => return Ok(Vec::new()),
            Self::Show { name } => {
                find(std::slice::from_ref(name))?;
                return Ok(Vec::new());
            }
            Self::Stop { names } => Words::Stop { instances: find(names)? }.into(),
            Self::Start { names } => Words::Start { instances: find(names)? }.into(),
            Self::Restart { names } => Words::Restart { instances: find(names)? }.into(),
            Self::Logs { name, follow, n, .. } => {
                let instance = self::find(model, name)?.clone();
                Words::ShowLogs {
                    instance,
                    n_lines: *n,
                    follow: *follow,
                }
                .into()
            }
        }])
    }

    fn answer(&self, _here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let operate = &model.operate;
        match self {
            Self::Logs { grep, follow, .. } => {
                let pattern = grep.as_deref().and_then(|pattern| regex::Regex::new(pattern).ok());
                let lines: Vec<String> = operate
                    .log
                    .iter()
                    .flat_map(|log| &log.lines)
                    .map(|line| line.text.clone())
                    .collect();
                let is_shown = |line: &&String| {
                    pattern
                        .as_ref()
                        .is_none_or(|pattern| pattern.is_match(&crate::base::safe::plain(line)))
                };
                let lines: Vec<&String> = lines.iter().filter(is_shown).collect();
                let text = if *follow {
                    String::new()
                } else {
                    lines.iter().map(|line| format!("{line}\n")).collect()
                };
                Answer {
                    schema: "chantier.operate.logs/1",
                    data: json!({ "lines": lines }),
                    text,
                }
            }
            Self::Show { name } => {
                let instance = find(model, name).ok();
                let text = instance.map_or_else(String::new, |instance| line_of(instance, texts) + "\n");
                Answer {
                    schema: "chantier.operate.show/1",
                    data: json!({ "instance": instance }),
                    text,
                }
            }
            _ => {
                let text: String = operate.all().iter().map(|instance| line_of(instance, texts) + "\n").collect();
                let text = if matches!(self, Self::Watch { .. }) {
                    String::new()
                } else {
                    text
                };
                Answer {
                    schema: "chantier.operate.list/1",
                    data: json!({ "instances": operate.all(), "problems": operate.problems }),
                    text,
                }
            }
        }
    }

    fn is_endless(&self) -> bool {
        matches!(self, Self::Watch { .. } | Self::Logs { follow: true, .. })
    }

    fn shows(&self, update: &crate::areas::Update, texts: &Catalog) -> Option<String> {
        let crate::areas::Update::Operate(update) = update else {
            return None;
        };
        match (self, update) {
            (Self::Watch { .. }, Update::Seen { instances, .. }) => Some(
                instances
                    .iter()
                    .map(|instance| line_of(instance, texts))
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            (Self::Logs { follow: true, grep, .. }, Update::LogLines { lines, .. }) => {
                let pattern = grep.as_deref().and_then(|pattern| regex::Regex::new(pattern).ok());
                let is_shown = |text: &str| {
                    pattern
                        .as_ref()
                        .is_none_or(|pattern| pattern.is_match(&crate::base::safe::plain(text)))
                };
                let lines: Vec<&str> = lines
                    .iter()
                    .map(|line| line.text.as_str())
                    .filter(|text| is_shown(text))
                    .collect();
                (!lines.is_empty()).then(|| lines.join("\n"))
            }
            _ => None,
        }
    }
}

/// By number or name; else the only one whose name begins so.
fn find<'a>(model: &'a Model, name: &str) -> Result<&'a Instance, Problem> {
    let all = model.operate.all();
    if let Some(exact) = all.iter().find(|instance| instance.id == name || instance.name == name) {
        return Ok(exact);
    }
    let mut alike = all.iter().filter(|instance| {
        let full = format!("{} {}", instance.environment.as_deref().unwrap_or(""), instance.name);
        instance.name.starts_with(name) || instance.environment.as_deref() == Some(name) || full.trim() == name
    });
    match (alike.next(), alike.next()) {
        (Some(one), None) => Ok(one),
        (first, _) => {
            let names: Vec<&str> = all.iter().map(|instance| instance.name.as_str()).take(20).collect();
            let key = if first.is_some() {
                msg!("operate-several", name = name)
            } else {
                msg!("operate-none", name = name)
            };
            let problem = Problem::user(key).code("not-found");
            Err(if names.is_empty() {
                problem.hint(msg!("operate-nothing-hint"))
            } else {
                problem.hint(msg!("operate-none-hint", names = names.join(", ")))
            })
        }
    }
}

fn line_of(instance: &Instance, texts: &Catalog) -> String {
    let state = texts.t(instance.state.key());
    let cpu = instance
        .cpu_percent
        .map_or("–".to_owned(), |cpu| format::percent(cpu / 100.0, texts));
    let memory = instance
        .memory_bytes
        .map_or("–".to_owned(), |bytes| format::bytes(bytes, texts));
    let ports: Vec<String> = instance.ports.iter().map(ToString::to_string).collect();
    let environment = instance.environment.as_deref().unwrap_or("–");
    let version = instance.version.as_deref().unwrap_or("–");
    format!(
        "{:<6} {environment:<12} {:<22} {version:<10} {state:<10} {cpu:>7} {memory:>9}  {}",
        instance.id.split(':').take(2).collect::<Vec<_>>().join(":"),
        instance.name,
        ports.join(",")
    )
}

/// One live line for people, for what they want to see while it happens.
pub fn line(update: &Update, texts: &Catalog) -> Option<String> {
    match update {
        Update::Acted { instance } => Some(line_of(instance, texts)),
        _ => None,
    }
}
