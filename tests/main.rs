//! The one integration binary: everything that is tested, linked once.

#![expect(clippy::unwrap_used, reason = "a helper that fails says where, as a test does")]

mod support;

mod build;
mod cli;
mod code;
mod config;
mod deploy;
mod engine;
mod faults_process;
mod faults_store;
mod files;
mod git_program;
mod masks;
mod monitor;
mod operate;
mod plan;
mod plan_front;
mod process;
mod release;
mod store;
mod store_files;
mod test_area;
mod tidy;
mod toolkit;
mod tour;
mod trust;
mod ui;
mod ui_plan;
