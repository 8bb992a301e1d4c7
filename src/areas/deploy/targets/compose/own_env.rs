//! What compose reads of this machine by itself, and what is in no commit as a rule: the version gets it as it is now, and keeps it.

use super::DOT_ENV;
use crate::adapters::files;
use crate::areas::deploy::inputs::{MAX_ENV_BYTES, Part};
use crate::base::Problem;
use std::path::Path;

/// The file of variables beside the compose files, as a part of the version: another one is another deployment.
pub fn part(root: &Path) -> Result<Option<Part>, Problem> {
    let source = root.join(DOT_ENV);
    if !source.is_file() {
        return Ok(None);
    }
    let bytes = files::read(&source, MAX_ENV_BYTES)?;
    Ok(Some(Part {
        name: DOT_ENV.to_owned(),
        file_name: DOT_ENV.to_owned(),
        source,
        sha256: files::sha256_of(&bytes),
        bytes: bytes.len() as u64,
    }))
}
