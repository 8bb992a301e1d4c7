//! Floor 2: the toolkit of the window; knows no area.
