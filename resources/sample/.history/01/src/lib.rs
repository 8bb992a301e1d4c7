//! bonjour: a small HTTP service that says hello.

pub mod greeting;
pub mod http;
pub mod log;
pub mod server;
pub mod settings;
