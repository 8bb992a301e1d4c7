//! What can be done here, as plain data: one list feeds the toolbar, the menus, the palette and the shortcuts.
//! `I` is what the action asks for; a shell asks `confirm_ui` once per frame for the ones that needed a question first.

use super::button::{Button, MenuEntry, icon_button, icon_button_small, menu_entry_ui, menu_line_ui};
use super::dialog::{Answer, Dialog};
use super::icons::{self, Icon};
use super::input::Input;
use super::{keys, text};
use crate::base::Msg;
use egui::{Context, Id, Key, KeyboardShortcut, Modifiers, Popup, Ui};

/// Where an action is shown, besides the palette.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Place {
    /// The one filled button.
    Primary,
    Toolbar,
    #[default]
    Menu,
    PaletteOnly,
}

/// The question before something that can not be undone.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirm {
    pub title: String,
    pub text: String,
    /// For a protected thing: its name, to be typed.
    pub typed_word: Option<String>,
}

/// One thing that can be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Action<I> {
    /// Stable within the page: `code-commit`.
    pub id: String,
    /// A verb, and to what: `Commit 3 files`.
    pub label: String,
    /// What it acts on where the label does not say it: in the palette the selection is not in sight.
    pub of: Option<String>,
    pub icon: Option<Icon>,
    pub shortcut: Option<KeyboardShortcut>,
    pub place: Place,
    pub danger: bool,
    pub disabled_because: Option<String>,
    pub confirm: Option<Confirm>,
    pub intent: I,
}

impl<I> Action<I> {
    /// An action for the overflow menu; the builders below move and mark it.
    pub fn new(id: impl Into<String>, label: impl Into<String>, intent: I) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            of: None,
            icon: None,
            shortcut: None,
            place: Place::Menu,
            danger: false,
            disabled_because: None,
            confirm: None,
            intent,
        }
    }

    pub fn of(mut self, name: impl Into<String>) -> Self {
        self.of = Some(name.into());
        self
    }

    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    pub fn primary(mut self) -> Self {
        self.place = Place::Primary;
        self
    }

    pub fn toolbar(mut self) -> Self {
        self.place = Place::Toolbar;
        self
    }

    pub fn palette_only(mut self) -> Self {
        self.place = Place::PaletteOnly;
        self
    }

    pub fn shortcut(mut self, modifiers: Modifiers, key: Key) -> Self {
        self.shortcut = Some(KeyboardShortcut::new(modifiers, key));
        self
    }

    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }

    /// Shown dim, with the reason, while `why` is there.
    pub fn disabled_because(mut self, why: Option<String>) -> Self {
        self.disabled_because = why;
        self
    }

    /// Asks before it does it.
    pub fn confirm(mut self, title: impl Into<String>, text: impl Into<String>) -> Self {
        self.confirm = Some(Confirm {
            title: title.into(),
            text: text.into(),
            typed_word: None,
        });
        self
    }

    /// Asks, and wants this word typed.
    pub fn confirm_typed(mut self, title: impl Into<String>, text: impl Into<String>, word: impl Into<String>) -> Self {
        self.confirm = Some(Confirm {
            title: title.into(),
            text: text.into(),
            typed_word: Some(word.into()),
        });
        self
    }

    pub fn is_enabled(&self) -> bool {
        self.disabled_because.is_none()
    }
}

#[derive(Clone)]
struct Pending<I> {
    action: Action<I>,
    typed: String,
}

fn pending_id() -> Id {
    Id::unique("ui-pending-action")
}

/// The user asked for this action: its intent, unless it is disabled or has to be confirmed first.
pub fn press<I: Clone + Send + Sync + 'static>(ctx: &Context, action: &Action<I>) -> Option<I> {
    if !action.is_enabled() {
        return None;
    }
    if action.confirm.is_none() {
        return Some(action.intent.clone());
    }
    let pending = Pending {
        action: action.clone(),
        typed: String::new(),
    };
    ctx.data_mut(|data| data.insert_temp(pending_id(), pending));
    ctx.request_repaint();
    None
}

/// Draws the question that is open, if any; the intent when the user said yes. The shell calls it once per frame.
pub fn confirm_ui<I: Clone + Send + Sync + 'static>(ctx: &Context) -> Option<I> {
    let mut pending: Pending<I> = ctx.data(|data| data.get_temp(pending_id()))?;
    let confirm = pending.action.confirm.clone()?;
    let label = pending.action.label.trim_end_matches('…').to_owned();
    let answer = Dialog::new("confirm", &confirm.title, &label)
        .danger(pending.action.danger)
        .show(ctx, |ui| {
            text::paragraph(ui, &confirm.text);
            let Some(word) = &confirm.typed_word else { return true };
            let ask = text::say(ui, &crate::msg!("ui-type-to-confirm", word = word));
            text::paragraph_weak(ui, &ask);
            let response = Input::new(pending_id().with("word"), &ask)
                .hint(word)
                .show(ui, &mut pending.typed);
            if !response.has_focus() && !response.lost_focus() {
                response.request_focus();
            }
            pending.typed.trim() == word
        });
    match answer {
        Answer::Open => {
            ctx.data_mut(|data| data.insert_temp(pending_id(), pending));
            None
        }
        Answer::Cancelled => {
            ctx.data_mut(|data| data.remove::<Pending<I>>(pending_id()));
            None
        }
        Answer::Confirmed => {
            ctx.data_mut(|data| data.remove::<Pending<I>>(pending_id()));
            Some(pending.action.intent)
        }
    }
}

/// What became of a pressed shortcut.
pub enum Pressed<I> {
    Asked(I),
    /// Its action can not be done now, for this reason.
    Refused(String),
}

/// The action whose shortcut was pressed. Ctrl+Enter is the primary one; F5 must be given by the page that has a refresh.
pub fn shortcuts<I: Clone + Send + Sync + 'static>(ctx: &Context, actions: &[Action<I>]) -> Option<Pressed<I>> {
    let mut refused = Vec::new();
    for action in actions {
        let wanted = action.shortcut.or((action.place == Place::Primary).then_some(keys::PRIMARY));
        let Some(shortcut) = wanted else { continue };
        // A shortcut without Ctrl or Alt is a letter to a text field, which also takes back its own words.
        let is_letter = !shortcut.modifiers.command && !shortcut.modifiers.alt && shortcut.logical_key.name().len() == 1;
        let is_of_text = is_letter || [keys::UNDO, keys::REDO].contains(&shortcut);
        if is_of_text && ctx.text_edit_focused() {
            continue;
        }
        if action.is_enabled() {
            if ctx.input_mut(|input| input.consume_shortcut(&shortcut)) {
                return press(ctx, action).map(Pressed::Asked);
            }
        } else if let Some(why) = &action.disabled_because {
            refused.push((shortcut, why));
        }
    }
    let pressed = refused
        .into_iter()
        .find(|(shortcut, _)| ctx.input_mut(|input| input.consume_shortcut(shortcut)));
    pressed.map(|(_, why)| Pressed::Refused(why.clone()))
}

/// The toolbar of a page in a right-to-left layout: overflow menu, primary button, then what stands left of it.
/// `between` draws what belongs between the primary and the plain buttons (the filter box).
pub fn toolbar_ui<I: Clone + Send + Sync + 'static>(
    ui: &mut Ui,
    actions: &[Action<I>],
    between: impl FnOnce(&mut Ui),
) -> Option<I> {
    let mut asked = overflow_ui(ui, actions);
    for action in actions.iter().filter(|action| action.place == Place::Primary) {
        let hover = action.shortcut.map(|shortcut| text::shortcut_text(ui.ctx(), &shortcut));
        let mut button = Button::new(&action.label)
            .primary()
            .disabled_because(action.disabled_because.as_deref());
        if let Some(hover) = &hover {
            button = button.hover(hover);
        }
        if ui.add(button).clicked() {
            asked = press(ui.ctx(), action).or(asked);
        }
    }
    between(ui);
    for action in actions.iter().rev().filter(|action| action.place == Place::Toolbar) {
        asked = button_ui(ui, action).or(asked);
    }
    asked
}

/// A plain button for one action.
pub fn button_ui<I: Clone + Send + Sync + 'static>(ui: &mut Ui, action: &Action<I>) -> Option<I> {
    let button = Button::new(&action.label)
        .danger(action.danger)
        .disabled_because(action.disabled_because.as_deref());
    pressed(ui, action, button)
}

/// The filled button for one action, outside a toolbar.
pub fn primary_ui<I: Clone + Send + Sync + 'static>(ui: &mut Ui, action: &Action<I>) -> Option<I> {
    let button = Button::new(&action.label)
        .primary()
        .disabled_because(action.disabled_because.as_deref());
    pressed(ui, action, button)
}

fn pressed<I: Clone + Send + Sync + 'static>(ui: &mut Ui, action: &Action<I>, button: Button<'_>) -> Option<I> {
    let hover = action.shortcut.map(|shortcut| text::shortcut_text(ui.ctx(), &shortcut));
    let button = if let Some(hover) = &hover {
        button.hover(hover)
    } else {
        button
    };
    if ui.add(button).clicked() {
        press(ui.ctx(), action)
    } else {
        None
    }
}

/// As many actions of a detail stand there as buttons; where they are more, only the first ones.
const MOST_BUTTONS: usize = 6;
const FEW_BUTTONS: usize = 4;

/// Small buttons that wrap: the actions of a detail. Where they are many, the first ones, and the rest behind ⋯: what lies below
/// the buttons is to be seen too.
pub fn small_buttons_ui<I: Clone + Send + Sync + 'static>(ui: &mut Ui, actions: &[Action<I>]) -> Option<I> {
    let n_shown = if actions.len() > MOST_BUTTONS {
        FEW_BUTTONS
    } else {
        actions.len()
    };
    let (shown, behind) = actions.split_at(n_shown);
    let mut asked = None;
    ui.horizontal_wrapped(|ui| {
        for action in shown {
            let button = Button::new(&action.label).small().danger(action.danger);
            asked = pressed(ui, action, button.disabled_because(action.disabled_because.as_deref())).or(asked.take());
        }
        if !behind.is_empty() {
            let name = text::tr(ui, "ui-other-actions");
            let more = icon_button_small(ui, icons::MORE, &name);
            asked = more_ui(&more, behind).or(asked.take());
        }
    });
    asked
}

/// The ⋯ button with the actions that are not on the toolbar; nothing when there are none.
pub fn overflow_ui<I: Clone + Send + Sync + 'static>(ui: &mut Ui, actions: &[Action<I>]) -> Option<I> {
    let entries: Vec<&Action<I>> = actions.iter().filter(|action| action.place == Place::Menu).collect();
    if entries.is_empty() {
        return None;
    }
    let name = text::tr(ui, "ui-more-actions");
    let response = icon_button(ui, icons::MORE, &name);
    more_ui(&response, entries)
}

/// The menu of a ⋯ button.
fn more_ui<'a, I: Clone + Send + Sync + 'static>(
    button: &egui::Response,
    entries: impl IntoIterator<Item = &'a Action<I>>,
) -> Option<I> {
    let mut asked = None;
    Popup::menu(button)
        .align(egui::RectAlign::BOTTOM_END)
        .gap(4.0)
        .show(|ui| asked = menu_ui(ui, entries));
    asked
}

/// The entries of a menu, for a context menu or a popup; the dangerous ones last, below a line.
pub fn menu_ui<'a, I: Clone + Send + Sync + 'static>(ui: &mut Ui, actions: impl IntoIterator<Item = &'a Action<I>>) -> Option<I> {
    let mut asked = None;
    let (danger, plain): (Vec<_>, Vec<_>) = actions.into_iter().partition(|action| action.danger);
    ui.spacing_mut().item_spacing.y = 0.0;
    let needs_line = !danger.is_empty() && !plain.is_empty();
    for (i, action) in plain.iter().chain(&danger).enumerate() {
        if needs_line && i == plain.len() {
            menu_line_ui(ui);
        }
        let note = action.shortcut.map(|shortcut| text::shortcut_text(ui.ctx(), &shortcut));
        let entry = MenuEntry {
            label: &action.label,
            icon: action.icon,
            note: note.as_deref(),
            danger: action.danger,
            ticked: None,
            disabled_because: action.disabled_because.as_deref(),
        };
        if menu_entry_ui(ui, &entry).clicked() {
            asked = press(ui.ctx(), action).or(asked);
            ui.close();
        }
    }
    asked
}

/// The reason of a disabled action as a message, for pages that build it from a `Msg`.
pub fn reason(ui: &Ui, msg: Option<&Msg>) -> Option<String> {
    msg.map(|msg| text::say(ui, msg))
}
