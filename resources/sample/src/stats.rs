//! Counters, as `/metrics` shows them.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Answers by class of status, since the start.
#[derive(Debug, Default)]
pub struct Stats {
    answers: [AtomicU64; 3],
    micros: AtomicU64,
}

const CLASSES: [&str; 3] = ["2xx", "4xx", "5xx"];

impl Stats {
    /// Counts one answer.
    pub fn count(&self, status: u16, micros: u64) {
        let class = match status {
            0..400 => 0,
            400..500 => 1,
            _ => 2,
        };
        self.answers[class].fetch_add(1, Relaxed);
        self.micros.fetch_add(micros, Relaxed);
    }

    /// The Prometheus text format.
    pub fn text(&self) -> String {
        let mut text = String::from(
            "# HELP bonjour_answers_total Answers by class of status.\n# TYPE bonjour_answers_total counter\n",
        );
        for (class, count) in CLASSES.iter().zip(&self.answers) {
            text += &format!(
                "bonjour_answers_total{{class=\"{class}\"}} {}\n",
                count.load(Relaxed)
            );
        }
        let seconds = self.micros.load(Relaxed) as f64 / 1e6;
        text += "# HELP bonjour_answer_seconds_total Time spent on answers.\n# TYPE bonjour_answer_seconds_total counter\n";
        text += &format!("bonjour_answer_seconds_total {seconds}\n");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_class() {
        let stats = Stats::default();
        for status in [200, 200, 404, 503] {
            stats.count(status, 500);
        }
        let text = stats.text();
        for line in [
            "{class=\"2xx\"} 2\n",
            "{class=\"4xx\"} 1\n",
            "{class=\"5xx\"} 1\n",
            "seconds_total 0.002\n",
        ] {
            assert!(text.contains(line), "no {line:?} in\n{text}");
        }
    }
}
