//! Texts that are in no repository, compared and merged by the rules that git has for files.

use super::diff::{Counts, shown_hunks};
use super::{Git, merge3};
use crate::base::Problem;
use crate::base::diff::{DiffContent, DiffFile};
use crate::base::operation::{Choice, SegmentKind};
use crate::base::{Change, GitPath};
use git2::{DiffOptions, Patch};
use std::path::Path;

/// A three-way merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// With git's marks where both sides changed the same lines differently.
    pub text: String,
    pub n_conflicts: usize,
}

impl Git {
    /// Merges what two sides made of one text. `names` stand in the marks of conflicts.
    pub fn merge_texts(&self, base: &str, ours: &str, theirs: &str, names: (&str, &str)) -> Result<Merged, Problem> {
        let (b, o, t) = (base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
        let segments = merge3::segments(Path::new(""), b, o, t)?;
        let (our_lines, their_lines) = (merge3::lines(o), merge3::lines(t));
        let side = |lines: &[&[u8]]| {
            let mut text = String::from_utf8_lossy(&lines.concat()).into_owned();
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text
        };
        let mut choices = Vec::new();
        for segment in segments.iter().filter(|segment| segment.kind == SegmentKind::Conflict) {
            let mine = side(&our_lines[segment.ours.clone()]);
            let other = side(&their_lines[segment.theirs.clone()]);
            choices.push(Choice::Edited {
                text: format!("<<<<<<< {}\n{mine}=======\n{other}>>>>>>> {}\n", names.0, names.1),
            });
        }
        let bytes = merge3::merged(b, o, t, &segments, &choices).unwrap_or_default();
        Ok(Merged {
            text: String::from_utf8_lossy(&bytes).into_owned(),
            n_conflicts: choices.len(),
        })
    }

    /// The difference of two texts; None is no file.
    pub fn diff_texts(&self, path: &str, old: Option<&str>, new: Option<&str>) -> Result<DiffFile, Problem> {
        let mut options = DiffOptions::new();
        options.context_lines(3).force_text(true);
        let (old_bytes, new_bytes) = (old.unwrap_or_default().as_bytes(), new.unwrap_or_default().as_bytes());
        let name = Path::new(path);
        let of = |error| super::GitError::of(name, error);
        let patch = Patch::from_buffers(old_bytes, Some(name), new_bytes, Some(name), Some(&mut options)).map_err(of)?;
        let (hunks, Counts { n_added, n_removed }) = shown_hunks(&patch).map_err(of)?;
        let mode = |text: Option<&str>| if text.is_some() { 0o100_644 } else { 0 };
        Ok(DiffFile {
            path: GitPath::new(path.as_bytes()),
            old_path: None,
            change: match (old, new) {
                (None, _) => Change::Added,
                (_, None) => Change::Deleted,
                _ => Change::Modified,
            },
            old_mode: mode(old),
            new_mode: mode(new),
            n_added,
            n_removed,
            content: DiffContent::Text { hunks },
        })
    }
}
