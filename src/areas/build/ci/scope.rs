//! What expressions may look at: before a job runs, and while it does. Pure.

use super::expr::Scope;
use serde_json::{Map, Value};

/// What is known before anything runs: the file's own contexts, the cell, no secrets.
pub(super) struct Before<'a>(&'a Map<String, Value>);

impl<'a> Before<'a> {
    pub(super) fn new(contexts: &'a Map<String, Value>) -> Self {
        Self(contexts)
    }
}

/// Contexts that are empty on this machine.
fn empty(name: &str) -> Option<Value> {
    matches!(name, "secrets" | "vars" | "inputs" | "matrix" | "strategy").then(|| Value::Object(Map::new()))
}

impl Scope for Before<'_> {
    fn context(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned().or_else(|| empty(name))
    }

    fn call(&self, _name: &str, _args: &[Value]) -> Option<Result<Value, String>> {
        None
    }
}

/// How the job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Success,
    Failure,
    Cancelled,
    /// Something that it needs did not run.
    Skipped,
}

/// While a job runs.
pub(super) struct During<'a> {
    pub contexts: &'a Map<String, Value>,
    pub standing: Standing,
    /// The hash of files by patterns.
    pub hash: &'a dyn Fn(&[String]) -> String,
}

impl Scope for During<'_> {
    fn context(&self, name: &str) -> Option<Value> {
        self.contexts.get(name).cloned().or_else(|| empty(name))
    }

    fn call(&self, name: &str, args: &[Value]) -> Option<Result<Value, String>> {
        Some(Ok(match name {
            "success" => Value::Bool(self.standing == Standing::Success),
            "failure" => Value::Bool(self.standing == Standing::Failure),
            "cancelled" => Value::Bool(self.standing == Standing::Cancelled),
            "always" => Value::Bool(true),
            "hashfiles" => {
                let patterns: Vec<String> = args.iter().map(super::expr::text_of).collect();
                Value::String((self.hash)(&patterns))
            }
            _ => return None,
        }))
    }
}
