//! What Code knows of history beyond git's own words: how it is read for a view, and how it is searched.

pub mod load;
pub mod search;
