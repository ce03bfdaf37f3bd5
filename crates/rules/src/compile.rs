//! Checks rule texts and compiles them: computes reach, chooses anchors, refuses what has no bound.

use crate::error::Error;
use crate::pattern::{self, parse};
use crate::proof::Proof;
use crate::rule::*;
use crate::shape::{self, ByteSet, NotAShape, Shape, Step};
use crate::text::{AssignmentText, CompanionText, RuleFile, RuleText};
use crate::{revoke_text, verify_text};
use model::Confidence;
use toml::Spanned;

/// Bytes to either side of an assignment's name that its hit may read: the rest of the name, the separator, the value.
pub const ASSIGNMENT_REACH: Reach = Reach { before: 160, after: 640 };
/// Bytes around `://` that a URL's credentials may take.
pub const USERINFO_REACH: Reach = Reach { before: 64, after: 512 };
/// Bytes before an anchor in which the name of a value is looked for.
pub const NAME_REACH: u32 = 128;
/// Bytes after `-----BEGIN` in which an armoured block must end.
pub const ARMOUR_REACH: Reach = Reach { before: 128, after: 32 << 10 };
/// Keywords are looked for this far before a match unless the rule says otherwise.
const KEYWORD_DISTANCE: u32 = 96;
/// And never farther.
const MAX_KEYWORD_DISTANCE: u32 = 256;
/// A companion may start this far from the match, at most.
const MAX_COMPANION_DISTANCE: u32 = 1024;
/// The longest keyword, in bytes.
pub const MAX_KEYWORD: usize = 40;
/// So many bytes behind a token tell whether it is the digest of a file.
pub const BEHIND_TOKEN: usize = 8;
/// A match may lie this far from the literal that it stands beside, in bytes.
const BESIDE: u32 = 16 << 10;
/// The longest label of an armoured block, in bytes.
const MAX_LABEL: usize = 44;

/// Parses, checks and compiles one rule file. `file` is the name that errors give.
///
/// # Errors
/// At the first fault: the file, line and rule, and how to mend it.
pub fn compile_file(file: &str, text: &str) -> Result<Vec<(Rule, Details)>, Error> {
    let parsed: RuleFile = toml::from_str(text).map_err(|e| {
        let error = Error::new(file, one_line(e.message()));
        match e.span() {
            Some(span) => error.at(text, span.start),
            None => error,
        }
    })?;
    let mut compiled = Vec::with_capacity(parsed.rules.len());
    for rule in &parsed.rules {
        let context = Context { file, text, provider: &parsed.provider, start: rule.span().start };
        compiled.push(context.compile(rule.get_ref())?);
    }
    Ok(compiled)
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Context<'a> {
    file: &'a str,
    text: &'a str,
    provider: &'a str,
    start: usize,
}

impl Context<'_> {
    fn error(&self, rule: &RuleText, message: impl Into<String>) -> Error {
        Error::new(self.file, message).at(self.text, rule.id.span().start).rule(rule.id.get_ref())
    }

    fn error_at<T>(&self, rule: &RuleText, place: &Spanned<T>, message: impl Into<String>) -> Error {
        Error::new(self.file, message).at(self.text, place.span().start).rule(rule.id.get_ref())
    }

    fn compile(&self, text: &RuleText) -> Result<(Rule, Details), Error> {
        self.check_words(text)?;
        let matcher = self.matcher(text)?;
        let keywords: Vec<String> = text.keywords.iter().map(|k| k.to_ascii_lowercase()).collect();
        let anchor = self.anchor(text, &matcher, &keywords)?;
        let distance = text.keyword_distance.unwrap_or(KEYWORD_DISTANCE);
        if distance > MAX_KEYWORD_DISTANCE {
            return Err(
                self.error(text, format!("keyword_distance is {distance}; at most {MAX_KEYWORD_DISTANCE} bytes"))
            );
        }
        let companions = text.companions.iter().map(|c| self.companion(text, c)).collect::<Result<Vec<_>, _>>()?;
        let distinctive = matches!(anchor, Anchor::Prefix(_)) && keywords.is_empty();
        let default = if distinctive { Confidence::High } else { Confidence::Medium };
        let mut rule = Rule {
            id: text.id.get_ref().clone(),
            provider: self.provider.to_owned(),
            name: text.name.clone(),
            severity: text.severity,
            confidence: text.confidence.unwrap_or(default),
            public_prefix: public_prefix(&matcher),
            matcher,
            anchor,
            reach: Reach::default(),
            keywords,
            keyword_distance: distance,
            bare_name: None,
            min_entropy: hundredths(text.min_entropy.unwrap_or(0.0)),
            min_likelihood: (text.min_likelihood.unwrap_or(0.0) * 100.0).clamp(0.0, 100.0) as u8,
            proof: self.proof(text)?,
            companions,
            allow: Vec::new(),
            length: text.length,
            claims: text.claims.as_ref().map(|claims| self.shape(text, claims, false)).transpose()?,
            alone: text.alone,
            path: text.path.as_ref().map(|path| path.get_ref().clone()),
            generic: text.generic,
            declared: text.declared,
            expiry: self.expiry(text)?,
            tags: text.tags.clone(),
            rotate: text.rotate.clone(),
        };
        rule.reach = reach(&rule);
        let details = self.details(text)?;
        Ok((rule.with_bare_name(), details))
    }

    fn check_words(&self, text: &RuleText) -> Result<(), Error> {
        let id = text.id.get_ref();
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || !id.chars().all(fine) {
            return Err(self.error(text, "an id is made of a-z, 0-9 and '-'"));
        }
        if text.name.trim().is_empty() {
            return Err(self.error(text, "name is empty; say in one line what the credential is"));
        }
        if text.beside.iter().any(|literal| literal.len() < 3) {
            return Err(self.error(text, "beside needs literals of 3 bytes or more"));
        }
        if !text.beside.is_empty() && (text.pattern.is_none() || !text.keywords.is_empty()) {
            return Err(self.error(text, "beside goes with a pattern, and without keywords"));
        }
        if text.alone && text.shape.is_none() || text.length.is_some() && text.shape.is_none() && !text.present {
            return Err(self.error(text, "alone goes with a shape, length with a shape or with present"));
        }
        if text.present && text.path.is_none() {
            return Err(self.error(text, "present goes with a path: say where such files lie"));
        }
        if let Some(path) = &text.path {
            parse(path.get_ref()).map_err(|e| self.error_at(text, path, e))?;
        }
        if let Some(long) = text.keywords.iter().find(|k| k.len() > MAX_KEYWORD || k.len() < 2) {
            return Err(self.error(text, format!("keyword '{long}' must have 2 to {MAX_KEYWORD} bytes")));
        }
        Ok(())
    }

    fn matcher(&self, text: &RuleText) -> Result<Matcher, Error> {
        let given = [
            text.shape.is_some(),
            text.pattern.is_some(),
            text.assignment.is_some(),
            text.userinfo.is_some(),
            text.armour.is_some(),
            text.log.is_some(),
            text.present,
        ];
        if given.iter().filter(|g| **g).count() != 1 {
            let ways = "shape, pattern, assignment, userinfo, armour, log and present";
            return Err(self.error(text, format!("give exactly one of {ways}")));
        }
        if text.present {
            return Ok(Matcher::Path);
        }
        if let Some(shape) = &text.shape {
            return self.shape(text, shape, text.boundary.unwrap_or(true)).map(Matcher::Shape);
        }
        if let Some(pattern) = &text.pattern {
            return self.pattern(text, pattern);
        }
        if let Some(assignment) = &text.assignment {
            return self.assignment(text, assignment);
        }
        if let Some(userinfo) = &text.userinfo {
            return Ok(Matcher::UserInfo { schemes: userinfo.schemes.clone() });
        }
        if let Some(log) = &text.log {
            return self.log_sign(text, log);
        }
        let armour = text.armour.as_ref().expect("one of the seven is given");
        let fits = |label: &String| (1..=MAX_LABEL).contains(&label.len());
        if armour.labels.is_empty() || !armour.labels.iter().all(fits) {
            return Err(self.error(text, format!("armour.labels needs labels of 1 to {MAX_LABEL} bytes")));
        }
        Ok(Matcher::Armour { labels: armour.labels.clone() })
    }

    fn log_sign(&self, text: &RuleText, log: &str) -> Result<Matcher, Error> {
        let found = LogSign::ALL.iter().find(|(_, name)| *name == log);
        found.map(|(sign, _)| Matcher::Log(*sign)).ok_or_else(|| {
            let names: Vec<_> = LogSign::ALL.iter().map(|(_, name)| *name).collect();
            self.error(text, format!("log is '{log}', and none of {}", names.join(", ")))
        })
    }

    fn assignment(&self, text: &RuleText, assignment: &AssignmentText) -> Result<Matcher, Error> {
        let lower = |words: &[String]| words.iter().map(|w| w.to_ascii_lowercase()).collect::<Vec<_>>();
        let (names, after) = (lower(&assignment.names), lower(&assignment.after));
        let word = |word: &str| !word.is_empty() && word.chars().all(char::is_alphanumeric);
        let fits = |name: &String| {
            let words = name.strip_prefix('_').unwrap_or(name);
            (3..=MAX_KEYWORD).contains(&name.len()) && words.split('_').all(word)
        };
        if let Some(name) = names.iter().find(|name| !fits(name)) {
            let message =
                format!("name '{name}' must have 3 to {MAX_KEYWORD} letters and digits, words joined by one '_'");
            return Err(self.error(text, message));
        }
        if let Some(name) = after.iter().find(|name| !word(name) || name.len() > MAX_KEYWORD) {
            return Err(
                self.error(text, format!("'{name}' in after must be one word of at most {MAX_KEYWORD} letters"))
            );
        }
        let (least, most) = assignment.length.unwrap_or((4, 200));
        if names.is_empty() || least > most {
            return Err(
                self.error(text, "assignment needs names, and a length that runs from the least to the greatest")
            );
        }
        Ok(Matcher::Assignment(Assignment { names, after, len: (least, most) }))
    }

    fn shape(&self, rule: &RuleText, text: &Spanned<String>, boundary: bool) -> Result<Shape, Error> {
        let hir = parse(text.get_ref()).map_err(|e| self.error_at(rule, text, e))?;
        shape::lower(&hir, boundary).map_err(|why| {
            let message = match why {
                NotAShape::Unbounded(what) => format!("'{what}' has no upper bound; write one, such as '{{20,200}}'"),
                NotAShape::Other(what) => format!("no shape: {what}; write it as 'pattern' instead"),
            };
            self.error_at(rule, text, message)
        })
    }

    fn pattern(&self, rule: &RuleText, text: &Spanned<String>) -> Result<Matcher, Error> {
        if let Some(what) = pattern::first_unbounded(&parse(text.get_ref()).map_err(|e| self.error_at(rule, text, e))?)
        {
            let message = format!("'{what}' has no upper bound; write one, such as '{{20,200}}'");
            return Err(self.error_at(rule, text, message));
        }
        let literals = pattern::leading_literals(text.get_ref());
        let leads = !literals.is_empty() && rule.beside.is_empty();
        let context = if rule.beside.is_empty() { 0 } else { BESIDE };
        let compiled = pattern::compile(text.get_ref(), leads, context);
        let (mut pattern, _) = compiled.map_err(|e| self.error_at(rule, text, e))?;
        if literals.is_empty() && rule.beside.is_empty() && rule.keywords.is_empty() {
            // Anchored at a literal inside: what may stand before it is known.
            pattern.before =
                pattern::before_inner_literal(text.get_ref()).map_or(pattern.before, |before| before.max(1));
        }
        Ok(Matcher::Pattern(pattern))
    }

    fn anchor(&self, text: &RuleText, matcher: &Matcher, keywords: &[String]) -> Result<Anchor, Error> {
        match matcher {
            Matcher::Shape(shape) => self.shape_anchor(text, shape, keywords),
            Matcher::Pattern(_) if !text.beside.is_empty() => {
                Ok(Anchor::Literal { literals: text.beside.clone(), ignore_case: false })
            }
            Matcher::Pattern(pattern) => {
                let literals = pattern::leading_literals(&pattern.regex);
                if !literals.is_empty() {
                    return Ok(Anchor::Literal { literals, ignore_case: false });
                }
                if keywords.is_empty() {
                    let inner = pattern::inner_literal(&pattern.regex).ok_or_else(|| {
                        self.error(text, "the pattern holds no literal of 3 bytes; give keywords it contains")
                    })?;
                    return Ok(Anchor::Literal { literals: vec![inner], ignore_case: false });
                }
                Ok(Anchor::Literal { literals: keywords.to_vec(), ignore_case: true })
            }
            Matcher::Assignment(assignment) => {
                Ok(Anchor::Literal { literals: beginnings(&assignment.names), ignore_case: true })
            }
            Matcher::UserInfo { .. } => Ok(Anchor::Literal { literals: vec!["://".into()], ignore_case: false }),
            Matcher::Armour { .. } => Ok(Anchor::Literal { literals: vec!["-----BEGIN".into()], ignore_case: false }),
            Matcher::Path => Ok(Anchor::Path),
            Matcher::Log(_) => Ok(Anchor::Log),
        }
    }

    fn shape_anchor(&self, text: &RuleText, shape: &Shape, keywords: &[String]) -> Result<Anchor, Error> {
        if let Some(anchor) = prefix_anchor(shape) {
            return Ok(anchor);
        }
        let prefixes: Vec<&[u8]> = shape.alternatives.iter().map(|steps| Shape::prefix(steps)).collect();
        if prefixes.iter().all(|p| p.len() >= 3) {
            return Ok(Anchor::Literal { literals: distinct(&prefixes), ignore_case: false });
        }
        if !shape.alternatives.iter().all(|steps| starts_in_run(shape, steps)) {
            return Err(self.error(
                text,
                format!("without a literal of 3 bytes in front, a match must start with {MIN_RUN} token bytes"),
            ));
        }
        let runs: Option<Vec<_>> = shape.alternatives.iter().map(|steps| first_run(shape, steps)).collect();
        let runs = runs.ok_or_else(|| {
            self.error(
                text,
                "the first run of the shape cannot be told apart from its surroundings; start it with one class",
            )
        })?;
        let class = runs.iter().map(|r| r.0).max().expect("a shape has an alternative");
        if runs.iter().any(|r| r.0 != class) {
            return Err(self.error(text, "the alternatives start with runs of different classes; split the rule"));
        }
        let literal_bytes = prefixes.iter().map(|p| p.len()).min().unwrap_or(0);
        if keywords.is_empty() && !text.alone && literal_bytes < 2 && inner_literal(shape) < 3 {
            return Err(self.error(text, "the shape alone is not distinctive; give keywords"));
        }
        let low = runs.iter().map(|r| r.1).min().expect("not empty");
        let high = runs.iter().map(|r| r.2).max().expect("not empty");
        Ok(Anchor::Token { class, len: (clamp(low), clamp(high)) })
    }

    fn companion(&self, rule: &RuleText, text: &CompanionText) -> Result<Companion, Error> {
        let distance = text.distance.unwrap_or(256);
        if distance > MAX_COMPANION_DISTANCE {
            let message = format!("companion distance is {distance}; at most {MAX_COMPANION_DISTANCE} bytes");
            return Err(self.error_at(rule, &text.shape, message));
        }
        if text.bound && text.keywords.is_empty() {
            return Err(self.error_at(rule, &text.shape, "a companion that is bound needs the keywords that name it"));
        }
        Ok(Companion {
            name: text.name.clone(),
            shape: self.shape(rule, &text.shape, true)?,
            distance,
            keywords: text.keywords.iter().map(|k| k.to_ascii_lowercase()).collect(),
            min_entropy: hundredths(text.min_entropy.unwrap_or(0.0)),
            bound: text.bound,
            required: text.required,
        })
    }

    fn proof(&self, text: &RuleText) -> Result<Option<Proof>, Error> {
        let Some(name) = &text.proof else { return Ok(None) };
        name.get_ref().parse().map(Some).map_err(|e: String| self.error_at(text, name, e))
    }

    fn expiry(&self, text: &RuleText) -> Result<Option<Expiry>, Error> {
        let Some(written) = &text.expires else { return Ok(None) };
        let after = |hours: &str| {
            let hours: u32 = hours.strip_suffix('h')?.parse().ok()?;
            (1..=24 * 366).contains(&hours).then_some(hours * 3600)
        };
        let expiry = match written.get_ref().as_str() {
            "jwt" => Some(Expiry::Jwt),
            "x-amz" => Some(Expiry::Url(SignedUrl::Amazon)),
            "x-goog" => Some(Expiry::Url(SignedUrl::Google)),
            "se" => Some(Expiry::Url(SignedUrl::Azure)),
            other => match other.strip_prefix("jwt or ") {
                Some(hours) => after(hours).map(Expiry::JwtOrAfter),
                None => after(other).map(Expiry::After),
            },
        };
        let message = "expires is none of jwt, x-amz, x-goog, se, hours such as '36h', and 'jwt or 1h'";
        expiry.map(Some).ok_or_else(|| self.error_at(text, written, message))
    }

    fn details(&self, text: &RuleText) -> Result<Details, Error> {
        let companions: Vec<&str> = text.companions.iter().map(|c| c.name.as_str()).collect();
        let verify = text.verify.as_ref().map(|written| verify_text::verify(written, &companions)).transpose();
        let verify = verify.map_err(|fault| self.error(text, fault))?;
        let revoke = text.revoke.as_ref();
        let revoke = revoke.map(|written| revoke_text::revoke(written, &companions, verify.as_ref())).transpose();
        let revoke = revoke.map_err(|fault| self.error(text, fault))?;
        let line = Error::new("", "").at(self.text, self.start).line.unwrap_or(1);
        Ok(Details {
            examples: text.examples.clone(),
            near_misses: text.near_misses.clone(),
            written: text.shape.as_ref().or(text.pattern.as_ref()).map(|s| s.get_ref().clone()).unwrap_or_default(),
            verify,
            revoke,
            source: format!("{}:{line}", self.file),
            differences: Vec::new(),
            aliases: text.aliases.clone(),
        })
    }
}

/// Bits in hundredths.
pub fn hundredths(bits: f32) -> u16 {
    (bits * 100.0).round().clamp(0.0, 800.0) as u16
}

/// Beginnings of five letters or more that names share are looked for once.
const SHARED: usize = 5;

/// What is looked for to find all of `names`: of several that begin alike, their beginning.
fn beginnings(names: &[String]) -> Vec<String> {
    let mut sorted: Vec<&str> = names.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    let mut found: Vec<&str> = Vec::new();
    for name in sorted {
        let Some(last) = found.last_mut() else {
            found.push(name);
            continue;
        };
        let both = last.bytes().zip(name.bytes());
        let same = both.take_while(|(a, b)| a == b && a.is_ascii_alphanumeric()).count();
        if same == last.len() || same >= SHARED {
            *last = &last[..same];
        } else {
            found.push(name);
        }
    }
    found.into_iter().map(str::to_owned).collect()
}

fn distinct(prefixes: &[&[u8]]) -> Vec<String> {
    let mut words: Vec<String> = prefixes.iter().map(|p| String::from_utf8_lossy(p).into_owned()).collect();
    words.sort();
    words.dedup();
    words
}

/// The prefixes of a shape, if it can be looked for at them: three bytes or more, at the start of a word and of a run.
pub fn prefix_anchor(shape: &Shape) -> Option<Anchor> {
    let prefixes: Vec<&[u8]> = shape.alternatives.iter().map(|steps| Shape::prefix(steps)).collect();
    let starts_word = |p: &&[u8]| p.len() >= 3 && p[0].is_ascii_alphanumeric();
    let fit = prefixes.iter().all(starts_word) && shape.alternatives.iter().all(|steps| starts_in_run(shape, steps));
    fit.then(|| Anchor::Prefix(distinct(&prefixes)))
}

fn clamp(len: usize) -> u16 {
    len.min(usize::from(u16::MAX)) as u16
}

/// Whether the first [`MIN_RUN`] bytes of every match of `steps` are token bytes.
fn starts_in_run(shape: &Shape, steps: &[Step]) -> bool {
    let run = ByteSet::of(RUN_BYTES.as_bytes());
    let mut seen = 0;
    for step in steps {
        let (set, min) = match step {
            Step::Literal(bytes) => (ByteSet::of(bytes), bytes.len()),
            Step::Class { set, min, .. } => (shape.sets[usize::from(*set)], usize::from(*min)),
            Step::Mark(_) => continue,
        };
        if !set.is_subset(&run) {
            return false;
        }
        seen += min;
        if seen >= MIN_RUN {
            return true;
        }
    }
    false
}

/// The class and length range of the maximal run that a match starts with.
fn first_run(shape: &Shape, steps: &[Step]) -> Option<(TokenClass, usize, usize)> {
    [TokenClass::Alnum, TokenClass::Word, TokenClass::Base64].into_iter().find_map(|class| {
        let bytes = class.bytes();
        let (mut low, mut high) = (0, 0);
        for step in steps {
            let (set, min, max) = match step {
                Step::Literal(literal) => {
                    let inside = literal.iter().take_while(|b| bytes.contains(**b)).count();
                    low += inside;
                    high += inside;
                    if inside < literal.len() {
                        return (high > 0).then_some((class, low, high));
                    }
                    continue;
                }
                Step::Class { set, min, max } => (shape.sets[usize::from(*set)], usize::from(*min), usize::from(*max)),
                Step::Mark(_) => continue,
            };
            if set.is_subset(&bytes) {
                low += min;
                high += max;
            } else if set.is_disjoint(&bytes) && min > 0 {
                return (high > 0).then_some((class, low, high));
            } else {
                return None;
            }
        }
        // The match ends with the run: what may follow must not be of the class.
        bytes.is_subset(&shape.not_after).then_some((class, low, high))
    })
}

impl TokenClass {
    /// The bytes of the class.
    pub const fn bytes(self) -> ByteSet {
        match self {
            TokenClass::Alnum => shape::ALNUM,
            TokenClass::Word => shape::ALNUM.union(ByteSet::of(b"_-")),
            TokenClass::Base64 => shape::ALNUM.union(ByteSet::of(b"+/")),
        }
    }
}

/// Length of the longest literal that stands in every alternative.
fn inner_literal(shape: &Shape) -> usize {
    let longest = |steps: &Vec<Step>| {
        steps.iter().map(|s| if let Step::Literal(bytes) = s { bytes.len() } else { 0 }).max().unwrap_or(0)
    };
    shape.alternatives.iter().map(longest).min().unwrap_or(0)
}

/// How many leading bytes of the secret the shape itself fixes.
pub fn public_prefix(matcher: &Matcher) -> u32 {
    let Matcher::Shape(shape) = matcher else { return 0 };
    let len = |steps: &Vec<Step>| {
        // What stands before the secret's mark is not part of it.
        let marked = steps.iter().position(|s| *s == Step::Mark(shape::Mark::SecretStart));
        Shape::prefix(&steps[marked.map_or(0, |at| at + 1)..]).len()
    };
    shape.alternatives.iter().map(len).min().unwrap_or(0) as u32
}

/// The reach of a rule: matcher, keywords, companions and the byte that boundaries look at.
pub fn reach(rule: &Rule) -> Reach {
    let own = match &rule.matcher {
        // An escape such as \u003d in front of a match is looked at, too.
        Matcher::Shape(shape) => Reach { before: 6, after: shape.len_range().1 as u32 + 1 },
        Matcher::Pattern(pattern) => Reach { before: pattern.before + 1, after: pattern.after + 1 },
        Matcher::Assignment(_) => ASSIGNMENT_REACH,
        Matcher::UserInfo { .. } => USERINFO_REACH,
        Matcher::Armour { .. } => ARMOUR_REACH,
        Matcher::Path | Matcher::Log(_) => Reach::default(),
    };
    let mut reach = own;
    if let Anchor::Token { .. } = rule.anchor {
        reach.after += BEHIND_TOKEN as u32;
    }
    // Room for the name that a value goes by.
    reach.before = reach.before.max(if rule.matcher == Matcher::Path { 0 } else { NAME_REACH });
    if let Some(Expiry::Url(_)) = rule.expiry {
        reach = reach.max(Reach { before: QUERY_REACH, after: own.after + QUERY_REACH });
    }
    if rule.alone {
        // A line break of two bytes behind it, and that nothing follows.
        reach.after += 3;
    }
    reach.before = reach.before.max(rule.keyword_reach());
    for companion in &rule.companions {
        let around = companion.distance + companion.shape.len_range().1 as u32 + 64 + MAX_KEYWORD as u32 + 8;
        reach.before = reach.before.max(around);
        reach.after = reach.after.max(own.after + around);
    }
    if rule.allow.iter().any(|a| a.target == AllowTarget::Line) {
        reach = Reach { before: reach.before + 1024, after: reach.after + 1024 };
    }
    reach
}
