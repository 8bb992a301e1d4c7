//! What the doctor says of the files that a deployment or a way back needs: kept artifacts, and what was released.

use super::Check;
use crate::base::State;
use crate::deliver;
use crate::msg;
use crate::store::health::Patient;

/// Whether they are there, and with `read_data` whether they are what they were.
pub(super) fn files(patient: &Patient, read_data: bool) -> Check {
    let title = msg!("doctor-kept");
    let files = match patient.kept_files() {
        Ok(files) => files,
        Err(fault) => return Check::failed_by("kept", title, fault.into()),
    };
    let is_wrong = |file: &&crate::store::health::KeptFile| {
        if read_data {
            !matches!(deliver::look(&file.path), Ok(Some(found)) if found.sha256 == file.sha256)
        } else {
            !file.path.exists()
        }
    };
    let wrong: Vec<String> = files
        .iter()
        .filter(is_wrong)
        .map(|file| format!("{}: {}", file.what, file.path.display()))
        .collect();
    if wrong.is_empty() {
        let said = if read_data {
            msg!("doctor-kept-read", n = files.len())
        } else {
            msg!("doctor-kept-ok", n = files.len())
        };
        return Check::new("kept", title, State::Done, said);
    }
    let outcome = msg!("doctor-kept-wrong", n = wrong.len());
    Check::new("kept", title, State::Failed, outcome)
        .with(wrong.into_iter().take(100).collect())
        .hint(msg!("doctor-kept-hint"))
}
