//! `chantier config secret <verb>`: names of secrets and where they are kept. A value comes in by the terminal or a pipe, and never out.

use crate::adapters::secrets::Place;
use crate::areas::cli::{Answer, Here};
use crate::areas::config::Command;
use crate::areas::config::model::Model;
use crate::areas::config::secrets::{Act, Secret};
use crate::base::{Catalog, SafeText};
use crate::msg;
use serde_json::{Value, json};

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// Every secret: where it is kept, and which project files refer to it
    List,
    /// Keep a value under a name; it is asked for without echo, or read from standard input
    Set { name: String },
    /// Remove a secret
    Remove { name: String },
    /// Let the encrypted files open with a passphrase only; it is asked for, or read from standard input
    Protect {
        /// Let them open without one again
        #[arg(long)]
        off: bool,
    },
}

impl Verb {
    pub(super) fn command(&self, here: &Here) -> Command {
        let act = match self {
            Self::List => Act::List,
            Self::Set { name } => Act::Set {
                name: name.clone(),
                value: None,
                lang: here.lang,
            },
            Self::Remove { name } => Act::Remove { name: name.clone() },
            Self::Protect { off: true } => Act::Unprotect,
            Self::Protect { off: false } => Act::Protect {
                passphrase: None,
                lang: here.lang,
            },
        };
        Command::Secrets {
            root: Some(here.workspace.root.clone()),
            act,
        }
    }

    pub(super) fn answer(&self, model: &Model, texts: &Catalog) -> Answer {
        let schema = "chantier.config.secret/1";
        let Some(seen) = model.secrets.value() else {
            return Answer {
                schema,
                data: Value::Null,
                text: String::new(),
            };
        };
        let text = match self {
            Self::List => seen.secrets.iter().map(|secret| line(secret, texts)).collect(),
            Self::Set { name } => {
                let kept = seen.secrets.iter().find(|secret| secret.name == *name);
                let told = match kept.and_then(|secret| secret.place) {
                    Some(Place::Keyring) => msg!("config-secret-set-keyring", name = name.as_str()),
                    _ => msg!("config-secret-set-file", name = name.as_str()),
                };
                format!("{}\n", texts.msg(&told))
            }
            Self::Remove { name } => format!("{}\n", texts.msg(&msg!("config-secret-removed", name = name.as_str()))),
            Self::Protect { off } => {
                let key = if *off {
                    "config-secret-unprotected"
                } else {
                    "config-secret-protected"
                };
                format!("{}\n", texts.t(key))
            }
        };
        let rows: Vec<Value> = seen.secrets.iter().map(value).collect();
        Answer {
            schema,
            data: json!({
                "secrets": rows,
                "kept_in": seen.place,
                "protected": seen.is_protected,
            }),
            text,
        }
    }
}

fn value(secret: &Secret) -> Value {
    json!({
        "name": secret.name,
        "kept_in": secret.place,
        "set_at": secret.set_at,
        "readable_by_others": secret.is_open,
        "uses": secret.uses,
    })
}

fn line(secret: &Secret, texts: &Catalog) -> String {
    let place = match secret.place {
        _ if secret.is_open => "config-secret-open",
        Some(Place::Keyring) => "config-secret-in-keyring",
        Some(Place::File) => "config-secret-in-file",
        None => "config-secret-not-there",
    };
    let mut text = format!("{:<24} {}\n", SafeText::new(&secret.name).as_str(), texts.t(place));
    for one in &secret.uses {
        text.push_str(&format!(
            "    {}  {}\n",
            SafeText::new(&one.workspace),
            SafeText::new(&one.place)
        ));
    }
    text
}
