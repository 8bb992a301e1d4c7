//! `--coverage`: changed lines that no test ran, where a report of exactly this version of the file is known.

use crate::areas::Model;
use crate::areas::cli::Here;
use crate::base::GitPath;
use crate::base::diff::{DiffFile, DiffLine, DiffOf, LineKind};
use serde_json::{Value, json};

/// What is known of the lines that are told.
pub(super) struct Missed<'a>(Option<(&'a Here, &'a Model, DiffOf)>);

impl<'a> Missed<'a> {
    /// Nothing was asked.
    pub(super) fn unknown() -> Self {
        Self(None)
    }

    pub(super) fn of(here: &'a Here, model: &'a Model, of: DiffOf) -> Self {
        Self(Some((here, model, of)))
    }

    fn lines(&self, path: &GitPath) -> &'a [u32] {
        let Some((here, model, of)) = &self.0 else { return &[] };
        let coverage = model.test.get(&here.workspace.id).and_then(|tests| tests.coverage.as_ref());
        coverage.and_then(|coverage| coverage.missed_in(of, path)).unwrap_or_default()
    }

    pub(super) fn has(&self, path: &GitPath, line: &DiffLine) -> bool {
        line.kind == LineKind::Added && line.new_no.is_some_and(|no| self.lines(path).binary_search(&no).is_ok())
    }

    /// By path; null where nothing was asked.
    pub(super) fn json(&self, files: &[DiffFile]) -> Value {
        if self.0.is_none() {
            return Value::Null;
        }
        let of = |file: &DiffFile| {
            let lines = file.hunks().iter().flat_map(|hunk| &hunk.lines);
            let missed: Vec<u32> = lines
                .filter(|line| self.has(&file.path, line))
                .filter_map(|line| line.new_no)
                .collect();
            (file.path.display(), json!(missed))
        };
        Value::Object(files.iter().map(of).filter(|(_, lines)| lines != &json!([])).collect())
    }
}
