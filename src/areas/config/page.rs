//! The page of Configuration.

use crate::areas::page::{Action, Cx};
use crate::ui;

#[derive(Default)]
pub struct Page {}

impl crate::areas::page::Page for Page {
    fn actions(&self, _cx: &Cx<'_>) -> Vec<Action> {
        Vec::new()
    }

    fn subtitle(&self, _cx: &Cx<'_>) -> String {
        String::new()
    }

    fn body_ui(&mut self, _ui: &mut ui::Ui, _cx: &Cx<'_>) {}
}
