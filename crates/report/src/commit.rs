use crate::history::Words;
use model::{Commit, Signature};
use serde::Serialize;
use std::borrow::Cow;

/// A commit as the JSON formats hold it.
#[derive(Serialize)]
pub(crate) struct CommitObject<'a> {
    id: Cow<'a, str>,
    author: SignatureObject<'a>,
    committer: SignatureObject<'a>,
    summary: Cow<'a, str>,
}

impl<'a> CommitObject<'a> {
    pub(crate) fn new(commit: &'a Commit, words: Words<'_, '_>) -> CommitObject<'a> {
        CommitObject {
            id: words.text(&commit.id),
            author: SignatureObject::new(&commit.author, words),
            committer: SignatureObject::new(&commit.committer, words),
            summary: words.text(&commit.summary),
        }
    }
}

#[derive(Serialize)]
struct SignatureObject<'a> {
    name: Cow<'a, str>,
    email: Cow<'a, str>,
    time: String,
}

impl<'a> SignatureObject<'a> {
    fn new(signature: &'a Signature, words: Words<'_, '_>) -> SignatureObject<'a> {
        SignatureObject {
            name: words.text(&signature.name),
            email: words.text(&signature.email),
            time: signature.time.to_string(),
        }
    }
}
