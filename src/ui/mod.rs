//! Floor 2: the toolkit of the window; knows no area.
pub mod action;
pub use egui::Ui;
