//! The user that this program runs as, and the names of others.

use crate::base::SafeText;

/// The login name as the machine knows it; the number where it has no name.
pub fn name() -> String {
    name_of(rustix::process::getuid().as_raw())
}

/// The same of another user, by number.
pub fn name_of(uid: u32) -> String {
    let uid = uid.to_string();
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| SafeText::new(name).into_string())
    });
    named.unwrap_or(uid)
}
