//! What a page works out from the model and keeps until that changes: a frame may not sort, filter or count a long list.

use std::cell::RefCell;
use std::rc::Rc;

/// The last value, with what it was worked out from.
#[derive(Debug)]
pub struct Memo<K, V>(RefCell<Option<(K, Rc<V>)>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(RefCell::new(None))
    }
}

impl<K: PartialEq, V> Memo<K, V> {
    /// The value for this key: a generation of the model with the filter and the sort, as a rule.
    pub fn get(&self, key: K, work_out: impl FnOnce() -> V) -> Rc<V> {
        if let Some((known, value)) = &*self.0.borrow()
            && *known == key
        {
            return Rc::clone(value);
        }
        let value = Rc::new(work_out());
        *self.0.borrow_mut() = Some((key, Rc::clone(&value)));
        value
    }
}
