//! The pointer over a terminal: what a program asked to hear of it, else selection, links and scrolling.

use super::{Cells, TerminalResponse, TerminalState};
use crate::base::screen::{CellAt, Modes, MouseWish, Screen, ScreenInput, SelectBy};
use egui::{CursorIcon, Event, Modifiers, MouseWheelUnit, PointerButton, Response, Ui};

/// The wheel in a program's report.
const WHEEL_UP: u8 = 64;
const MOTION: u8 = 32;
/// No button.
const NONE: u8 = 3;

/// Takes the pointer of this frame. Gives the link under it.
pub(super) fn take(
    ui: &Ui,
    area: &Response,
    cells: &Cells,
    screen: &Screen,
    state: &mut TerminalState,
    is_live: bool,
    response: &mut TerminalResponse,
) -> Option<u16> {
    let modifiers = ui.input(|input| input.modifiers);
    let at = area
        .hover_pos()
        .or_else(|| area.interact_pointer_pos())
        .map(|pos| cells.at(pos, screen));
    // With Shift the pointer is the person's, whatever the program wishes.
    let is_reported = is_live && screen.modes.mouse != MouseWish::Nothing && !modifiers.shift;
    if area.contains_pointer() {
        wheel(ui, cells, screen, state, is_live, (modifiers, at), response);
    }
    if is_reported {
        report(ui, area, screen, state, (modifiers, at), response);
        return None;
    }
    state.button = None;
    select(ui, area, cells, screen, state, modifiers, response);
    let link = at.filter(|_| area.hovered()).and_then(|at| link_at(screen, at));
    if let Some(target) = link.and_then(|link| screen.links.get(usize::from(link))) {
        let hint = super::text::say(ui, &crate::msg!("terminal-link-hint", target = target.as_str()));
        area.clone().on_hover_text_at_pointer(hint);
        if modifiers.ctrl {
            ui.set_cursor_icon(CursorIcon::PointingHand);
        }
        if area.clicked() && modifiers.ctrl {
            response.open = Some(target.clone());
        }
    } else if area.hovered() {
        ui.set_cursor_icon(CursorIcon::Text);
    }
    link
}

fn link_at(screen: &Screen, at: CellAt) -> Option<u16> {
    let line = screen.lines.get(usize::from(at.row))?;
    let run = line
        .iter()
        .find(|run| (run.column..run.column + run.width).contains(&at.column))?;
    run.link
}

fn select(
    ui: &Ui,
    area: &Response,
    cells: &Cells,
    screen: &Screen,
    state: &mut TerminalState,
    modifiers: Modifiers,
    response: &mut TerminalResponse,
) {
    let origin = ui.input(|input| input.pointer.press_origin());
    let pointed = area.interact_pointer_pos().map(|pos| cells.at(pos, screen));
    let by = if modifiers.alt { SelectBy::Block } else { SelectBy::Cell };
    if area.drag_started_by(PointerButton::Primary)
        && let Some(from) = origin
    {
        state.selecting = true;
        state.cell = None;
        response.inputs.push(ScreenInput::Select {
            at: cells.at(from, screen),
            by,
        });
    }
    if state.selecting
        && let Some(to) = pointed
        && state.cell != Some(to)
    {
        state.cell = Some(to);
        response.inputs.push(ScreenInput::SelectTo(to));
    }
    if area.drag_stopped() {
        state.selecting = false;
    }
    let Some(at) = pointed else { return };
    if area.triple_clicked() {
        response.inputs.push(ScreenInput::Select { at, by: SelectBy::Line });
    } else if area.double_clicked() {
        response.inputs.push(ScreenInput::Select { at, by: SelectBy::Word });
    } else if area.clicked() && screen.has_selection {
        response.inputs.push(ScreenInput::SelectNothing);
    }
}

fn wheel(
    ui: &Ui,
    cells: &Cells,
    screen: &Screen,
    state: &mut TerminalState,
    is_live: bool,
    (modifiers, at): (Modifiers, Option<CellAt>),
    response: &mut TerminalResponse,
) {
    // Whole turns as they come: a terminal does not glide.
    let mut turned = 0.0;
    ui.input(|input| {
        for event in &input.events {
            if let Event::MouseWheel { unit, delta, .. } = event {
                turned += match unit {
                    MouseWheelUnit::Line => delta.y * 3.0,
                    MouseWheelUnit::Point => delta.y / cells.size.y,
                    MouseWheelUnit::Page => delta.y * f32::from(screen.rows),
                };
            }
        }
    });
    if turned == 0.0 {
        return;
    }
    state.wheel += turned;
    let lines = state.wheel.trunc();
    state.wheel -= lines;
    let lines = lines.clamp(-200.0, 200.0) as i32;
    if lines == 0 {
        return;
    }
    let modes = screen.modes;
    if is_live && modes.mouse != MouseWish::Nothing && !modifiers.shift {
        let Some(at) = at else { return };
        let button = if lines > 0 { WHEEL_UP } else { WHEEL_UP + 1 };
        for _ in 0..lines.unsigned_abs().min(20) {
            tell(button + held(modifiers), at, true, modes, response);
        }
    } else if is_live && modes.wheel_arrows && !modifiers.shift {
        let letter = if lines > 0 { 'A' } else { 'B' };
        let one = if modes.app_cursor {
            format!("\x1bO{letter}")
        } else {
            format!("\x1b[{letter}")
        };
        let keys = one.repeat(lines.unsigned_abs().min(50) as usize).into_bytes();
        response.inputs.push(ScreenInput::Keys(keys));
    } else {
        response.inputs.push(ScreenInput::Scroll(lines));
    }
}

fn report(
    ui: &Ui,
    area: &Response,
    screen: &Screen,
    state: &mut TerminalState,
    (modifiers, at): (Modifiers, Option<CellAt>),
    response: &mut TerminalResponse,
) {
    let Some(at) = at else { return };
    let modes = screen.modes;
    for (button, number) in [
        (PointerButton::Primary, 0),
        (PointerButton::Middle, 1),
        (PointerButton::Secondary, 2),
    ] {
        let (is_pressed, is_released) =
            ui.input(|input| (input.pointer.button_pressed(button), input.pointer.button_released(button)));
        if is_pressed && area.contains_pointer() {
            state.button = Some(number);
            tell(number + held(modifiers), at, true, modes, response);
        }
        if is_released && state.button == Some(number) {
            state.button = None;
            tell(number + held(modifiers), at, false, modes, response);
        }
    }
    let has_moved = state.cell.is_none_or(|last| (last.row, last.column) != (at.row, at.column));
    state.cell = Some(at);
    let is_wanted = match modes.mouse {
        MouseWish::Motion => true,
        MouseWish::Drags => state.button.is_some(),
        MouseWish::Clicks | MouseWish::Nothing => false,
    };
    if has_moved && is_wanted && (area.hovered() || state.button.is_some()) {
        let button = state.button.unwrap_or(NONE) + MOTION + held(modifiers);
        tell(button, at, true, modes, response);
    }
}

fn held(modifiers: Modifiers) -> u8 {
    4 * u8::from(modifiers.shift) + 8 * u8::from(modifiers.alt) + 16 * u8::from(modifiers.ctrl)
}

/// One report, in the form that the program asked for.
fn tell(button: u8, at: CellAt, is_pressed: bool, modes: Modes, response: &mut TerminalResponse) {
    let bytes = if modes.sgr_mouse {
        let end = if is_pressed { 'M' } else { 'm' };
        format!("\x1b[<{button};{};{}{end}", at.column + 1, at.row + 1).into_bytes()
    } else {
        // The old form has no room for more than 223 columns or rows.
        let (Ok(x), Ok(y)) = (u8::try_from(at.column + 33), u8::try_from(at.row + 33)) else {
            return;
        };
        let button = if is_pressed { button } else { NONE + (button & !3) };
        vec![0x1b, b'[', b'M', button.saturating_add(32), x, y]
    };
    response.inputs.push(ScreenInput::Keys(bytes));
}
