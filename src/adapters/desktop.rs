//! The desktop around the window: opens links in the user's browser, shows notifications, and knows whether there is a native file dialog.

use crate::base::Problem;
use crate::msg;
use std::path::Path;
use std::time::Duration;

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

/// How long a notification may take to be handed over.
const NOTIFY_LIMIT: Duration = Duration::from_secs(3);

/// Shows a notification of the desktop's. Where no session bus is, or nobody answers, nothing happens.
pub async fn notify(title: String, text: String) {
    if !has_session_bus() {
        return;
    }
    let mut notification = notify_rust::Notification::new();
    notification
        .appname("Chantier")
        .icon("chantier")
        .summary(&title)
        .body(&escaped(&text));
    // Whoever is not told by the desktop still sees it in the window.
    drop(tokio::time::timeout(NOTIFY_LIMIT, notification.show_async()).await);
}

/// The body is markup (Desktop Notifications Specification): foreign words stay words.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn has_session_bus() -> bool {
    let named = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty());
    named || std::env::var_os("XDG_RUNTIME_DIR").is_some_and(|dir| Path::new(&dir).join("bus").exists())
}

/// Whether a native file dialog can appear: a session bus for the desktop's portal, or `zenity` on the path.
pub fn has_file_dialog() -> bool {
    let on_path = |name: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|dir| dir.is_absolute() && dir.join(name).is_file())
    };
    has_session_bus() || on_path("zenity")
}
