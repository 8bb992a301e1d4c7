//! What Code knows of history beyond git's own words.

pub mod lanes;
