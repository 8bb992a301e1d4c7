//! `chantier plan <verb>`.

use crate::areas::cli::{Answer, Here, Verb as AreaVerb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, Problem};

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// Read again
    Refresh,
}

impl AreaVerb for Verb {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        match self {
            Self::Refresh => Ok(vec![
                super::Command::Refresh {
                    workspace: here.workspace.clone(),
                }
                .into(),
            ]),
        }
    }

    fn answer(&self, _here: &Here, _model: &Model, _texts: &Catalog) -> Answer {
        Answer {
            schema: "chantier.plan/1",
            data: serde_json::Value::Null,
            text: String::new(),
        }
    }
}

/// One live line for people, for what they want to see while it happens.
pub fn line(_update: &super::Update, _texts: &Catalog) -> Option<String> {
    None
}
