//! The window's state over restarts: the view and what each page wants kept. No file is touched here; the front keeps it.

use super::app::App;
use super::front::Front;
use super::view::{Geometry, View};
use crate::areas::AreaId;
use egui::{Context, Event};
use serde_json::{Map, Value, json};

/// Seconds after the last input before the state is compared with what was kept.
const CALM_SECS: f64 = 2.0;

/// When the state is looked at next, and what was kept last.
#[derive(Debug, Default)]
pub(super) struct Persist {
    check_at: Option<f64>,
    kept: Value,
}

impl<F: Front> App<F> {
    /// Takes over what was kept; what does not fit is left at its default.
    pub(super) fn restore(&mut self, saved: Value) {
        if let Some(view) = saved.get("view") {
            self.view = serde_json::from_value::<View>(view.clone()).unwrap_or_default();
        }
        if let Some(pages) = saved.get("pages").and_then(Value::as_object) {
            for area in AreaId::ALL {
                if let Some(page) = pages.get(area.word()) {
                    self.pages.get_mut(area).load(page.clone());
                }
            }
        }
        self.persist.kept = saved;
    }

    fn state(&self) -> Value {
        let mut pages = Map::new();
        for area in AreaId::ALL {
            let page = self.pages.get(area).save();
            if !page.is_null() {
                pages.insert(area.word().to_owned(), page);
            }
        }
        json!({ "view": self.view, "pages": pages })
    }

    /// Keeps the state when the user has been calm for a moment and something is different.
    pub(super) fn keep_state(&mut self, ctx: &Context) {
        let (now, acted) = ctx.input(|input| {
            let acted = input
                .events
                .iter()
                .any(|event| !matches!(event, Event::PointerMoved(_) | Event::PointerGone));
            (input.time, acted)
        });
        self.note_geometry(ctx);
        if acted {
            self.persist.check_at = Some(now + CALM_SECS);
            ctx.request_repaint_after_secs(CALM_SECS as f32 + 0.05);
        } else if self.persist.check_at.is_some_and(|at| now >= at) {
            self.persist.check_at = None;
            self.keep_if_changed(false);
        }
    }

    /// The last chance: the program ends.
    pub fn keep_at_exit(&mut self) {
        self.keep_if_changed(true);
    }

    fn keep_if_changed(&mut self, wait: bool) {
        let state = self.state();
        if state != self.persist.kept {
            self.persist.kept = state.clone();
            self.front.save(state, wait);
        }
    }

    fn note_geometry(&mut self, ctx: &Context) {
        let info = ctx.input(|input| {
            (
                input.viewport().inner_rect,
                input.viewport().outer_rect,
                input.viewport().maximized,
            )
        });
        let (Some(inner), outer, is_maximized) = info else { return };
        // The size before maximizing is the one to come back to.
        let is_maximized = is_maximized.unwrap_or(false);
        let geometry = &mut self.view.geometry;
        if is_maximized || inner.width() < 100.0 || inner.height() < 100.0 {
            geometry.is_maximized = is_maximized;
            return;
        }
        *geometry = Geometry {
            width: inner.width(),
            height: inner.height(),
            position: outer.map(|rect| (rect.left(), rect.top())),
            is_maximized,
        };
    }
}

/// The place of the window in a kept state.
pub(super) fn geometry(saved: &Value) -> Geometry {
    let kept = saved.get("view").and_then(|view| view.get("geometry"));
    kept.and_then(|geometry| serde_json::from_value(geometry.clone()).ok())
        .unwrap_or_default()
}
