//! The memory that hashes are made in.

use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::Block;

/// Blocks that are used again: an allocator keeps what large and short-lived blocks it has given to each of many threads.
/// There are as many as hashes have been made at a time, each as large as the largest hash that it was used for.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Vec<Vec<Block>>>);

impl Memory {
    /// Runs `hash` with blocks that nobody else has meanwhile.
    pub(super) fn with<T>(&self, hash: impl FnOnce(&mut Vec<Block>) -> T) -> T {
        let mut blocks = self.free().pop().unwrap_or_default();
        let result = hash(&mut blocks);
        self.free().push(blocks);
        result
    }

    /// Gives it back to the system, since other hashes may need less.
    pub(super) fn clear(&self) {
        self.free().clear();
    }

    fn free(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_used_again_and_by_one_at_a_time() {
        let memory = Memory::default();
        let grow = |blocks: &mut Vec<Block>| {
            let found = blocks.len();
            blocks.resize(found.max(4), Block::new());
            found
        };
        let both = memory.with(|one| (grow(one), memory.with(grow)));
        assert_eq!((both, memory.free().len()), ((0, 0), 2));
        assert_eq!((memory.with(grow), memory.free().len()), (4, 2));
        memory.clear();
        assert_eq!(memory.with(grow), 0);
    }
}
