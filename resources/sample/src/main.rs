//! Reads the settings, opens the port and serves until it is ended.

use std::net::TcpListener;
use std::process::ExitCode;

use bonjour::log::{self, Level};
use bonjour::server::{self, App};
use bonjour::settings::Settings;

fn main() -> ExitCode {
    let settings = Settings::from_env();
    let port = match settings.port() {
        Ok(port) => port,
        Err(problem) => {
            log::line(Level::Error, &problem);
            return ExitCode::from(2);
        }
    };
    let listener = match TcpListener::bind(("127.0.0.1", port)) {
        Ok(listener) => listener,
        Err(error) => {
            log::line(
                Level::Error,
                &format!("cannot listen on 127.0.0.1:{port}: {error}"),
            );
            return ExitCode::FAILURE;
        }
    };
    log::line(
        Level::Info,
        &format!(
            "bonjour {} listens on http://127.0.0.1:{port} ({})",
            env!("CARGO_PKG_VERSION"),
            settings.place()
        ),
    );
    server::serve(&listener, &App::new(settings, log::line));
    ExitCode::SUCCESS
}
