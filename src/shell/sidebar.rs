//! The areas at the left in the order of the life cycle, each with its word and a count that matters there.

use super::app::App;
use super::banner::is_of_the_folder;
use super::front::Front;
use crate::areas::AreaId;
use crate::areas::page::Badge;
use crate::base::format;
use crate::ui::icons::{self, Icon};
use crate::ui::state_mark;
use crate::ui::text::{self, Cut, Look};
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use egui::{Align, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

/// Below this width of the window only the icons are shown, unless the user wants it otherwise.
const NARROW: f32 = 1000.0;
/// The size of a state's shape beside a count.
const BADGE_MARK: f32 = 9.0;

/// The icon of an area.
pub(super) fn icon(area: AreaId) -> Icon {
    match area {
        AreaId::DevOps => icons::GRID,
        AreaId::Plan => icons::BOARD,
        AreaId::Code => icons::CODE,
        AreaId::Build => icons::BOX,
        AreaId::Test => icons::FLASK,
        AreaId::Release => icons::TAG,
        AreaId::Deploy => icons::UPLOAD,
        AreaId::Operate => icons::SERVER,
        AreaId::Monitor => icons::PULSE,
        AreaId::Config => icons::SLIDERS,
    }
}

impl<F: Front> App<F> {
    fn is_sidebar_collapsed(&self, window_width: f32) -> bool {
        self.view.sidebar_collapsed.unwrap_or(window_width < NARROW)
    }

    pub(super) fn sidebar_width(&self, window_width: f32) -> f32 {
        if self.is_sidebar_collapsed(window_width) {
            measure::SIDEBAR_ICONS
        } else {
            measure::SIDEBAR
        }
    }

    pub(super) fn toggle_sidebar(&mut self, window_width: f32) {
        let wanted = !self.is_sidebar_collapsed(window_width);
        // What the width of the window would give anyway is not a wish of the user.
        self.view.sidebar_collapsed = (wanted != (window_width < NARROW)).then_some(wanted);
    }

    pub(super) fn sidebar_ui(&mut self, ui: &mut Ui, rect: Rect, window_width: f32) {
        let t = Tokens::of(ui);
        let collapsed = self.is_sidebar_collapsed(window_width);
        ui.painter().rect_filled(rect, 0.0, t.surface_0);
        ui.painter()
            .vline(rect.right() - 0.5, rect.y_range(), Stroke::new(1.0, t.line));
        let head = Rect::from_min_size(rect.min, vec2(rect.width(), measure::TOP_BAR));
        if logo_ui(ui, head, collapsed, &self.t("shell-shortcut-sidebar")) {
            self.toggle_sidebar(window_width);
        }
        let step = measure::SIDEBAR_ENTRY + 2.0;
        let mut top = head.bottom();
        let is_gone = self.is_gone();
        for area in AreaId::ALL {
            if area == AreaId::Config {
                top = (rect.bottom() - measure::SPACE_8 - measure::SIDEBAR_ENTRY).max(top);
            }
            let margin = if collapsed { 4.0 } else { 8.0 };
            let entry = Rect::from_min_size(
                pos2(rect.left() + margin, top),
                vec2(rect.width() - 1.0 - 2.0 * margin, measure::SIDEBAR_ENTRY),
            );
            top += step;
            let badge = self
                .with_page(area, |page, cx| page.badge(cx))
                .filter(|badge| badge.count > 0 && !(is_gone && is_of_the_folder(area)));
            if self.entry_ui(ui, entry, area, badge, collapsed) {
                self.go(area, None, None);
                ui.ctx().request_repaint();
            }
        }
    }

    /// True when it was chosen.
    fn entry_ui(&self, ui: &mut Ui, rect: Rect, area: AreaId, badge: Option<Badge>, collapsed: bool) -> bool {
        let t = Tokens::of(ui);
        let word = self.t(area.key());
        let selected = area == self.view.area;
        let response = ui.interact(rect, ui.scope_id().with(area.word()), Sense::click());
        let spoken = match badge {
            Some(badge) => format!("{word} {}", format::count(badge.count, &self.texts)),
            None => word.clone(),
        };
        response.widget_info(|| {
            let mut info = WidgetInfo::selected(Role::Button, true, selected, &word);
            info.current_text_value = badge.map(|badge| format::count(badge.count, &self.texts));
            info
        });
        let fill = if selected {
            t.surface_3
        } else if response.hovered() {
            t.surface_2
        } else {
            t.surface_0
        };
        ui.painter().rect_filled(rect, measure::RADIUS, fill);
        if response.has_focus() {
            ui.painter()
                .rect_stroke(rect, measure::RADIUS, Stroke::new(1.5, t.accent.mark), StrokeKind::Inside);
        }
        let icon_colour = if selected { t.accent.text } else { t.text_weak };
        let icon_x = if collapsed { rect.center().x } else { rect.left() + 16.0 };
        icons::paint(
            ui.painter(),
            pos2(icon_x, rect.center().y),
            icon(area),
            measure::ICON,
            icon_colour,
        );
        if collapsed {
            if let Some(badge) = badge {
                let at = pos2(rect.right() - 7.0, rect.top() + 8.0);
                match badge.state {
                    Some(state) => state_mark::paint(ui.painter(), t, at, 8.0, state),
                    None => {
                        ui.painter().circle_filled(at, 2.5, t.neutral.mark);
                    }
                }
            }
            return response.on_hover_text(spoken).clicked();
        }
        let mut right = rect.right() - 9.0;
        if let Some(badge) = badge {
            let count = if badge.count > 9999 {
                "9999+".to_owned()
            } else {
                format::count(badge.count, &self.texts)
            };
            let colour = badge.state.map_or(t.text_weak, |state| state_mark::word_colour(t, state));
            let place = Rect::from_min_max(pos2(rect.center().x, rect.top()), pos2(right, rect.bottom()));
            let look = Look {
                font: font::small(),
                colour,
                cut: Cut::End,
            };
            right -= text::paint_line(ui, place, &count, &look, Align::Max) + 4.0;
            if let Some(state) = badge.state {
                state_mark::paint(
                    ui.painter(),
                    t,
                    pos2(right - BADGE_MARK / 2.0, rect.center().y),
                    BADGE_MARK,
                    state,
                );
                right -= BADGE_MARK + 4.0;
            }
        }
        let look = Look {
            font: if selected {
                font::medium(measure::TEXT_BODY)
            } else {
                font::body()
            },
            colour: if selected || response.hovered() { t.text } else { t.text_weak },
            cut: Cut::End,
        };
        let place = Rect::from_min_max(pos2(rect.left() + 32.0, rect.top()), pos2(right, rect.bottom()));
        text::paint_line(ui, place, &word, &look, Align::Min);
        response.clicked()
    }
}

/// The crane and the name; a click folds the sidebar. True when it was clicked.
fn logo_ui(ui: &mut Ui, rect: Rect, collapsed: bool, name: &str) -> bool {
    let t = Tokens::of(ui);
    let response = ui.interact(rect, ui.scope_id().with("logo"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let left = if collapsed {
        rect.center().x - 9.0
    } else {
        rect.left() + 16.0
    };
    let origin = pos2(left, rect.center().y - 9.0);
    let stroke = Stroke::new(2.0, t.accent.mark);
    let at = |x: f32, y: f32| origin + vec2(x, y);
    let painter = ui.painter();
    painter.line_segment([at(2.0, 17.0), at(2.0, 1.0)], stroke);
    painter.line_segment([at(1.0, 2.0), at(12.0, 2.0)], stroke);
    painter.line_segment([at(2.0, 6.0), at(16.0, 6.0)], stroke);
    painter.line_segment([at(15.0, 6.0), at(15.0, 12.0)], stroke);
    painter.rect_filled(Rect::from_min_size(at(12.5, 11.0), vec2(5.0, 5.0)), 0.0, t.accent.mark);
    if response.has_focus() {
        let around = rect.shrink(6.0);
        painter.rect_stroke(around, measure::RADIUS, Stroke::new(1.5, t.accent.mark), StrokeKind::Inside);
    }
    if !collapsed {
        let look = Look {
            font: font::semibold(measure::TEXT_BODY),
            colour: t.text,
            cut: Cut::End,
        };
        let place = Rect::from_min_max(pos2(rect.left() + 42.0, rect.top()), rect.max);
        text::paint_line(ui, place, "Chantier", &look, Align::Min);
    }
    response.on_hover_text(name).clicked()
}
