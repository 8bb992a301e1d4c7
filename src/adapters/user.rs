//! The user that this program runs as.

use crate::base::SafeText;

/// The login name as the machine knows it; the number where it has no name.
pub fn name() -> String {
    let uid = rustix::process::getuid().as_raw().to_string();
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| SafeText::new(name).into_string())
    });
    named.unwrap_or(uid)
}
