//! What is said to a visitor.

/// The greeting, with the place where it is said.
pub fn greet(place: &str) -> String {
    format!("Hello from {place}!\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_named() {
        assert_eq!(greet("staging"), "Hello from staging!\n");
    }
}
