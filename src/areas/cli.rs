//! What an area's command line is: typed words to commands, and the model to one answer for people and programs.

use super::{Command, Model};
use crate::base::{Catalog, Lang, Problem, Workspace};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where the command line stands.
#[derive(Clone, Debug)]
pub struct Here {
    /// The workspace that was named, or that holds the current folder.
    pub workspace: Workspace,
    /// Those that [`Verb::names`] named.
    pub named: Vec<Workspace>,
    pub cwd: PathBuf,
    pub lang: Lang,
    /// People read what is printed and type at a terminal, which another program could take over.
    pub has_terminal: bool,
    /// What a program writes goes out byte for byte: to a file or to another program, and not as a document of events or JSON.
    pub hands_out: bool,
    /// What comes out is JSON, or JSON lines of events.
    pub is_document: bool,
}

/// What `--json` prints and what people read.
#[derive(Clone, Debug)]
pub struct Answer {
    /// `chantier.<area>.<verb>/<version>`, documented in `resources/help/en/json.md`.
    pub schema: &'static str,
    pub data: serde_json::Value,
    /// For people; lines end with a line break.
    pub text: String,
}

/// A program that the command line becomes.
#[derive(Clone, Debug)]
pub struct Handed {
    pub argv: Vec<String>,
    pub dir: PathBuf,
    pub env: BTreeMap<String, String>,
}

/// The verbs of one area.
pub trait Verb {
    /// The commands that stand for what was typed, run one after the other; the first failure ends the row.
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem>;

    /// Workspaces, by name or folder, that the verb is about; none is the one that holds the current folder.
    fn names(&self) -> &[String] {
        &[]
    }

    /// Folders that become workspaces: what `--trust` is about then.
    fn adds(&self) -> &[PathBuf] {
        &[]
    }

    /// What follows once the first commands have told what there is: names become things.
    fn then(&self, _here: &Here, _model: &Model) -> Result<Vec<Command>, Problem> {
        Ok(Vec::new())
    }

    /// One live line for people, beside the ones that every verb of the area shows.
    fn shows(&self, _update: &super::Update, _texts: &Catalog) -> Option<String> {
        None
    }

    /// The same, for what only makes sense beside what is known already: `model` is as it was before the update.
    fn shows_of(&self, _update: &super::Update, _model: &Model, _texts: &Catalog) -> Option<String> {
        None
    }

    /// The result, told from the model that the commands' events built.
    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer;

    /// The program that takes the terminal over when the answer is there, for people.
    fn hands_over(&self, _here: &Here, _model: &Model) -> Option<Handed> {
        None
    }

    /// How the program ended that the verb ran for the user, where its end is the verb's.
    fn exit_code(&self, _model: &Model) -> Option<u8> {
        None
    }

    /// The answer lists what the project file says: an entry that could not be read makes it a failure.
    fn lists_project(&self) -> bool {
        false
    }

    /// The verb runs until it is stopped (follow, watch): Ctrl+C is its ordinary end.
    fn is_endless(&self) -> bool {
        false
    }
}
