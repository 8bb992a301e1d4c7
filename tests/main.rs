//! The one integration binary: everything that is tested, linked once.

#![expect(clippy::unwrap_used, reason = "a helper that fails says where, as a test does")]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what is skipped and which seed was used is said loudly"
)]
#![expect(clippy::disallowed_methods, reason = "servers of the tests have threads of their own")]
#![expect(
    clippy::naive_bytecount,
    clippy::regex_creation_in_loops,
    clippy::needless_for_each,
    reason = "plain words are enough in a test"
)]
#![expect(
    clippy::unused_io_amount,
    reason = "a server of a test that reads one request does not mind how long it was"
)]

mod support;

mod build;
mod cli;
mod cli_words;
mod code;
mod config;
mod config_words;
mod deploy;
mod desktop;
mod devops;
mod engine;
mod faults_process;
mod faults_store;
mod files;
mod git_program;
mod hostile_text;
mod interrupt;
mod kept;
mod licences;
mod masks;
mod monitor;
mod operate;
mod plan;
mod plan_backlog;
mod plan_burn;
mod plan_carried;
mod plan_front;
mod plan_generated;
mod plan_hands;
mod plan_items;
mod plan_merged;
mod plan_module_words;
mod plan_modules;
mod plan_named;
mod plan_odoo;
mod plan_packages;
mod plan_schedule;
mod plan_told;
mod plan_words;
mod process;
mod recordings;
mod release;
mod secrets;
mod store;
mod store_files;
mod terminal;
mod test_area;
mod tidy;
mod told;
mod toolkit;
mod tour;
mod trust;
mod ui;
mod ui_frame;
mod ui_plan;
mod ui_plan_modules;
mod ui_runs;
mod ui_workspace;
mod window;
mod written_files;
