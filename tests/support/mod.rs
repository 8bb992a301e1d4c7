//! What several tests share.

pub(crate) mod children;
pub(crate) mod cli;
pub(crate) mod engine;
pub(crate) mod heard;
pub(crate) mod random;
pub(crate) mod sshd;
pub(crate) mod window;
