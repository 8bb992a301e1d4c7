//! Versions of packages as they are typed; what packages there are, the project's own machinery knows.

use super::version;
pub use crate::areas::devops::packages::*;
use crate::base::Problem;

/// What begins the subject of a release's commit.
const SUBJECT: &str = "chore(release): ";

/// The subject of the commit of a release, of the whole or of a package.
pub fn subject(package: Option<&str>, version: &str) -> String {
    match package {
        Some(name) => format!("{SUBJECT}{name} {version}"),
        None => format!("{SUBJECT}{version}"),
    }
}

/// It is such a subject: the commit states a version, and is no work of its own. Other release tools write it the same way.
pub fn is_subject(subject: &str) -> bool {
    let Some(rest) = subject.strip_prefix(SUBJECT) else {
        return false;
    };
    let mut words = rest.split_ascii_whitespace().take(2);
    words.any(|word| version::parse(word).is_ok())
}

/// A version as it was typed, of the whole or of a package, in the form in which it is written down.
pub fn parse(text: &str) -> Result<String, Problem> {
    let (package, number) = parts(text.trim());
    Ok(label(package, &version::parse(number)?.to_string()))
}
