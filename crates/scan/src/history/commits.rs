//! Commits as reports show them.

use crate::lines;
use detect::{Detector, Scratch, View};
use git::{CommitText, Mailmap, Oid, Reader};
use model::Commit;
use std::collections::HashMap;

/// Reads commits, each once.
pub(crate) struct Commits<'a> {
    reader: Reader<'a>,
    mailmap: &'a Mailmap,
    detector: &'a Detector,
    scratch: Scratch,
    known: HashMap<Oid, Commit>,
}

/// Bytes of a message's first line that are shown, at most.
const SUMMARY: usize = 200;

impl<'a> Commits<'a> {
    pub(crate) fn new(reader: Reader<'a>, mailmap: &'a Mailmap, detector: &'a Detector) -> Commits<'a> {
        Commits { reader, mailmap, detector, scratch: Scratch::default(), known: HashMap::new() }
    }

    /// The commit with this id; one that cannot be read has nothing but the id.
    pub(crate) fn get(&mut self, oid: Oid) -> Commit {
        if let Some(known) = self.known.get(&oid) {
            return known.clone();
        }
        let mut bytes = Vec::new();
        let text = match self.reader.read(&oid, &mut bytes) {
            Ok(Some(git::Kind::Commit)) => CommitText::parse(&bytes),
            _ => None,
        };
        let commit = text.map_or_else(Commit::default, |text| Commit {
            id: String::new(),
            author: self.mailmap.signature(text.author),
            committer: self.mailmap.signature(text.committer),
            summary: self.summary(text.message),
        });
        let commit = Commit { id: oid.to_string(), ..commit };
        self.known.insert(oid, commit.clone());
        commit
    }

    /// The first line of a message, what is a credential in it masked.
    fn summary(&mut self, message: &[u8]) -> String {
        let message = message.trim_ascii_start();
        let line = message.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
        let mut hits = Vec::new();
        // The whole message, not the line: what is before and after may decide.
        self.detector.scan(&mut self.scratch, View::whole(message), 0..message.len(), &mut hits);
        hits.retain(|hit| hit.secret.start < line.len());
        let mut shown = lines::masked(line, &crate::masked::Masked::of(&hits));
        if let Some((at, _)) = shown.char_indices().find(|(at, _)| *at >= SUMMARY) {
            shown.truncate(at);
            shown.push('…');
        }
        shown
    }
}
