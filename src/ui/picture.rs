//! Two pictures compared: beside each other, one wiped over the other, or one faded over the other. Both are drawn at the same scale.

use super::button::segments_ui;
use super::text;
use super::tokens::{Tokens, UNTINTED, measure};
use egui::{
    ColorImage, Image, Pos2, Rect, Role, Sense, Slider, Stroke, TextureHandle, TextureOptions, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// How the two are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    #[default]
    Beside,
    Swipe,
    Onion,
}

/// What the user chose: kept by the page.
#[derive(Clone, Debug)]
pub struct PictureState {
    pub way: Way,
    /// From 0, all old, to 1, all new.
    pub share: f32,
}

impl Default for PictureState {
    fn default() -> Self {
        Self {
            way: Way::Beside,
            share: 0.5,
        }
    }
}

/// A side that can be drawn.
pub struct Shown<'a> {
    pub texture: &'a TextureHandle,
    /// The picture's own size, in pixels.
    pub size: Vec2,
    pub caption: &'a str,
}

/// Makes a texture of pixels: red, green, blue and alpha, row by row. None when they are not as many as the size says.
pub fn texture(ui: &Ui, name: &str, width: u32, height: u32, rgba: &[u8]) -> Option<TextureHandle> {
    let size = [width as usize, height as usize];
    if size[0] * size[1] * 4 != rgba.len() || rgba.is_empty() {
        return None;
    }
    let image = ColorImage::from_rgba_unmultiplied(size, rgba);
    Some(ui.ctx().load_texture(name, image, TextureOptions::LINEAR))
}

/// The choice of the way, where there are two sides to be put together.
pub fn ways_ui(ui: &mut Ui, state: &mut PictureState) {
    let words = ["ui-picture-beside", "ui-picture-swipe", "ui-picture-onion"].map(|key| text::tr(ui, key));
    let choices = [Way::Beside, Way::Swipe, Way::Onion];
    let choices: Vec<(Way, &str)> = choices.into_iter().zip(words.iter().map(String::as_str)).collect();
    segments_ui(ui, &mut state.way, &choices);
    if state.way != Way::Beside {
        let name = text::tr(ui, "ui-picture-share");
        let slider = ui.add(Slider::new(&mut state.share, 0.0..=1.0).show_value(false));
        slider.on_hover_text(name);
    }
}

/// Draws what is there of the two into the room that is left.
pub fn pictures_ui(ui: &mut Ui, state: &mut PictureState, old: Option<&Shown<'_>>, new: Option<&Shown<'_>>) {
    let room = ui.available_rect_before_wrap().shrink(measure::SPACE_8);
    match (old, new) {
        (Some(old), Some(new)) if state.way != Way::Beside => over_ui(ui, state, room, old, new),
        _ => {
            let both: Vec<&Shown<'_>> = [old, new].into_iter().flatten().collect();
            let width = (room.width() - measure::SPACE_8) / both.len().max(1) as f32;
            let size = both.iter().fold(Vec2::ZERO, |size, side| size.max(side.size));
            for (n, side) in both.iter().enumerate() {
                let left = room.left() + n as f32 * (width + measure::SPACE_8);
                let at = Rect::from_min_size(pos2(left, room.top()), vec2(width - measure::SPACE_8, room.height()));
                let scale = scale(size, at.size());
                one_ui(ui, side, at.min, scale, 1.0, None);
            }
        }
    }
}

/// One over the other; the line of a swipe is dragged.
fn over_ui(ui: &mut Ui, state: &mut PictureState, room: Rect, old: &Shown<'_>, new: &Shown<'_>) {
    let size = old.size.max(new.size);
    let scale = scale(size, room.size());
    let whole = Rect::from_min_size(room.min, size * scale);
    if state.way == Way::Onion {
        one_ui(ui, old, room.min, scale, 1.0, None);
        one_ui(ui, new, room.min, scale, state.share, None);
        return;
    }
    let border = whole.left() + whole.width() * state.share;
    let (left, right) = (
        Rect::from_min_max(whole.min, pos2(border, whole.bottom())),
        Rect::from_min_max(pos2(border, whole.top()), whole.max),
    );
    one_ui(ui, old, room.min, scale, 1.0, Some(right));
    one_ui(ui, new, room.min, scale, 1.0, Some(left));
    let t = Tokens::of(ui);
    ui.painter().vline(border, whole.y_range(), Stroke::new(2.0, t.accent.mark));
    let dragged = ui.allocate_rect(whole, Sense::click_and_drag());
    if let Some(at) = dragged.interact_pointer_pos() {
        state.share = ((at.x - whole.left()) / whole.width().max(1.0)).clamp(0.0, 1.0);
    }
}

/// Small pictures are blown up so that their pixels are seen, large ones made to fit.
fn scale(size: Vec2, room: Vec2) -> f32 {
    let fit = (room.x / size.x.max(1.0)).min(room.y / size.y.max(1.0));
    let largest = (256.0 / size.max_elem().max(1.0)).clamp(1.0, 8.0);
    fit.min(largest).max(0.01)
}

fn one_ui(ui: &mut Ui, side: &Shown<'_>, at: Pos2, scale: f32, alpha: f32, within: Option<Rect>) {
    let t = Tokens::of(ui);
    let rect = Rect::from_min_size(at, side.size * scale);
    let shown = within.map_or(rect, |within| rect.intersect(within));
    if shown.width() <= 0.0 || shown.height() <= 0.0 {
        return;
    }
    let part = |from: f32, to: f32, all: f32, value: f32| (value - from) / (to - from).max(0.001) * all;
    let uv = Rect::from_min_max(
        pos2(
            part(rect.left(), rect.right(), 1.0, shown.left()),
            part(rect.top(), rect.bottom(), 1.0, shown.top()),
        ),
        pos2(
            part(rect.left(), rect.right(), 1.0, shown.right()),
            part(rect.top(), rect.bottom(), 1.0, shown.bottom()),
        ),
    );
    ui.painter().rect_filled(shown, 0.0, t.surface_2.gamma_multiply(alpha));
    let image = Image::new((side.texture.id(), side.size))
        .uv(uv)
        .tint(UNTINTED.gamma_multiply(alpha));
    image.paint_at(ui, shown);
    let id = ui.scope_id().with(("picture", side.texture.id(), within.is_some()));
    let response = ui.interact(shown, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, side.caption));
}
