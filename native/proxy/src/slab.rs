//! A table with stable places, reused from the most recently freed, each with a generation.

use crate::io::{GENERATION_MASK, Side, Token};

pub(crate) struct Slab<T> {
    side: Side,
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Slab<T> {
    pub fn new(side: Side) -> Self {
        Self {
            side,
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// The token that the next [`Slab::insert`] will give out.
    pub fn next_token(&self) -> Token {
        let index = self.free.last().copied().unwrap_or(self.slots.len() as u32);
        let generation = self
            .slots
            .get(index as usize)
            .map_or(0, |slot| slot.generation);
        Token::new(self.side, index, generation)
    }

    pub fn insert(&mut self, value: T) -> Token {
        let token = self.next_token();
        match self.free.pop() {
            Some(index) => self.slots[index as usize].value = Some(value),
            None => self.slots.push(Slot {
                generation: 0,
                value: Some(value),
            }),
        }
        token
    }

    pub fn remove(&mut self, token: Token) -> Option<T> {
        let slot = self.slots.get_mut(token.index())?;
        if slot.generation != token.generation() {
            return None;
        }
        let value = slot.value.take()?;
        slot.generation = (slot.generation + 1) & GENERATION_MASK;
        self.free.push(token.index() as u32);
        Some(value)
    }

    #[inline]
    pub fn get(&self, token: Token) -> Option<&T> {
        let slot = self.slots.get(token.index())?;
        if slot.generation == token.generation() {
            slot.value.as_ref()
        } else {
            None
        }
    }

    #[inline]
    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        let slot = self.slots.get_mut(token.index())?;
        if slot.generation == token.generation() {
            slot.value.as_mut()
        } else {
            None
        }
    }

    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Tokens of all present values; allocates, for rare sweeps only.
    pub fn tokens(&self) -> Vec<Token> {
        let present = self
            .slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| slot.value.is_some());
        present
            .map(|(index, slot)| Token::new(self.side, index as u32, slot.generation))
            .collect()
    }
}
