//! The terminal that Chantier was started from, handed to a command or to one in a container: raw while held, as before afterwards.

use crate::base::Stream;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use tokio::io::AsyncWriteExt as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

const CHUNK: usize = 4096;

/// What comes on this program's input, until it ends.
pub fn input() -> mpsc::Receiver<Vec<u8>> {
    let (to, bytes) = mpsc::channel(16);
    // Reading waits: the thread ends with the input, or with the program.
    let reading = std::thread::Builder::new().name("input".to_owned()).spawn(move || {
        let mut held = vec![0; CHUNK];
        while let Ok(n) = std::io::stdin().read(&mut held) {
            if n == 0 || to.blocking_send(held[..n].to_vec()).is_err() {
                return;
            }
        }
    });
    drop(reading);
    bytes
}

/// Gives bytes to this program's output as they are.
pub async fn hand_out(stream: Stream, bytes: &[u8]) -> std::io::Result<()> {
    match stream {
        Stream::Err => {
            let mut to = tokio::io::stderr();
            to.write_all(bytes).await?;
            to.flush().await
        }
        Stream::Out | Stream::Note => {
            let mut to = tokio::io::stdout();
            to.write_all(bytes).await?;
            to.flush().await
        }
    }
}

/// Gives the terminal back when dropped.
pub struct Terminal {
    device: Arc<File>,
    before: Termios,
    keys: mpsc::Receiver<Vec<u8>>,
    resized: Option<Signal>,
}

/// What is seen of a terminal: bytes go there at once.
pub struct Screen(Arc<File>);

impl Screen {
    pub fn show(&self, bytes: &[u8]) {
        (&*self.0).write_all(bytes).ok();
    }
}

/// What the user did.
pub enum Happened {
    Keys(Vec<u8>),
    Resized,
    /// The terminal is gone.
    Over,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Terminal")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        tcsetattr(&*self.device, OptionalActions::Drain, &self.before).ok();
    }
}

impl Terminal {
    /// None when Chantier was not started from a terminal.
    pub fn open() -> Option<Self> {
        let device = File::options().read(true).write(true).open("/dev/tty").ok()?;
        let before = tcgetattr(&device).ok()?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(&device, OptionalActions::Drain, &raw).ok()?;
        let device = Arc::new(device);
        let (to, keys) = mpsc::channel(16);
        let reader = Arc::clone(&device);
        // Reading waits for a key: the thread ends with the next one, or with the program.
        std::thread::Builder::new()
            .name("terminal".to_owned())
            .spawn(move || {
                let mut held = vec![0; CHUNK];
                while let Ok(n) = (&*reader).read(&mut held) {
                    if n == 0 || to.blocking_send(held[..n].to_vec()).is_err() {
                        return;
                    }
                }
            })
            .ok()?;
        Some(Self {
            device,
            before,
            keys,
            resized: signal(SignalKind::window_change()).ok(),
        })
    }

    /// A handle to print with.
    pub fn screen(&self) -> Screen {
        Screen(Arc::clone(&self.device))
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        tcgetwinsize(&*self.device).map_or((80, 24), |size| (size.ws_col, size.ws_row))
    }

    pub async fn next(&mut self) -> Happened {
        let Self { keys, resized, .. } = self;
        let resized = async {
            match resized {
                Some(signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            keys = keys.recv() => keys.map_or(Happened::Over, Happened::Keys),
            () = resized => Happened::Resized,
        }
    }

    pub async fn show(&self, bytes: &[u8]) {
        let (device, bytes) = (Arc::clone(&self.device), bytes.to_vec());
        drop(tokio::task::spawn_blocking(move || (&*device).write_all(&bytes).ok()).await);
    }
}
