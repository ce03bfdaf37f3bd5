//! Members of archives that have been looked at: each version of an archive repeats most of them, byte for byte.

use super::holder::Known;
use model::Packed;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a member is known by. Nobody can make two members of one: then one of them could hide the other.
pub(crate) type Key = [u8; 32];

/// The members that all threads have seen, and the hits in them.
#[derive(Debug, Default)]
pub(crate) struct SeenMembers {
    seen: Mutex<HashMap<Key, Arc<[Known]>>>,
}

/// Members remembered at most, and hits of one of them.
const MEMBERS: usize = 1 << 18;
const HITS: usize = 64;

impl SeenMembers {
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

/// The key of a member: what is stored, and what its archive says that comes out, which is checked.
pub(crate) fn key(packed: &Packed<'_>) -> Key {
    let digest = Sha256::new()
        .chain_update(packed.size.to_le_bytes())
        .chain_update(packed.crc.to_le_bytes())
        .chain_update(packed.bytes);
    digest.finalize().into()
}
