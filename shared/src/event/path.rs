//! Where in a document the reader is. Kept only when it is needed: for the message about a document that was refused.

use std::cell::RefCell;
use std::fmt::Write;

/// Dotted path (`payload.steps[2].name`), or nothing at all.
pub(super) struct Path(Option<RefCell<Vec<Step>>>);

enum Step {
    Key(String),
    Index(usize),
}

impl Path {
    /// Keeps nothing and costs nothing.
    pub const fn untracked() -> Self {
        Self(None)
    }

    pub fn tracked() -> Self {
        Self(Some(RefCell::new(Vec::new())))
    }

    pub fn enter(&self, key: &str) {
        if let Some(steps) = &self.0 {
            steps.borrow_mut().push(Step::Key(key.to_owned()));
        }
    }

    pub fn enter_index(&self, index: usize) {
        if let Some(steps) = &self.0 {
            steps.borrow_mut().push(Step::Index(index));
        }
    }

    pub fn leave(&self) {
        if let Some(steps) = &self.0 {
            steps.borrow_mut().pop();
        }
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        for step in self.0.iter().flat_map(|steps| steps.borrow().iter().map(Step::text).collect::<Vec<_>>()) {
            if !text.is_empty() && !step.starts_with('[') {
                text.push('.');
            }
            // A key may be as long as the document; a message needn't be.
            let _ = write!(text, "{}", step.chars().take(64).collect::<String>());
        }
        text
    }
}

impl Step {
    fn text(&self) -> String {
        match self {
            Self::Key(key) => key.clone(),
            Self::Index(index) => format!("[{index}]"),
        }
    }
}
