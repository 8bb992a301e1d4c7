//! Floor 2: the kernel.
