//! `chantier recover ENV`.

use super::{From, Rebuilt};
use crate::areas::cli::{Answer, Here, Verb};
use crate::areas::deploy::Command as Words;
use crate::areas::{Command, Model};
use crate::base::{Catalog, Problem};
use crate::msg;
use serde_json::json;
use std::fmt::Write as _;

/// What can be typed.
#[derive(Clone, Debug, clap::Args)]
pub struct Recover {
    pub environment: String,
    /// The version that shall run, where the journal does not know it
    #[arg(long, value_name = "VERSION")]
    pub release: Option<String>,
    /// The environment's name once more: needed where it is protected
    #[arg(long, value_name = "ENVIRONMENT")]
    pub yes: Option<String>,
}

impl Verb for Recover {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let command = Words::Rebuild {
            workspace: here.workspace.clone(),
            environment: self.environment.clone(),
            version: self.release.clone(),
            confirmed: self.yes.clone(),
        };
        Ok(vec![command.into()])
    }

    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let known = model.deploy.of(&here.workspace.id);
        let rebuilt = known.and_then(|known| known.rebuilt.get(&self.environment));
        Answer {
            schema: "chantier.recover/1",
            data: json!({ "rebuilt": rebuilt }),
            text: rebuilt.map_or_else(String::new, |rebuilt| text(rebuilt, texts)),
        }
    }
}

fn text(rebuilt: &Rebuilt, texts: &Catalog) -> String {
    let mut text = format!("{}\n", texts.msg(&rebuilt.words()));
    for name in &rebuilt.started {
        writeln!(text, "+ {name}").ok();
    }
    for name in &rebuilt.kept {
        writeln!(text, "  {name}").ok();
    }
    if rebuilt.from == From::Files {
        writeln!(
            text,
            "{}",
            texts.msg(&msg!("deploy-rebuilt-files", version = &rebuilt.version))
        )
        .ok();
    }
    text
}
