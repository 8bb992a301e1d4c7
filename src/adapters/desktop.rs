//! The desktop around the window: opens links in the user's browser, and knows whether there is a native file dialog.

use crate::base::Problem;
use crate::msg;
use std::path::Path;

/// Opens a web page in the user's browser. Only http and https; blocks until the browser was started.
pub fn open_url(url: &str) -> Result<(), Problem> {
    let is_web = url.starts_with("http://") || url.starts_with("https://");
    if !is_web || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Problem::user(msg!("desktop-not-a-web-link")).details(url));
    }
    open::that_detached(url).map_err(|error| {
        Problem::environment(msg!("desktop-no-browser", url = url))
            .details(error)
            .hint(msg!("desktop-no-browser-hint"))
    })
}

/// Whether a native file dialog can appear: a session bus for the desktop's portal, or `zenity` on the path.
pub fn has_file_dialog() -> bool {
    let bus = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty());
    let user_bus = std::env::var_os("XDG_RUNTIME_DIR").is_some_and(|dir| Path::new(&dir).join("bus").exists());
    let on_path = |name: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|dir| dir.is_absolute() && dir.join(name).is_file())
    };
    bus || user_bus || on_path("zenity")
}
