//! Floor 3: one folder per menu.
