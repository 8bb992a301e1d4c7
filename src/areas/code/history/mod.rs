//! What Code knows of history beyond git's own words: how it is read for a view, how it is searched, and whose a line is.

pub mod lines;
pub mod load;
pub mod search;
