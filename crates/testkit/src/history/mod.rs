//! Git repositories with credentials planted all over their histories, from a seed: what attribution, deltas and the
//! reading of packs are tested on. What is true of the planted credentials, [`crate::oracle`] finds out.
//!
//! ```
//! use testkit::history::{Feature, History, ObjectFormat, Packing};
//!
//! let history =
//!     History::new(3).commits(80).credentials(40).format(ObjectFormat::Sha256).packing(Packing::Several(3)).build();
//! assert_eq!(history.credentials().len(), 40);
//! assert!(history.count(Feature::LinearEdit) > 0);
//! let head = history.repository().git(&["rev-parse", "HEAD"]);
//! assert_eq!(head.trim().len(), 64);
//! ```
//!
//! With the default sizes (300 commits, 200 credentials) every [`Feature`] is there for most seeds: each scene that
//! makes one is due once, at a random moment, and is tried again until it fits; the rest of the commits are drawn at
//! random. Smaller histories hold what fits. Same parameters, same ids of commits.

mod edits;
mod feature;
mod files;
mod grow;
mod late;
mod packing;
mod scenes;
#[cfg(test)]
mod tests;

pub use feature::Feature;
pub use packing::Packing;

use crate::repository::Repository;
use crate::rng::Rng;
use crate::secrets;
use grow::Grower;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// A planted credential. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its number.
    pub id: usize,
    /// Its text; one line.
    pub secret: String,
}

impl Credential {
    /// Numbers secrets from 0, for histories made by hand.
    pub fn list<S: Into<String>>(secrets: impl IntoIterator<Item = S>) -> Vec<Credential> {
        secrets.into_iter().enumerate().map(|(id, secret)| Credential { id, secret: secret.into() }).collect()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({}, {} bytes)", self.id, self.secret.len())
    }
}

/// How objects are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectFormat {
    /// 40 digits.
    #[default]
    Sha1,
    /// 64 digits.
    Sha256,
}

/// The parameters of a generated history.
#[derive(Clone, Debug)]
pub struct History {
    seed: u64,
    commits: usize,
    credentials: usize,
    format: ObjectFormat,
    packing: Packing,
    secret: fn(&mut Rng) -> Vec<u8>,
}

impl History {
    /// 300 commits, 200 credentials, SHA-1, one pack as git makes it by default.
    pub fn new(seed: u64) -> History {
        let packing = Packing::One { depth: 50, window: 10 };
        let secret = secrets::github_classic;
        History { seed, commits: 300, credentials: 200, format: ObjectFormat::Sha1, packing, secret }
    }

    /// How many commits are drawn, at least 1; stashes and notes come on top.
    #[must_use]
    pub fn commits(self, commits: usize) -> History {
        History { commits: commits.max(1), ..self }
    }

    /// How many credentials are planted, at least 1, all of them different and every one somewhere.
    #[must_use]
    pub fn credentials(self, credentials: usize) -> History {
        History { credentials: credentials.max(1), ..self }
    }

    /// How objects are named.
    #[must_use]
    pub fn format(self, format: ObjectFormat) -> History {
        History { format, ..self }
    }

    /// How objects are stored.
    #[must_use]
    pub fn packing(self, packing: Packing) -> History {
        History { packing, ..self }
    }

    /// What makes a credential; by default [`secrets::github_classic`]. It must give ASCII on one line and enough of it
    /// that two are never the same.
    #[must_use]
    pub fn secret(self, secret: fn(&mut Rng) -> Vec<u8>) -> History {
        History { secret, ..self }
    }

    /// Makes the repository.
    ///
    /// # Panics
    /// If git refuses, or what makes credentials does not keep to its terms.
    pub fn build(&self) -> Grown {
        let credentials = self.make_credentials();
        let grown = Grower::grow(self.seed, self.commits, &credentials);
        let mut repository = Repository::with_format(match self.format {
            ObjectFormat::Sha1 => "sha1",
            ObjectFormat::Sha256 => "sha256",
        });
        repository.git(&["config", "gc.auto", "0"]);
        let unpack = if self.packing == Packing::Loose { u32::MAX >> 1 } else { 0 };
        let ids = grown.sketch.import_with(&repository, unpack);
        let mut features = grown.features.clone();
        late::finish(&mut repository, &grown, &ids, &credentials, &mut features);
        self.packing.pack(&repository);
        Grown { repository, credentials, features }
    }

    fn make_credentials(&self) -> Vec<Credential> {
        // Not the sequence that the history is drawn from.
        let mut rng = Rng::new(self.seed ^ 0x5eed_c4ed);
        let secrets = (0..self.credentials).map(|_| String::from_utf8((self.secret)(&mut rng)).expect("ASCII"));
        let credentials = Credential::list(secrets);
        let distinct: std::collections::BTreeSet<&str> = credentials.iter().map(|c| c.secret.as_str()).collect();
        assert_eq!(distinct.len(), credentials.len(), "every credential is different");
        let single = |c: &Credential| !c.secret.is_empty() && !c.secret.contains('\n');
        assert!(credentials.iter().all(single), "a credential is one line");
        credentials
    }
}

/// A generated repository; gone when dropped.
#[derive(Debug)]
pub struct Grown {
    repository: Repository,
    credentials: Vec<Credential>,
    features: BTreeMap<Feature, usize>,
}

impl Grown {
    /// The work tree; `HEAD` is `main` and checked out.
    pub fn path(&self) -> &Path {
        self.repository.path()
    }

    /// The repository.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The planted credentials, by id.
    pub fn credentials(&self) -> &[Credential] {
        &self.credentials
    }

    /// How often something happens in this history.
    pub fn count(&self, feature: Feature) -> usize {
        self.features.get(&feature).copied().unwrap_or(0)
    }
}
