//! bonjour: a small HTTP service that says hello.

pub mod greeting;
pub mod health;
pub mod http;
pub mod log;
pub mod server;
pub mod settings;
pub mod stats;
