//! A value that the user types or pipes in: never an argument, never echoed.

use super::MAX_VALUE_BYTES;
use crate::base::{Hidden, Problem};
use crate::files;
use crate::msg;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, isatty, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

const ENTER: [u8; 2] = [b'\r', b'\n'];
const CTRL_C: u8 = 3;
const CTRL_D: u8 = 4;
const BACKSPACE: [u8; 2] = [8, 127];
const CTRL_U: u8 = 21;

/// Somebody sits at the terminal.
pub fn is_terminal() -> bool {
    isatty(io::stdin())
}

/// What is typed at the terminal after these words; all of standard input where that is none. One line break at its end is not part of
/// it. Blocks.
pub fn value(prompt: &str) -> Result<Hidden, Problem> {
    if is_terminal() {
        return at_terminal(prompt);
    }
    let mut bytes = files::read_input(Path::new("-"), MAX_VALUE_BYTES as u64 + 2)?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    text(bytes)
}

/// The same from the terminal alone.
pub fn at_terminal(prompt: &str) -> Result<Hidden, Problem> {
    let mut screen = Quiet::open()?;
    screen.say(prompt);
    let mut typed = Vec::new();
    loop {
        let mut key = [0];
        let n = screen.device.read(&mut key).map_err(|error| unread(&error))?;
        match key[0] {
            _ if n == 0 => return Err(Problem::cancelled()),
            CTRL_C => {
                screen.say("\r\n");
                return Err(Problem::cancelled());
            }
            key if ENTER.contains(&key) || key == CTRL_D => break,
            key if BACKSPACE.contains(&key) => {
                // A letter of more than one byte goes as a whole.
                while typed.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
            }
            CTRL_U => typed.clear(),
            key => typed.push(key),
        }
    }
    screen.say("\r\n");
    text(typed)
}

fn text(bytes: Vec<u8>) -> Result<Hidden, Problem> {
    let text = String::from_utf8(bytes).map_err(|_| Problem::user(msg!("secret-not-text")).code("secret-value"))?;
    Ok(Hidden::new(text))
}

/// The terminal without echo; as before afterwards.
struct Quiet {
    device: File,
    before: Termios,
}

impl Quiet {
    fn open() -> Result<Self, Problem> {
        let device = File::options()
            .read(true)
            .write(true)
            .open("/dev/tty")
            .map_err(|error| unread(&error))?;
        let before = tcgetattr(&device).map_err(|error| unread(&error.into()))?;
        let mut quiet = before.clone();
        quiet.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&device, OptionalActions::Flush, &quiet).map_err(|error| unread(&error.into()))?;
        Ok(Self { device, before })
    }

    fn say(&mut self, words: &str) {
        self.device.write_all(words.as_bytes()).ok();
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        tcsetattr(&self.device, OptionalActions::Flush, &self.before).ok();
    }
}

fn unread(error: &io::Error) -> Problem {
    Problem::environment(msg!("secret-no-terminal"))
        .details(error)
        .hint(msg!("secret-no-terminal-hint"))
}
