//! What can go wrong in the store, and how it is told.

use crate::base::Problem;
use crate::msg;
use rusqlite::ErrorCode;
use std::path::PathBuf;

/// A fault of the store; `Problem::from` says it to the user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: std::io::Error },
    /// A row whose checksum or content is wrong.
    #[error("{table} {key}")]
    Damaged { table: &'static str, key: String },
    /// The file is structurally wrong.
    #[error("{0}")]
    Broken(String),
    #[error("{found} > {known}")]
    Newer { path: PathBuf, found: u32, known: u32 },
    #[error("{table} {key}")]
    Missing { table: &'static str, key: String },
    /// Damaged, and another program has it open, so that it can not be put aside.
    #[error("{0}")]
    InUse(PathBuf),
    #[error("the writer has ended")]
    Closed,
    #[error("{0}")]
    Panicked(String),
    /// A refusal that the caller words itself.
    #[error("{}", .0.code)]
    Refused(Box<Problem>),
}

impl Fault {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::Io { path, error }
    }

    /// The bytes on disk are wrong, as opposed to the disk, the machine or the request.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Broken(_) => true,
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
            ),
            _ => false,
        }
    }

    /// Nothing can be written in this place: no right, a read-only or a full disk.
    pub(crate) fn is_unwritable(&self) -> bool {
        match self {
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen | ErrorCode::DiskFull)
            ),
            Self::Io { error, .. } => matches!(
                error.kind(),
                std::io::ErrorKind::PermissionDenied
                    | std::io::ErrorKind::ReadOnlyFilesystem
                    | std::io::ErrorKind::StorageFull
                    | std::io::ErrorKind::QuotaExceeded
            ),
            _ => false,
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sqlite(error) => from_sqlite(error),
            Fault::Io { path, error } if error.kind() == std::io::ErrorKind::StorageFull => {
                full(format!("{}: {error}", path.display()))
            }
            Fault::Io { path, error } => Problem::environment(msg!("store-io", path = &path))
                .code("store-io")
                .details(error)
                .hint(msg!("store-io-hint")),
            Fault::Damaged { table, key } => Problem::environment(msg!("store-row-damaged", table = table, key = key))
                .code("store-damaged")
                .hint(msg!("store-doctor-hint")),
            Fault::Broken(what) => Problem::environment(msg!("store-damaged"))
                .code("store-damaged")
                .details(what)
                .hint(msg!("store-doctor-hint")),
            Fault::Newer { path, found, known } => {
                Problem::environment(msg!("store-newer", path = &path, found = found, known = known))
                    .code("store-newer")
                    .hint(msg!("store-newer-hint"))
            }
            Fault::Missing { table, key } => Problem::user(msg!("store-missing", table = table, key = key)).code("not-found"),
            Fault::InUse(path) => Problem::environment(msg!("store-damaged-in-use", path = &path))
                .code("store-damaged")
                .hint(msg!("store-damaged-in-use-hint")),
            Fault::Closed => Problem::internal(msg!("store-closed")).code("store-closed"),
            Fault::Panicked(what) => Problem::internal(msg!("store-panicked")).code("store-panicked").details(what),
            Fault::Refused(problem) => *problem,
        }
    }
}

fn full(details: impl ToString) -> Problem {
    Problem::environment(msg!("store-full"))
        .code("store-full")
        .details(details)
        .hint(msg!("store-full-hint"))
}

fn from_sqlite(error: rusqlite::Error) -> Problem {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => full(error),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Problem::environment(msg!("store-busy"))
            .code("store-busy")
            .details(error)
            .hint(msg!("store-busy-hint")),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Problem::environment(msg!("store-damaged"))
            .code("store-damaged")
            .details(error)
            .hint(msg!("store-doctor-hint")),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            Problem::environment(msg!("store-unwritable"))
                .code("store-unwritable")
                .details(error)
                .hint(msg!("store-io-hint"))
        }
        Some(ErrorCode::SystemIoFailure) => Problem::environment(msg!("store-disk-error"))
            .code("store-io")
            .details(error)
            .hint(msg!("store-io-hint")),
        _ => Problem::internal(msg!("store-internal"))
            .code("store-internal")
            .details(error),
    }
}
