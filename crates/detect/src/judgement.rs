//! What a match is worth: entropy, placeholders, proofs, companions, allowlists; by content alone.

use crate::boundary;
use crate::formats::{Claim, Formats};
use crate::hit::{Evidence, Hit, Refutation, View, read_set};
use crate::{expiry, judge, names, proofs, userinfo};
use model::{Confidence, Span};
use regex_automata::meta::Regex;
use rules::shape::Step;
use rules::{Allow, AllowTarget, Anchor, Companion, Matcher, Rule};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Spans found at an anchor.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub(crate) anchor: usize,
    pub(crate) whole: Span,
    pub(crate) secret: Span,
    pub(crate) identity: Option<Span>,
    /// The name that the value is assigned to, or a part of the name that an expression names.
    pub(crate) name: Option<Span>,
    pub(crate) only_in_configuration: bool,
    /// Whether a value is bound to its name in a way that people also write for other reasons.
    pub(crate) loose: bool,
}

/// Judges matches; holds what the rules of a ruleset share.
pub(crate) struct Judgement {
    allow: Vec<Vec<Arc<Allowed>>>,
    /// Whose values are by their first bytes.
    formats: Formats,
    /// The schemes that userinfo rules name.
    pub(crate) schemes: Vec<String>,
}

/// The expressions of an allowlist, built when first needed; rules that have the same one share it.
#[derive(Default)]
struct Allowed {
    regexes: OnceLock<Vec<Regex>>,
}

/// What a rule's allowlists say by content.
enum Permit {
    /// One takes the match back.
    Yes,
    /// These do, where the path fits, too.
    At(Vec<u16>),
}

/// How far to either side of a match its line is looked for.
const LINE: usize = 1024;
/// Keywords of a companion stand this far before it, at most.
const COMPANION_KEYWORD: usize = 64;

impl Judgement {
    pub(crate) fn new(rules: &[Rule]) -> Judgement {
        let mut shared: HashMap<&[String], Arc<Allowed>> = HashMap::new();
        let mut allow = Vec::with_capacity(rules.len());
        for rule in rules {
            let own = rule.allow.iter().map(|allow| Arc::clone(shared.entry(&allow.regexes).or_default()));
            allow.push(own.collect());
        }
        let schemes = rules.iter().filter_map(|rule| match &rule.matcher {
            Matcher::UserInfo { schemes } => Some(schemes.clone()),
            _ => None,
        });
        Judgement { allow, formats: Formats::new(rules), schemes: schemes.flatten().collect() }
    }

    /// The hit that a match is, refuted or not; `None` if it is none. `keep`: also those that are usually dropped at once.
    pub(crate) fn judge(&self, index: u32, rule: &Rule, view: View<'_>, found: Match, keep: bool) -> Option<Hit> {
        let mut verdict = Verdict { confidence: rule.confidence, evidence: first_evidence(rule), refuted: None };
        let value = found.secret.of(view.bytes);
        let bound = found.name.filter(|_| binds(rule));
        let name = bound.map(|name| name.of(view.bytes));
        let quoted = !found.only_in_configuration;
        match rule.matcher {
            Matcher::UserInfo { .. } => verdict.weigh_password(rule, found.whole.of(view.bytes), value),
            _ => verdict.weigh_value(rule, Valued { value, name, quoted }),
        }
        if verdict.refuted.is_none() && guesses(rule) {
            verdict.weigh_claim(self.formats.claim(value));
        }
        if !keep && verdict.is_dropped_at_once() {
            return None;
        }
        let mut allowed_at = Vec::new();
        if verdict.refuted.is_none() {
            match self.permit(index, rule, view, &found) {
                Permit::Yes => verdict.refuted = Some(Refutation::Allowed),
                Permit::At(paths) => allowed_at = paths,
            }
        }
        if verdict.refuted.is_none() {
            verdict.weigh_proof(rule, value);
        }
        let parts = companions(rule, view, &found)?;
        // A part that only its name tells says whose a credential is, not that it is one.
        let is_paired = parts.iter().any(|(part, _)| !rule.companions[usize::from(*part)].bound);
        if is_paired {
            verdict.evidence.push(Evidence::Companion);
            verdict.confidence = verdict.confidence.max(Confidence::High.min(raised(verdict.confidence)));
        }
        verdict.weigh_surroundings(rule, view, &found, is_paired);
        let name = verdict.name(rule, view, &found);
        verdict.evidence.sort_unstable();
        if !keep && verdict.refuted == Some(Refutation::Reference) {
            return None;
        }
        let stays = verdict.refuted.is_none();
        Some(Hit {
            name,
            expires: rule.expiry.filter(|_| stays).and_then(|e| expiry::written(e, view, found.whole, found.secret)),
            rule: index,
            whole: found.whole,
            secret: found.secret,
            identity: found.identity,
            parts,
            reads: read_set(found.anchor, rule.reach, view.bytes.len()),
            confidence: verdict.confidence,
            evidence: verdict.evidence,
            refuted: verdict.refuted,
            only_in_configuration: found.only_in_configuration,
            allowed_at,
            decoded: None,
        })
    }

    fn permit(&self, index: u32, rule: &Rule, view: View<'_>, found: &Match) -> Permit {
        let mut at = Vec::new();
        for (i, (allow, built)) in rule.allow.iter().zip(&self.allow[index as usize]).enumerate() {
            // Those on paths alone are decided where the path is known.
            if allow.regexes.is_empty() && allow.stopwords.is_empty() || !built.fits(allow, view, found) {
                continue;
            }
            if !allow.all || allow.paths.is_empty() {
                return Permit::Yes;
            }
            at.push(i as u16);
        }
        Permit::At(at)
    }
}

impl Allowed {
    fn fits(&self, allow: &Allow, view: View<'_>, found: &Match) -> bool {
        let target = match allow.target {
            AllowTarget::Secret => found.secret,
            AllowTarget::Match => found.whole,
            AllowTarget::Line => line_of(view.bytes, found.whole),
        };
        let text = target.of(view.bytes);
        let regexes = self.regexes.get_or_init(|| allow.regexes.iter().filter_map(|r| expression(r)).collect());
        let by_regex = regexes.iter().any(|regex| regex.is_match(text));
        let secret = found.secret.of(view.bytes).to_ascii_lowercase();
        let by_word = allow.stopwords.iter().any(|w| memchr::memmem::find(&secret, w.as_bytes()).is_some());
        if allow.all {
            (allow.regexes.is_empty() || by_regex) && (allow.stopwords.is_empty() || by_word)
        } else {
            by_regex || by_word
        }
    }
}

/// The name that a match goes by: its own, or what stands before it within the rule's reach.
fn name_of(rule: &Rule, view: View<'_>, found: &Match) -> Option<Span> {
    let from = found.anchor.saturating_sub(rule.reach.before as usize);
    match found.name {
        Some(name) if binds(rule) => (name.len() <= names::LONGEST).then_some(name),
        Some(part) => names::around(view, from, part),
        None => [found.whole.start, found.secret.start]
            .into_iter()
            .filter(|start| *start >= from)
            .find_map(|start| names::before(view, from, start)),
    }
}

/// Whether the name of a match is what its value is bound to, which says something of the value.
fn binds(rule: &Rule) -> bool {
    matches!(rule.matcher, Matcher::Assignment(_) | Matcher::Log(_))
}

/// Whether a rule guesses from a name or a place that a value is somebody's.
fn guesses(rule: &Rule) -> bool {
    rule.generic && matches!(rule.matcher, Matcher::Assignment(_) | Matcher::Pattern(_))
}

/// Whether a rule's matches are what some provider made up at random, and nothing proves it.
fn is_issued(rule: &Rule) -> bool {
    matches!(rule.matcher, Matcher::Shape(_)) && !rule.generic && rule.proof.is_none()
}

/// A value without what is the same in every credential of the rule.
fn tail<'a>(rule: &Rule, value: &'a [u8]) -> &'a [u8] {
    value.get(rule.public_prefix as usize..).filter(|tail| !tail.is_empty()).unwrap_or(value)
}

/// Whether a value is what a log shows in place of a secret.
fn is_mask(value: &[u8]) -> bool {
    value.iter().all(|b| *b == b'*') || matches!(value, b"[MASKED]" | b"[REDACTED]" | b"[secure]")
}

/// A value, the name that says something of it, and whether quotes stand around it, or could not.
#[derive(Clone, Copy)]
struct Valued<'a> {
    value: &'a [u8],
    name: Option<&'a [u8]>,
    quoted: bool,
}

impl Valued<'_> {
    fn likelihood(self) -> u8 {
        judge::likelihood(self.name.unwrap_or_default(), self.value, self.quoted)
    }
}

/// The share of a rule's least likelihood from which on a value is doubtful and no longer unlikely: it is `low`.
pub(crate) const fn least_plausible(min_likelihood: u8) -> u8 {
    min_likelihood / 2
}

struct Verdict {
    confidence: Confidence,
    evidence: Vec<Evidence>,
    refuted: Option<Refutation>,
}

impl Verdict {
    /// Whether it is refuted for a reason that is no news to anybody.
    fn is_dropped_at_once(&self) -> bool {
        let plain = [Refutation::Unlikely, Refutation::LowEntropy, Refutation::Reference, Refutation::Claimed];
        self.refuted.as_ref().is_some_and(|why| plain.contains(why))
    }

    /// Makes the hit `low`, for the reason given.
    fn lower(&mut self, why: Evidence) {
        self.evidence.push(why);
        self.confidence = Confidence::Low;
    }

    /// The name that a hit goes by; only what stays is asked, most does not. A digest by its name (`"hashed_secret": "…"` in a
    /// baseline, beside the name of the provider whose token it was) is refuted by it.
    fn name(&mut self, rule: &Rule, view: View<'_>, found: &Match) -> Option<Span> {
        let name = self.refuted.is_none().then(|| name_of(rule, view, found)).flatten()?;
        let (called, value) = (name.of(view.bytes), found.secret.of(view.bytes));
        if judge::is_digest(called, value) || judge::is_of_event(called, value) {
            self.refuted = Some(Refutation::Reference);
            return None;
        }
        let is_told_by_shape = matches!(rule.anchor, Anchor::Prefix(_)) && !rule.generic;
        if judge::is_public(called) && !is_told_by_shape {
            self.lower(Evidence::Public);
        }
        // A commit, beside the name of the project that a provider is, too.
        let is_commit = value.len() == COMMIT && is_number(value) && is_bare(rule, called);
        let is_role = guesses(rule)
            && judge::is_uuid(value)
            && !judge::last_word(called).is_none_or(|word| boundary::says(&word));
        if is_commit || is_role {
            self.lower(Evidence::LooselyBound);
        }
        if guesses(rule) && judge::is_setting(called, value) {
            self.refuted = Some(Refutation::Reference);
            return None;
        }
        let is_id = judge::is_id(called) && !judge::is_part(called) && !boundary::says(called);
        if takes_anything(rule) && is_number(value) && is_id {
            self.lower(Evidence::LooselyBound);
        }
        Some(name)
    }

    /// Weighs that some provider's tokens begin like the value.
    fn weigh_claim(&mut self, claim: Option<Claim>) {
        match claim {
            Some(Claim::Whole) => self.refuted = Some(Refutation::Claimed),
            Some(Claim::Prefix) => self.lower(Evidence::OtherForm),
            None => {}
        }
    }

    fn weigh_value(&mut self, rule: &Rule, valued: Valued<'_>) {
        let Valued { value, name, .. } = valued;
        if rule.declared {
            self.evidence.push(Evidence::Declared);
            self.refuted = is_mask(value).then_some(Refutation::Placeholder);
            return;
        }
        if rule.min_entropy > 0 && judge::entropy(value) < rule.min_entropy {
            self.refuted = Some(Refutation::LowEntropy);
            return;
        }
        if matches!(rule.matcher, Matcher::Armour { .. }) {
            return;
        }
        // A guess from a place is as strict as one from a name.
        let name = name.or((guesses(rule) && rule.min_likelihood > 0).then_some(&[]));
        self.refuted = judge::refute(value, rule.public_prefix as usize, name);
        // What is counted up a little is somebody's password all the same where nothing else may stand.
        let is_obvious = || judge::refute(value, rule.public_prefix as usize, None).is_some();
        if self.refuted == Some(Refutation::Sequence) && name.is_some_and(<[u8]>::is_empty) && !is_obvious() {
            self.refuted = None;
            self.lower(Evidence::LooksInvented);
        }
        if self.refuted.is_none() && rule.min_likelihood > 0 {
            let likelihood = valued.likelihood();
            if likelihood >= rule.min_likelihood {
                self.evidence.push(Evidence::Likelihood);
            } else if likelihood >= least_plausible(rule.min_likelihood) {
                self.lower(Evidence::Doubtful);
            } else {
                self.refuted = Some(Refutation::Unlikely);
            }
        }
        if self.refuted.is_none() && is_issued(rule) && judge::is_identifier(tail(rule, value)) {
            match rule.anchor {
                Anchor::Token { .. } => self.refuted = Some(Refutation::Unlikely),
                _ => self.lower(Evidence::Words),
            }
        }
        let is_told = self.evidence.contains(&Evidence::LooksInvented);
        if self.refuted.is_none() && !is_told && judge::looks_invented(value, rule.public_prefix as usize) {
            self.lower(Evidence::LooksInvented);
        }
        // What a log says of a value counts also for words; those alone convince nobody.
        let is_said = matches!(rule.matcher, Matcher::Log(_)) && valued.likelihood() < 30;
        if is_said || matches!(rule.matcher, Matcher::Assignment(_)) && judge::is_words(value) {
            self.lower(Evidence::Words);
        }
    }

    /// Weighs the password of a URL, which stands where nothing else may: what is not likely to be one is worth less, and
    /// only what stands for one is none.
    fn weigh_password(&mut self, rule: &Rule, url: &[u8], written: &[u8]) {
        const NAME: &[u8] = b"password";
        let password = userinfo::plain(written);
        let refuted = judge::refute(written, 0, Some(NAME)).or_else(|| judge::refute(&password, 0, Some(NAME)));
        let stands_in = || userinfo::is_stand_in(url, &password).then_some(Refutation::Placeholder);
        self.refuted = refuted.or_else(stands_in);
        if self.refuted == Some(Refutation::Placeholder) && userinfo::is_word_at_home(url, &password) {
            self.refuted = None;
            return self.lower(Evidence::Words);
        }
        if self.refuted.is_some() {
            return;
        }
        if judge::likelihood(NAME, &password, true) < rule.min_likelihood {
            self.lower(Evidence::Words);
        } else {
            self.evidence.push(Evidence::Likelihood);
        }
    }

    /// Lowers what is bound to its name loosely, stands strewn among others, or is made to be public.
    fn weigh_surroundings(&mut self, rule: &Rule, view: View<'_>, found: &Match, is_paired: bool) {
        let is_alone = !is_paired && !self.evidence.contains(&Evidence::ProofPassed);
        if found.loose || is_alone && is_strewn(rule, view, found.secret) {
            self.lower(Evidence::LooselyBound);
        }
        if is_of_search(rule, view, found) {
            self.lower(Evidence::Public);
        }
    }

    fn weigh_proof(&mut self, rule: &Rule, value: &[u8]) {
        let Some(proof) = rule.proof else { return };
        match proofs::check(proof, value) {
            proofs::Outcome::Passed => {
                self.evidence.push(Evidence::ProofPassed);
                let proven = if proofs::is_decisive(proof) { Confidence::Confirmed } else { self.confidence };
                self.confidence = self.confidence.max(proven);
            }
            proofs::Outcome::Failed if proofs::is_certain(proof) => self.lower(Evidence::ProofFailed),
            proofs::Outcome::Failed => {
                self.evidence.push(Evidence::OtherThanSeen);
                self.confidence = self.confidence.min(Confidence::Medium);
            }
            proofs::Outcome::Impossible => self.refuted = Some(Refutation::Malformed),
        }
    }
}

/// Words of declarations and of tables of names and values, which stand between a name and its value.
const FILLING: [&[u8]; 9] = [b"const", b"final", b"readonly", b"static", b"str", b"string", b"type", b"val", b"value"];

/// Whether a token, which only its length and a keyword before it tell apart, is not what the keyword names: other words stand
/// between, or nothing but a space, and none that says that a credential comes (`sketch=0;" parent="…"`); or the
/// provider's name alone is bound to what is as likely a digest or an id.
fn is_strewn(rule: &Rule, view: View<'_>, value: Span) -> bool {
    if rule.keywords.is_empty() || !matches!(rule.anchor, Anchor::Token { .. }) {
        return false;
    }
    let Some(between) =
        boundary::behind_keyword(view.bytes, value.start, &rule.keywords, rule.keyword_distance as usize)
    else {
        return is_number(value.of(view.bytes));
    };
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"_-.".contains(b);
    let behind_name = &between[between.iter().take_while(|b| is_name(b)).count()..];
    let is_separated = behind_name.iter().any(|b| !b.is_ascii_whitespace());
    let words = behind_name.split(|b| !b.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let are_there = words.into_iter().any(|word| !FILLING.contains(&&word.to_ascii_lowercase()[..]));
    (are_there || !is_separated) && !boundary::says(between)
}

/// Whether the rule takes a token for what it is by a name near by alone, and that name is not an id's: `acme_project_id`
/// is none of its keys then.
fn takes_anything(rule: &Rule) -> bool {
    matches!(rule.anchor, Anchor::Token { .. })
        && !rule.keywords.is_empty()
        && !rule.keywords.iter().any(|word| judge::is_id(word.as_bytes()))
}

/// Hexadecimal digits of a commit.
const COMMIT: usize = 40;

/// Whether a name is one of the rule's keywords and says of no credential: the provider's own.
fn is_bare(rule: &Rule, name: &[u8]) -> bool {
    let letters = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    let name = letters(name);
    !boundary::says(&name) && rule.keywords.iter().any(|word| letters(word.as_bytes()) == name)
}

/// How far around a value what makes it public may stand.
const BESIDE: usize = 128;
/// What stands in one object with a key that everybody may have: of a search that a page does.
const SEARCHES: [&[u8]; 4] = [b"indexName", b"searchOnly", b"search_only", b"typesenseServerConfig"];

/// Whether a key under a name that says no more stands in the configuration of a page's search.
fn is_of_search(rule: &Rule, view: View<'_>, found: &Match) -> bool {
    if !guesses(rule) || found.secret.len() != 32 {
        return false;
    }
    let (before, after) = (rule.reach.before as usize, rule.reach.after as usize);
    let from = found.secret.start.saturating_sub(BESIDE).max(found.anchor.saturating_sub(before));
    let to = (found.secret.end + BESIDE).min(found.anchor + after).min(view.bytes.len());
    let around = &view.bytes[from.min(to)..to];
    SEARCHES.iter().any(|word| memchr::memmem::find(around, word).is_some())
}

/// Whether a value is hexadecimal digits, or a UUID, as ids are.
fn is_number(value: &[u8]) -> bool {
    value.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-')
}

fn raised(confidence: Confidence) -> Confidence {
    match confidence {
        Confidence::Low => Confidence::Medium,
        _ => Confidence::High,
    }
}

fn first_evidence(rule: &Rule) -> Vec<Evidence> {
    let mut evidence = match (&rule.matcher, &rule.anchor) {
        (Matcher::Assignment(_), _) => vec![Evidence::Name],
        (Matcher::UserInfo { .. }, _) => vec![Evidence::UrlCredentials],
        (Matcher::Armour { .. }, _) => vec![Evidence::Armour],
        (Matcher::Shape(_), Anchor::Prefix(_) | Anchor::Literal { .. }) => vec![Evidence::Prefix],
        _ => vec![Evidence::Shape],
    };
    if !rule.keywords.is_empty() {
        evidence.push(Evidence::Keyword);
    }
    evidence
}

fn expression(pattern: &str) -> Option<Regex> {
    crate::patterns::build(pattern)
}

fn line_of(bytes: &[u8], span: Span) -> Span {
    let from = span.start.saturating_sub(LINE);
    let start = memchr::memrchr(b'\n', &bytes[from..span.start]).map_or(from, |at| from + at + 1);
    let until = (span.end + LINE).min(bytes.len());
    let end = memchr::memchr(b'\n', &bytes[span.end..until]).map_or(until, |at| span.end + at);
    Span::new(start, end)
}

/// The companion parts around a match; `None` if a required one is missing.
fn companions(rule: &Rule, view: View<'_>, found: &Match) -> Option<Vec<(u8, Span)>> {
    let mut parts = Vec::new();
    for (i, companion) in rule.companions.iter().enumerate() {
        match nearest(companion, view, found.whole) {
            Some(span) => parts.push((i as u8, span)),
            None if companion.required => return None,
            None => {}
        }
    }
    Some(parts)
}

/// The companion that starts nearest after the match, else the nearest before it.
fn nearest(companion: &Companion, view: View<'_>, whole: Span) -> Option<Span> {
    let distance = companion.distance as usize;
    let after = (whole.end..(whole.end + distance).min(view.bytes.len())).find_map(|at| part_at(companion, view, at));
    after.or_else(|| {
        let before = (whole.start.saturating_sub(distance)..whole.start).rev();
        before.filter_map(|at| part_at(companion, view, at)).find(|span| span.end <= whole.start)
    })
}

fn part_at(companion: &Companion, view: View<'_>, at: usize) -> Option<Span> {
    let shape = &companion.shape;
    let found =
        shape.match_where(&view.bytes[at..], |found| boundary::ends_shape(view, at + found.len, shape, false))?;
    // It begins where its first class does; one that begins with a literal stands behind anything else.
    let first = |steps: &Vec<Step>| match steps.iter().find(|step| !matches!(step, Step::Mark(_))) {
        Some(Step::Class { set, .. }) => Some(shape.sets[usize::from(*set)]),
        _ => None,
    };
    let not_before = shape.alternatives.iter().filter_map(first).fold(shape.not_before, |all, set| all.union(set));
    let secret = Span::new(at + found.secret.0, at + found.secret.1);
    let value = secret.of(view.bytes);
    // A path of that length: `lib/modules/kernel/…`.
    let is_path = || !companion.bound && judge::is_file_path(value);
    let fits = boundary::before(view, at, &not_before)
        && is_named(companion, view, secret)
        && !is_path()
        && judge::entropy(value) >= companion.min_entropy
        && judge::refute(value, 0, None).is_none();
    fits.then_some(secret)
}

/// Whether a keyword of the companion stands before a part, where it wants one; and is what names it, if it is to be bound.
fn is_named(companion: &Companion, view: View<'_>, part: Span) -> bool {
    let keywords = &companion.keywords;
    if !companion.bound {
        return keywords.is_empty() || boundary::keyword_before(view.bytes, part.start, keywords, COMPANION_KEYWORD);
    }
    let between = boundary::behind_keyword(view.bytes, part.start, keywords, COMPANION_KEYWORD);
    between.is_some_and(is_separator) && !repeats_keyword(keywords, part.of(view.bytes))
}

/// Whether the end of a name, such as the `_PROD=` of `CLIENT_ID_PROD=`, and separators are all that a text holds. What goes on with
/// `_secret` is another name; in another line stands only what has quotes.
fn is_separator(between: &[u8]) -> bool {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"_-.".contains(b);
    let (rest, separators) = between.split_at(between.iter().take_while(|b| is_name(b)).count());
    separators.iter().any(|b| b":=>,(".contains(b))
        && separators.iter().all(|b| b" \t\r\n\"'`:=>,(\\".contains(b))
        && (memchr::memchr(b'\n', separators).is_none() || separators.last().is_some_and(|b| b"\"'`".contains(b)))
        && !boundary::says(rest)
}

/// Whether a value is but its own name: `client_id=client_id`, `settings.CLIENT_ID`.
fn repeats_keyword(keywords: &[String], value: &[u8]) -> bool {
    let plain = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    let value = plain(value);
    keywords.iter().any(|keyword| memchr::memmem::find(&value, &plain(keyword.as_bytes())).is_some())
}

#[cfg(test)]
mod tests {
    use crate::{Detector, Options, Refutation, Scratch, View};
    use rules::Ruleset;
    use std::sync::Arc;

    #[test]
    fn an_alternative_that_ends_within_a_word_hides_no_longer_one() {
        let mut ruleset = Ruleset::empty();
        let text = "provider = 'Acme'\n[[rule]]\nid = 'acme-key'\nname = 'Acme key'\nseverity = 'high'\n\
            shape = 'acme_[0-9a-z]{20}|acme_[0-9a-z]{24}'\n";
        ruleset.add_text("acme.toml", text).expect("a rule");
        let detector = Detector::new(Arc::new(ruleset), Options::default());
        let secret = ["acme_", "7kq2w9xz4mtb", "5rhp8vnc3jdy"].concat();
        for len in [25, 29] {
            let mut hits = Vec::new();
            let text = format!("key = {}\n", &secret[..len]);
            detector.scan(&mut Scratch::default(), View::whole(text.as_bytes()), 0..text.len(), &mut hits);
            assert_eq!(hits.iter().map(|hit| hit.secret.len()).collect::<Vec<_>>(), [len], "{len} bytes");
        }
    }

    #[test]
    fn a_bound_companion_is_told_by_its_name_and_lends_nothing() {
        let mut ruleset = Ruleset::empty();
        let text = "provider = 'Acme'\n[[rule]]\nid = 'acme-key'\nname = 'Acme key'\nseverity = 'high'\n\
            confidence = 'medium'\nshape = 'acme_[0-9a-z]{24}'\n[[rule.companion]]\nname = 'client_id'\n\
            shape = '[0-9A-Za-z][0-9A-Za-z_.-]{1,63}'\nkeywords = ['client_id']\nbound = true\n";
        ruleset.add_text("acme.toml", text).expect("a rule");
        let detector = Detector::new(Arc::new(ruleset), Options::default());
        let secret = ["acme_", "7kq2w9xz4mtb", "5rhp8vnc3jdy"].concat();
        let part = |around: &str| {
            let text = format!("{around}\nkey = {secret}\n");
            let mut hits = Vec::new();
            detector.scan(&mut Scratch::default(), View::whole(text.as_bytes()), 0..text.len(), &mut hits);
            assert_eq!(hits[0].confidence, model::Confidence::Medium, "{around}");
            hits[0].parts.first().map(|(_, span)| text[span.start..span.end].to_owned())
        };
        let texts =
            ["CLIENT_ID=app-7", "\"clientId\": \"app-7\"", "CLIENT_ID_PROD = 'app-7'", "<client_id>app-7</client_id>"];
        for around in texts {
            assert_eq!(part(around).as_deref(), Some("app-7"), "{around}");
        }
        for around in
            ["the client id of app-7", "client_id_secret=app-7", "client_id = settings.CLIENT_ID", "client_id:"]
        {
            assert_eq!(part(around), None, "{around}");
        }
    }

    #[test]
    fn an_allowlist_on_content_and_path_waits_for_the_path() {
        let mut ruleset = Ruleset::empty();
        let text = "[[rules]]\nid = 'a'\nregex = '''\\bacme_[0-9a-z]{24}\\b'''\n\
            [[rules.allowlists]]\nregexes = ['^never$']\n\
            [[rules.allowlists]]\ncondition = 'AND'\npaths = ['[.]md$']\nregexTarget = 'line'\nregexes = ['sample']\n\
            [[rules.allowlists]]\nregexTarget = 'line'\nregexes = ['# ignore']\n";
        ruleset.add_text("theirs.toml", text).expect("a configuration");
        let detector = Detector::new(Arc::new(ruleset), Options::default());
        let secret = ["acme_", "7kq2w9xz4mtb", "5rhp8vnc3jdy"].concat();
        let judged = |line: &str| {
            let mut hits = Vec::new();
            let text = format!("{line} {secret}\n");
            detector.scan(&mut Scratch::default(), View::whole(text.as_bytes()), 0..text.len(), &mut hits);
            hits.pop().map(|hit| (hit.allowed_at, hit.refuted))
        };
        assert_eq!(judged("plain"), Some((vec![], None)));
        assert_eq!(judged("sample"), Some((vec![1], None)));
        assert_eq!(judged("sample # ignore"), Some((vec![], Some(Refutation::Allowed))));
    }
}
