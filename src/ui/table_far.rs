//! Scrolling farther than an f32 can count: past some height the bar stands for a shorter list, and the table keeps the exact place.

/// The height that the scroll bar works with, at most: there an f32 still has sixteenths of a point.
const SHOWN: f64 = 1_000_000.0;

/// Heights in points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Far {
    total: f64,
    view: f64,
}

impl Far {
    pub(super) fn new(total: f64, view: f64) -> Self {
        Self { total, view }
    }

    pub(super) fn is_far(self) -> bool {
        self.total > SHOWN
    }

    pub(super) fn max_offset(self) -> f64 {
        (self.total - self.view).max(0.0)
    }

    pub(super) fn shown_height(self) -> f32 {
        self.total.min(SHOWN) as f32
    }

    /// Points of the list to one point of the bar.
    fn ratio(self) -> f64 {
        if self.is_far() {
            self.max_offset() / (SHOWN - self.view).max(1.0)
        } else {
            1.0
        }
    }

    /// Where the bar stands.
    pub(super) fn shown(self, offset: f64) -> f32 {
        (offset / self.ratio()) as f32
    }

    /// The exact place after the bar went from that of `offset` to `shown`: a wheel moves by points, a dragged bar by its share.
    pub(super) fn follow(self, offset: f64, shown: f32) -> f64 {
        let moved = f64::from(shown) - f64::from(self.shown(offset));
        let to = if moved.abs() <= self.view * 1.5 {
            offset + moved
        } else {
            f64::from(shown) * self.ratio()
        };
        to.clamp(0.0, self.max_offset())
    }
}
