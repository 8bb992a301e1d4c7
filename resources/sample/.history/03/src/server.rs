//! Which answer belongs to which request, and the threads that give it.

use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::greeting::{Language, greet};
use crate::health;
use crate::http::{self, Refused, Request, Response};
use crate::log::Level;
use crate::settings::Settings;

/// So many requests are answered at a time; more wait in the queue of the system.
const WORKERS: usize = 4;
/// A visitor who says nothing for so long is left.
const PATIENCE: Duration = Duration::from_secs(5);

/// What every answer may look at.
#[derive(Debug)]
pub struct App {
    settings: Settings,
    log: fn(Level, &str),
}

impl App {
    /// An app that tells what it does through `log`.
    pub fn new(settings: Settings, log: fn(Level, &str)) -> Self {
        Self { settings, log }
    }

    /// The answer to one request.
    pub fn answer(&self, request: &Request) -> Response {
        if request.method != "GET" && request.method != "HEAD" {
            return Response::text(405, "only GET and HEAD\n");
        }
        match request.path.as_str() {
            "/" => Response::text(
                200,
                greet(
                    Language::preferred(&request.accept_language),
                    self.settings.place(),
                ),
            ),
            "/health" => {
                let (status, text) =
                    health::answer(&health::missing(health::REQUIRED, &self.settings));
                Response::text(status, text)
            }
            _ => Response::text(404, "nothing here\n"),
        }
    }

    /// Reads, answers and logs one connection.
    fn handle(&self, stream: &TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let start = Instant::now();
        let (what, head_only, response) = match http::read(&mut BufReader::new(stream)) {
            Ok(request) => (
                format!("{} {}", request.method, request.path),
                request.method == "HEAD",
                self.answer(&request),
            ),
            Err(Refused::Status(status)) => (
                "refused".to_owned(),
                false,
                Response::text(status, "not understood\n"),
            ),
            Err(Refused::Closed) => return Ok(()),
        };
        response.write(head_only, &mut &*stream)?;
        let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        (self.log)(
            Level::of(response.status),
            &format!("{what} {} {micros} us", response.status),
        );
        Ok(())
    }
}

/// Serves for ever, with a fixed number of threads.
pub fn serve(listener: &TcpListener, app: &App) {
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                for stream in listener.incoming() {
                    if let Err(error) = stream.and_then(|stream| app.handle(&stream)) {
                        (app.log)(Level::Warn, &format!("a visitor left: {error}"));
                    }
                }
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str) -> Response {
        let app = App::new(
            Settings::from_pairs([("BONJOUR_PLACE", "here"), ("BONJOUR_COMMIT", "4f0c2ab")]),
            |_, _| (),
        );
        app.answer(&Request {
            method: "GET".into(),
            path: path.into(),
            accept_language: "fr".into(),
        })
    }

    #[test]
    fn every_address_has_its_answer() {
        assert_eq!(get("/").body, "Bonjour depuis here !\n");
        assert_eq!(get("/nowhere").status, 404);
    }

    #[test]
    fn only_reading_is_allowed() {
        let request = Request {
            method: "DELETE".into(),
            path: "/".into(),
            accept_language: String::new(),
        };
        assert_eq!(
            App::new(Settings::default(), |_, _| ())
                .answer(&request)
                .status,
            405
        );
    }
}
