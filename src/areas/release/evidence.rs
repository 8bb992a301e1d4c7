//! What a person says of a step that waits for them, with a copy of the file that shows it.

use super::{Confirmed, Delivered};
use crate::adapters::deliver;
use crate::areas::JobCtx;
use crate::base::{Problem, SafeText};
use crate::msg;
use std::path::Path;

/// What is said, and of which step.
pub struct Word<'a> {
    pub step: &'a str,
    pub note: &'a str,
    pub file: Option<&'a Path>,
    pub needs_file: bool,
}

/// Keeps a copy of the file below `folder`; back when it is on disk.
pub async fn take(cx: &JobCtx, by: String, word: &Word<'_>, folder: &Path) -> Result<Confirmed, Problem> {
    if word.needs_file && word.file.is_none() {
        return Err(Problem::user(msg!("release-evidence-missing", step = word.step))
            .code("no-evidence")
            .hint(msg!("release-evidence-missing-hint")));
    }
    let evidence = match word.file {
        None => None,
        Some(file) => {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let to = folder.join(plain(word.step)).join(&name);
            let file = file.to_path_buf();
            let kept = cx.blocking(move |_| deliver::keep(&file, &to)).await?;
            Some(Delivered {
                name,
                path: kept.path,
                sha256: kept.sha256,
                bytes: kept.bytes,
            })
        }
    };
    Ok(Confirmed {
        by,
        at: cx.now(),
        note: SafeText::new(word.note.trim()).into_string(),
        evidence,
    })
}

/// What can stand in a folder's name.
fn plain(name: &str) -> String {
    let keep = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    name.chars().map(keep).collect()
}
