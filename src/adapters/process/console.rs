//! A terminal of a child's own: what it prints arrives as from a pipe, keys and size go the other way.

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::io;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use tokio::net::unix::pipe;

/// Columns and rows.
pub(super) type Size = (u16, u16);

/// Both ends, until the child has taken its own.
pub(super) struct Pty {
    master: OwnedFd,
    slave: OwnedFd,
}

impl Pty {
    pub(super) fn open(size: Size) -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let slave = rustix::fs::open(
            name.as_c_str(),
            OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        set_size(&master, size)?;
        let flags = rustix::fs::fcntl_getfl(&master)?;
        rustix::fs::fcntl_setfl(&master, flags | OFlags::NONBLOCK)?;
        Ok(Self { master, slave })
    }

    /// Who reads from it hears at once that nothing comes (Ctrl+D).
    pub(super) fn end_input(&self) -> io::Result<()> {
        rustix::io::write(&self.master, b"\x04")?;
        Ok(())
    }

    /// One more handle of the child's end.
    pub(super) fn stdio(&self) -> io::Result<Stdio> {
        Ok(Stdio::from(self.slave.try_clone()?))
    }

    /// Our end, to read from and to write to; the child's end is given up.
    pub(super) fn split(self) -> io::Result<(OwnedFd, Console)> {
        let writer = pipe::Sender::from_owned_fd_unchecked(self.master.try_clone()?)?;
        let console = Console {
            master: self.master.try_clone()?,
            writer,
        };
        Ok((self.master, console))
    }
}

fn set_size(master: &OwnedFd, (columns, rows): Size) -> io::Result<()> {
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    Ok(tcsetwinsize(master, size)?)
}

/// The way to a child that has a terminal.
pub struct Console {
    master: OwnedFd,
    writer: pipe::Sender,
}

impl Console {
    /// Keys, as a terminal sends them: Ctrl+C is one of them. A child that is gone needs none.
    pub async fn write(&self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.writer.writable().await.is_err() {
                return;
            }
            match self.writer.try_write(bytes) {
                Ok(n) => bytes = &bytes[n..],
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(_) => return,
            }
        }
    }

    /// Tells the child, which hears SIGWINCH.
    pub fn resize(&self, size: Size) {
        set_size(&self.master, size).ok();
    }
}
