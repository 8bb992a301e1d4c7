//! Versions of packages as they are typed; what packages there are, the project's own machinery knows.

use super::version;
pub use crate::areas::devops::packages::*;
use crate::base::Problem;

/// A version as it was typed, of the whole or of a package, in the form in which it is written down.
pub fn parse(text: &str) -> Result<String, Problem> {
    let (package, number) = parts(text.trim());
    Ok(label(package, &version::parse(number)?.to_string()))
}
