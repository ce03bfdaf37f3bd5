use serde::{Deserialize, Serialize};

/// What a provider, asked, said about a credential. Holds no secret: whoever makes one covers what a provider echoed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Verdict {
    /// Nobody was asked.
    #[default]
    NotChecked,
    /// It works.
    Live(Box<Live>),
    /// It was refused as a credential, by whom it belongs to.
    Dead {
        /// The refusal, one phrase.
        #[serde(default)]
        why: String,
    },
    /// No answer that decides.
    Unknown {
        /// Why not, one phrase.
        why: String,
        /// After how many seconds it is worth asking again, where that was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    },
}

/// What a provider told about a credential that works.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Live {
    /// Whose it is: an account, a user, a project; `None` where nothing tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// What it may do, as the provider names it; sorted, empty where nothing tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// When it ends, as the provider writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// What the answer was that says so, one phrase.
    #[serde(default)]
    pub evidence: String,
    /// What can be reached with it; asked for only where the user wants to know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reach: Vec<Reachable>,
}

/// A kind of thing that can be reached with a credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reachable {
    /// The kind, such as `organisations`.
    pub kind: String,
    /// How many the provider named in one answer.
    pub count: u64,
    /// The first of them.
    pub names: Vec<String>,
}

impl Verdict {
    /// That it works, and nothing more is known.
    pub fn live() -> Verdict {
        Verdict::Live(Box::default())
    }

    /// That it was refused, and why.
    pub fn dead(why: impl Into<String>) -> Verdict {
        Verdict::Dead { why: why.into() }
    }

    /// That nothing decides, and why.
    pub fn unknown(why: impl Into<String>) -> Verdict {
        Verdict::Unknown { why: why.into(), retry_after: None }
    }

    /// Whether it works.
    pub const fn is_live(&self) -> bool {
        matches!(self, Verdict::Live(_))
    }

    /// Whether it was refused.
    pub const fn is_dead(&self) -> bool {
        matches!(self, Verdict::Dead { .. })
    }

    /// The name reports use.
    pub const fn name(&self) -> &'static str {
        match self {
            Verdict::NotChecked => "not-checked",
            Verdict::Live(_) => "live",
            Verdict::Dead { .. } => "dead",
            Verdict::Unknown { .. } => "unknown",
        }
    }

    /// What there is to say beyond the name, in phrases: whose it is, what it may do, until when, or why.
    pub fn details(&self) -> Vec<String> {
        match self {
            Verdict::NotChecked => Vec::new(),
            Verdict::Live(live) => live.details(),
            Verdict::Dead { why } => (!why.is_empty()).then(|| why.clone()).into_iter().collect(),
            Verdict::Unknown { why, retry_after } => {
                let again = retry_after.map(|seconds| format!("worth asking again after {seconds} s"));
                std::iter::once(why.clone()).chain(again).collect()
            }
        }
    }

    /// All texts in it, to cover or to search.
    pub fn texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            Verdict::NotChecked => Vec::new(),
            Verdict::Dead { why } | Verdict::Unknown { why, .. } => vec![why],
            Verdict::Live(live) => {
                let Live { identity, scopes, expires, evidence, reach } = &mut **live;
                let reached = reach.iter_mut().flat_map(|one| std::iter::once(&mut one.kind).chain(&mut one.names));
                identity.iter_mut().chain(scopes).chain(expires).chain([evidence]).chain(reached).collect()
            }
        }
    }
}

impl Live {
    fn details(&self) -> Vec<String> {
        let mut details: Vec<String> = self.identity.clone().into_iter().collect();
        if !self.scopes.is_empty() {
            details.push(format!("scopes {}", self.scopes.join(", ")));
        }
        details.extend(self.expires.as_ref().map(|end| format!("until {end}")));
        details.extend(self.reach.iter().map(|one| {
            let named = if one.names.is_empty() { String::new() } else { format!(" ({})", one.names.join(", ")) };
            format!("{} {}{named}", one.count, one.kind)
        }));
        details.extend((!self.evidence.is_empty()).then(|| self.evidence.clone()));
        details
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_say_whose_and_how_much() {
        let live = Live {
            identity: Some("octocat".into()),
            scopes: vec!["gist".into(), "repo".into()],
            expires: None,
            evidence: "200 from api.github.com".into(),
            reach: vec![Reachable { kind: "organisations".into(), count: 2, names: vec!["a".into()] }],
        };
        let details = Verdict::Live(Box::new(live)).details();
        assert_eq!(details, ["octocat", "scopes gist, repo", "2 organisations (a)", "200 from api.github.com"]);
        let unknown = Verdict::Unknown { why: "429".into(), retry_after: Some(60) };
        assert_eq!(unknown.details(), ["429", "worth asking again after 60 s"]);
    }
}
