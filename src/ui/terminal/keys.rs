//! Keys as a terminal sends them (xterm's forms), and the few that are the terminal's own.

use super::{TerminalResponse, TerminalState};
use crate::base::screen::{Modes, Screen, ScreenInput};
use egui::{Event, ImeEvent, Key, Modifiers, Ui};

/// Takes the keys of this frame.
pub(super) fn take(ui: &Ui, screen: &Screen, state: &mut TerminalState, response: &mut TerminalResponse) {
    let (events, held) = ui.input(|input| (input.events.clone(), input.modifiers));
    let mut bytes = Vec::new();
    for event in &events {
        match event {
            // With Ctrl held there is no text; with Alt it follows an escape.
            Event::Text(text) => {
                if held.alt {
                    bytes.push(0x1b);
                }
                bytes.extend_from_slice(text.as_bytes());
            }
            Event::Ime(ImeEvent::Commit(text)) => bytes.extend_from_slice(text.as_bytes()),
            // Ctrl+C, Ctrl+X and Ctrl+V arrive as what they mean elsewhere.
            Event::Copy => bytes.push(0x03),
            Event::Cut => bytes.push(0x18),
            Event::Paste(text) => {
                if std::mem::take(&mut state.pastes) {
                    flush(&mut bytes, response);
                    response.inputs.push(ScreenInput::Paste(text.clone()));
                } else {
                    bytes.push(0x16);
                }
            }
            Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } => {
                if own(*key, *modifiers, screen, state, response) {
                    continue;
                }
                if let Some(sent) = sent(*key, *modifiers, screen.modes) {
                    bytes.extend_from_slice(&sent);
                }
            }
            _ => {}
        }
    }
    flush(&mut bytes, response);
}

fn flush(bytes: &mut Vec<u8>, response: &mut TerminalResponse) {
    if !bytes.is_empty() {
        response.inputs.push(ScreenInput::Keys(std::mem::take(bytes)));
    }
}

/// Copy, paste, search, and scrolling with Shift.
fn own(key: Key, modifiers: Modifiers, screen: &Screen, state: &mut TerminalState, response: &mut TerminalResponse) -> bool {
    let page = i32::from(screen.rows.max(2)) - 1;
    let shift_only = modifiers.shift && !modifiers.ctrl && !modifiers.alt;
    match key {
        Key::C if modifiers.ctrl && modifiers.shift => response.inputs.push(ScreenInput::Copy),
        Key::V if modifiers.ctrl && modifiers.shift => state.paste(),
        Key::F if modifiers.ctrl && modifiers.shift => state.search(),
        Key::Insert if shift_only => state.paste(),
        Key::Insert if modifiers.ctrl && !modifiers.shift => response.inputs.push(ScreenInput::Copy),
        Key::PageUp if shift_only => response.inputs.push(ScreenInput::Scroll(page)),
        Key::PageDown if shift_only => response.inputs.push(ScreenInput::Scroll(-page)),
        Key::Home if shift_only => response.inputs.push(ScreenInput::Scroll(i32::from(u16::MAX))),
        Key::End if shift_only => response.inputs.push(ScreenInput::ScrollToEnd),
        _ => return false,
    }
    true
}

/// The bytes of a key; None for one whose text comes by itself.
pub fn sent(key: Key, modifiers: Modifiers, modes: Modes) -> Option<Vec<u8>> {
    let code = 1 + u8::from(modifiers.shift) + 2 * u8::from(modifiers.alt) + 4 * u8::from(modifiers.ctrl);
    // Arrows, Home and End by their letter.
    let letter = |letter: char| {
        let text = match (code, modes.app_cursor) {
            (1, true) => format!("\x1bO{letter}"),
            (1, false) => format!("\x1b[{letter}"),
            _ => format!("\x1b[1;{code}{letter}"),
        };
        Some(text.into_bytes())
    };
    let number = |n: u8| {
        let text = if code == 1 {
            format!("\x1b[{n}~")
        } else {
            format!("\x1b[{n};{code}~")
        };
        Some(text.into_bytes())
    };
    let function = |letter: char| {
        let text = if code == 1 {
            format!("\x1bO{letter}")
        } else {
            format!("\x1b[1;{code}{letter}")
        };
        Some(text.into_bytes())
    };
    let after_alt = |byte: u8| Some(if modifiers.alt { vec![0x1b, byte] } else { vec![byte] });
    match key {
        Key::ArrowUp => letter('A'),
        Key::ArrowDown => letter('B'),
        Key::ArrowRight => letter('C'),
        Key::ArrowLeft => letter('D'),
        Key::Home => letter('H'),
        Key::End => letter('F'),
        Key::Insert => number(2),
        Key::Delete => number(3),
        Key::PageUp => number(5),
        Key::PageDown => number(6),
        Key::F1 => function('P'),
        Key::F2 => function('Q'),
        Key::F3 => function('R'),
        Key::F4 => function('S'),
        Key::F5 => number(15),
        Key::F6 => number(17),
        Key::F7 => number(18),
        Key::F8 => number(19),
        Key::F9 => number(20),
        Key::F10 => number(21),
        Key::F11 => number(23),
        Key::F12 => number(24),
        Key::Enter => after_alt(b'\r'),
        Key::Tab if modifiers.shift => Some(b"\x1b[Z".to_vec()),
        Key::Tab => after_alt(b'\t'),
        Key::Backspace if modifiers.ctrl => after_alt(0x08),
        Key::Backspace => after_alt(0x7f),
        Key::Escape => after_alt(0x1b),
        _ if modifiers.ctrl => control(key).and_then(after_alt),
        _ => None,
    }
}

/// Ctrl with a letter or a sign.
fn control(key: Key) -> Option<u8> {
    Some(match key {
        Key::Space | Key::Num2 => 0x00,
        Key::OpenBracket | Key::Num3 => 0x1b,
        Key::Backslash | Key::Num4 => 0x1c,
        Key::CloseBracket | Key::Num5 => 0x1d,
        Key::Num6 => 0x1e,
        Key::Minus | Key::Slash | Key::Num7 => 0x1f,
        Key::Num8 => 0x7f,
        _ => {
            let name = key.name().as_bytes();
            match name {
                [letter @ b'A'..=b'Z'] => letter & 0x1f,
                _ => return None,
            }
        }
    })
}
