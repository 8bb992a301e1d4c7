//! Changed lines that no test ran, where a coverage report of exactly this version of the file is known.

use super::Page;
use crate::areas::code::DiffKey;
use crate::areas::page::Cx;
use crate::base::Workspace;
use crate::base::diff::{DiffFile, DiffLine, Hunk, LineKind};
use crate::msg;
use crate::ui::diff_view::LineAt;

impl Page {
    /// Asks for what is known of coverage, again when the file may be another one than the report is of.
    pub(super) fn ask_coverage(&mut self, cx: &Cx<'_>, workspace: &Workspace, reading: u64) {
        let tests = cx.model.test.get(&workspace.id);
        let is_known = tests.is_some_and(|tests| tests.coverage.is_some());
        self.asked.coverage(cx, workspace, is_known, reading);
    }
}

/// The lines of a difference's new side that no test ran, ascending.
pub(super) fn missed<'a>(cx: &Cx<'a>, workspace: &Workspace, key: &DiffKey) -> &'a [u32] {
    let coverage = cx.model.test.get(&workspace.id).and_then(|tests| tests.coverage.as_ref());
    coverage
        .and_then(|coverage| coverage.missed_in(&key.of, &key.path))
        .unwrap_or_default()
}

fn is_missed(missed: &[u32], line: &DiffLine) -> bool {
    line.kind == LineKind::Added && line.new_no.is_some_and(|no| missed.binary_search(&no).is_ok())
}

/// `2 untested lines`, empty when there is none.
pub(super) fn note(cx: &Cx<'_>, missed: &[u32], hunk: &Hunk) -> String {
    let n = hunk.lines.iter().filter(|line| is_missed(missed, line)).count();
    if n == 0 {
        return String::new();
    }
    cx.msg(&msg!("code-n-missed", n = n))
}

/// What is said of a line.
pub(super) fn mark(cx: &Cx<'_>, missed: &[u32], file: &DiffFile, (_, hunk, line): LineAt) -> Option<String> {
    let line = file.hunks().get(hunk)?.lines.get(line)?;
    is_missed(missed, line).then(|| cx.t("code-missed"))
}
