//! What the classic builder says, read as steps: begun, taken from the cache, done. Its words are those of moby's `builder/dockerfile`.

use super::dockerfile::Instruction;
use crate::base::docker::{BuildStep, StepState};
use crate::base::{Timestamp, time};

/// Reads the builder's words as they come.
#[derive(Debug, Default)]
pub struct Steps {
    instructions: Vec<Instruction>,
    rest: String,
    step: Option<BuildStep>,
    began_at: Timestamp,
    /// Of the finished image, as the builder says it.
    pub image: String,
}

/// What one line was.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// A step began or changed; the line is shown too.
    Step(Box<BuildStep>),
    Line,
}

impl Steps {
    pub fn new(instructions: Vec<Instruction>) -> Self {
        Self {
            instructions,
            ..Self::default()
        }
    }

    /// Whole lines, each with what it meant; a rest waits for its end.
    pub fn take(&mut self, text: &str, now: Timestamp) -> Vec<(String, Vec<Said>)> {
        self.rest.push_str(text);
        let mut lines = Vec::new();
        while let Some(end) = self.rest.find('\n') {
            let line: String = self.rest.drain(..=end).collect();
            let line = line.trim_end_matches(['\n', '\r']).to_owned();
            let said = self.line(&line, now);
            lines.push((line, said));
        }
        lines
    }

    /// What came without an end of line.
    pub fn finish(&mut self) -> Option<String> {
        Some(std::mem::take(&mut self.rest)).filter(|rest| !rest.is_empty())
    }

    /// The step that runs has ended in this way.
    pub fn end(&mut self, state: StepState, now: Timestamp) -> Option<BuildStep> {
        let mut step = self.step.take()?;
        step.duration_ms = (time::secs_between(self.began_at, now) * 1000.0) as u64;
        if step.state == StepState::Running {
            step.state = state;
        }
        Some(step)
    }

    fn line(&mut self, line: &str, now: Timestamp) -> Vec<Said> {
        if let Some((number, total, instruction)) = step_of(line) {
            let mut said: Vec<Said> = self
                .end(StepState::Done, now)
                .map(|step| Said::Step(Box::new(step)))
                .into_iter()
                .collect();
            let step = BuildStep {
                number,
                total,
                instruction: instruction.to_owned(),
                line: self.line_of(number, instruction),
                ..BuildStep::default()
            };
            self.step = Some(step.clone());
            self.began_at = now;
            said.push(Said::Step(Box::new(step)));
            return said;
        }
        let Some(step) = &mut self.step else { return vec![Said::Line] };
        if line == " ---> Using cache" {
            step.state = StepState::Cached;
            return vec![Said::Step(Box::new(step.clone()))];
        }
        if let Some(id) = line.strip_prefix(" ---> ").filter(|id| is_id(id)) {
            id.clone_into(&mut step.image);
            return vec![Said::Step(Box::new(step.clone()))];
        }
        if let Some(id) = line.strip_prefix("Successfully built ") {
            id.clone_into(&mut self.image);
            let ended = self.end(StepState::Done, now);
            return ended.map(|step| Said::Step(Box::new(step))).into_iter().collect();
        }
        vec![Said::Line]
    }

    /// Steps are counted like the instructions of the file; one whose word does not fit is not guessed at.
    fn line_of(&self, number: u32, instruction: &str) -> Option<u32> {
        let at = self.instructions.get(number.checked_sub(1)? as usize)?;
        let word = instruction.split_whitespace().next()?;
        at.word.eq_ignore_ascii_case(word).then_some(at.line)
    }
}

/// `Step 2/5 : RUN make`.
fn step_of(line: &str) -> Option<(u32, u32, &str)> {
    let (numbers, instruction) = line.strip_prefix("Step ")?.split_once(" : ")?;
    let (number, total) = numbers.split_once('/')?;
    Some((number.parse().ok()?, total.parse().ok()?, instruction))
}

fn is_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
