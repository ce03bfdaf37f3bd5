//! Members of archives that have been looked at: each version of an archive repeats most of them, byte for byte.

use super::holder::Known;
use model::Packed;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use twox_hash::XxHash3_128;

/// What a member is known by. Nobody can make two members of one, in which one could hide the other: what it is made with is
/// drawn anew for each scan.
pub(crate) type Key = (u128, u64, u32);

/// The members that all threads have seen, and the hits in them.
#[derive(Debug)]
pub(crate) struct SeenMembers {
    secret: [u8; 192],
    seen: Mutex<HashMap<Key, Arc<[Known]>>>,
}

/// Members remembered at most, and hits of one of them.
const MEMBERS: usize = 1 << 18;
const HITS: usize = 64;

impl Default for SeenMembers {
    fn default() -> SeenMembers {
        let mut secret = [0; 192];
        for bytes in secret.chunks_exact_mut(8) {
            // Each state is another one.
            bytes.copy_from_slice(&RandomState::new().hash_one(0).to_le_bytes());
        }
        SeenMembers { secret, seen: Mutex::default() }
    }
}

impl SeenMembers {
    /// The key of a member: what is stored, and what its archive says that comes out, which is checked.
    pub(crate) fn key(&self, packed: &Packed<'_>) -> Key {
        let hash = XxHash3_128::oneshot_with_secret(&self.secret, packed.bytes);
        (hash.expect("a secret of 192 bytes"), packed.size, packed.crc)
    }

    /// No foreign code runs under the lock, so a poisoned one guards a sound state.
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Arc<[Known]>>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<[Known]>> {
        self.lock().get(key).cloned()
    }

    pub(crate) fn add(&self, key: Key, known: &[Known]) {
        let mut seen = self.lock();
        if seen.len() < MEMBERS && known.len() <= HITS {
            seen.insert(key, known.into());
        }
    }
}
