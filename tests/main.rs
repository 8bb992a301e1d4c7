//! The one integration binary: everything that is tested, linked once.

mod engine;
mod tidy;
