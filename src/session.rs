//! Floor 4: assembly.
