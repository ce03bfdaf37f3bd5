//! Trees that were read lately: most of what two neighbouring commits hold is the same.

use super::Absent;
use crate::objects::Reader;
use crate::oid::{Kind, Oid};
use std::collections::HashMap;
use std::rc::Rc;

/// Trees by id, about so many bytes of them. Two generations: what is not asked for while one fills up goes.
pub(super) struct Trees {
    young: HashMap<Oid, Rc<Vec<u8>>>,
    old: HashMap<Oid, Rc<Vec<u8>>>,
    filled: usize,
    generation: usize,
}

impl Trees {
    pub(super) fn new(bytes: usize) -> Trees {
        Trees { young: HashMap::new(), old: HashMap::new(), filled: 0, generation: bytes / 2 }
    }

    pub(super) fn get(&mut self, oid: &Oid, reader: &mut Reader<'_>) -> Result<Rc<Vec<u8>>, Absent> {
        if let Some(tree) = self.young.get(oid) {
            return Ok(Rc::clone(tree));
        }
        let tree = match self.old.remove(oid) {
            Some(tree) => tree,
            None => Rc::new(read(oid, reader)?),
        };
        if self.filled + tree.len() > self.generation {
            self.old = std::mem::take(&mut self.young);
            self.filled = 0;
        }
        self.filled += tree.len();
        self.young.insert(*oid, Rc::clone(&tree));
        Ok(tree)
    }
}

pub(super) fn read(oid: &Oid, reader: &mut Reader<'_>) -> Result<Vec<u8>, Absent> {
    let mut bytes = Vec::new();
    match reader.read(oid, &mut bytes) {
        Ok(Some(Kind::Tree)) => Ok(bytes),
        Ok(Some(other)) => Err(Absent::Damaged(format!("a {}, where a folder is expected", other.name()))),
        Ok(None) => Err(Absent::NotThere),
        Err(reason) => Err(Absent::Damaged(reason.to_string())),
    }
}
