//! x
pub struct Action<I> {
    pub intent: I,
}
