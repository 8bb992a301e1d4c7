//! Floor 5: the window.
