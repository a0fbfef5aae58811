//! A table of connections with stable indexes: what epoll tokens point into.

/// Values by index; freed indexes are used again, last freed first.
#[derive(Debug)]
pub struct Slots<T> {
    values: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Slots<T> {
    /// An empty table.
    pub fn new() -> Self {
        Self {
            values: Vec::new(),
            free: Vec::new(),
        }
    }

    /// The index that the next [`Slots::insert`] will use.
    pub fn next_index(&self) -> usize {
        self.free.last().copied().unwrap_or(self.values.len())
    }

    /// Stores a value and gives its index.
    pub fn insert(&mut self, value: T) -> usize {
        if let Some(index) = self.free.pop() {
            self.values[index] = Some(value);
            return index;
        }
        self.values.push(Some(value));
        self.values.len() - 1
    }

    /// The value at `index`, if it is still there.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.values.get_mut(index).and_then(Option::as_mut)
    }

    /// Takes the value out and frees its index.
    pub fn remove(&mut self, index: usize) -> Option<T> {
        let value = self.values.get_mut(index).and_then(Option::take)?;
        self.free.push(index);
        Some(value)
    }
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Slots;

    #[test]
    fn a_freed_index_is_announced_and_used_again() {
        let mut slots = Slots::new();
        let first = slots.insert('a');
        let second = slots.insert('b');
        assert_eq!(slots.remove(first), Some('a'));
        assert_eq!(slots.get_mut(first), None);
        assert_eq!(slots.next_index(), first);
        assert_eq!(slots.insert('c'), first);
        assert_eq!(slots.get_mut(second), Some(&mut 'b'));
        assert_eq!(slots.next_index(), 2);
    }
}
