//! From an anchor to a match: what the hit function of each kind of rule asks, one question after the other.

use super::anchors::Found;
use super::decoded::{Level, Search};
use super::{Candidate, Conclusion, Explainer, Lines, Place, Show, Step, breaks, nearby, values};
use crate::hit::View;
use crate::judgement::Match;
use crate::{armour, assignment, boundary, patterns, userinfo};
use model::Span;
use rules::compile::ARMOUR_REACH;
use rules::shape::{ALNUM, ByteSet, Shape, ShapeMatch};
use rules::{Anchor, Assignment, MIN_RUN, Matcher, Pattern, RUN_BYTES, Rule};

/// A token must hold a digit so early, in bytes.
const DIGIT_WITHIN: usize = 64;

/// Asks the questions of one rule in one text.
pub(super) struct Trace<'a> {
    pub(super) explainer: &'a Explainer,
    pub(super) index: u32,
    pub(super) rule: &'a Rule,
    pub(super) view: View<'a>,
    pub(super) level: &'a Level<'a>,
    pub(super) show: Show,
    /// The lines of the text as given.
    lines: &'a Lines<'a>,
}

impl<'a> Trace<'a> {
    pub(super) fn new(search: &Search<'a>, level: &'a Level<'a>) -> Trace<'a> {
        let rule = &search.explainer.detector.ruleset().rules()[search.rule];
        Trace {
            explainer: search.explainer,
            index: search.rule as u32,
            rule,
            view: level.view,
            level,
            show: search.show,
            lines: search.lines,
        }
    }

    /// What became of the anchor: one candidate, or several where an expression matches several times around it.
    pub(super) fn candidates(&self, found: Found) -> Vec<Candidate> {
        let mut steps = self.start(found);
        let matches: Vec<Match> = match &self.rule.matcher {
            Matcher::Shape(shape) => self.shape(shape, found, &mut steps).into_iter().collect(),
            Matcher::Pattern(pattern) => self.pattern(pattern, found, &mut steps),
            Matcher::Assignment(names) => self.assignment(names, found, &mut steps).into_iter().collect(),
            Matcher::UserInfo { schemes } => self.userinfo(schemes, found.at, &mut steps).into_iter().collect(),
            Matcher::Armour { labels } => self.armour(labels, found.at, &mut steps).into_iter().collect(),
            Matcher::Path | Matcher::Log(_) => Vec::new(),
        };
        let own = |at: usize| self.level.own.contains(&at);
        if matches.is_empty() && own(found.at) {
            return vec![self.nothing(found, steps)];
        }
        matches.into_iter().filter(|m| own(m.secret.start)).map(|m| self.weigh(&m, steps.clone())).collect()
    }

    fn nothing(&self, found: Found, steps: Vec<Step>) -> Candidate {
        Candidate {
            place: self.place(Span::new(found.at, found.at + found.len)),
            decoded: self.level.chain.clone(),
            secret: None,
            steps,
            conditions: Vec::new(),
            conclusion: Conclusion::Nothing,
        }
    }

    /// Where a span of this text stands in the text as given.
    pub(super) fn place(&self, span: Span) -> Place {
        self.lines.place((self.level.outer)(span).start)
    }

    /// The anchor itself.
    fn start(&self, found: Found) -> Vec<Step> {
        let what = match &self.rule.anchor {
            Anchor::Token { class, .. } => {
                format!("a run of {} with {}", values::class(&class.bytes()), values::bytes(found.len))
            }
            _ => values::quoted(&self.view.bytes[found.at..found.at + found.len]),
        };
        let place = self.place(Span::new(found.at, found.at + found.len));
        let mut steps = vec![Step::yes(format!("{what} stands at {}:{}", place.line, place.column))];
        if !self.level.chain.is_empty() {
            let chain: Vec<&str> = self.level.chain.iter().map(|d| d.name()).collect();
            let at = found.at;
            steps[0] = Step::yes(format!(
                "{what} stands at byte {at} of what is encoded at {}:{} ({})",
                place.line,
                place.column,
                chain.join(", then ")
            ));
        }
        steps
    }

    fn shape(&self, shape: &Shape, found: Found, steps: &mut Vec<Step>) -> Option<Match> {
        let at = found.at;
        match &self.rule.anchor {
            Anchor::Prefix(_) => ask(steps, self.prefix(at))?,
            Anchor::Token { class, len } => ask(steps, self.token(found, &class.bytes(), *len))?,
            _ => {}
        }
        let is_token = matches!(self.rule.anchor, Anchor::Token { .. });
        self.keyword(at, is_token, steps)?;
        let text = &self.view.bytes[at..];
        let ends = |found: &ShapeMatch| boundary::ends_shape(self.view, at + found.len, shape, is_token);
        // Of those that end within a word the first is told.
        let Some(matched) = shape.match_where(text, ends).or_else(|| shape.match_at(text)) else {
            steps.push(Step::no(breaks::describe(shape, &self.view.bytes[at..])));
            return None;
        };
        let end = at + matched.len;
        steps.push(Step::yes(format!("the shape fits {}", values::bytes(matched.len))));
        if !self.rule.takes_len(matched.len) {
            let (least, most) = self.rule.length.unwrap_or_default();
            steps.push(Step::no(format!("{least} to {most} bytes are wanted")));
            return None;
        }
        ask(steps, self.boundaries(shape, at, end))?;
        if crate::detector::is_of_longer_prefix(self.rule, self.view.bytes, at) {
            steps.push(Step::no("a name that goes on with it stands before it"));
            return None;
        }
        if self.rule.alone {
            let step = match boundary::is_alone(self.view, at, end) {
                true => Step::yes("it is all that the file holds"),
                false => Step::no("the file holds more than it"),
            };
            ask(steps, vec![step])?;
        }
        Some(Match {
            anchor: at,
            whole: Span::new(at, end),
            secret: Span::new(at + matched.secret.0, at + matched.secret.1),
            identity: matched.identity.map(|(start, stop)| Span::new(at + start, at + stop)),
            name: None,
            only_in_configuration: false,
            loose: false,
        })
    }

    fn prefix(&self, at: usize) -> Vec<Step> {
        let bytes = self.view.bytes;
        if !boundary::before(self.view, at, &ALNUM) {
            return vec![Step::no("it does not start a word: a letter or digit stands before it")];
        }
        let run = bytes[at..].iter().take(MIN_RUN).take_while(|b| RUN_BYTES.as_bytes().contains(b)).count();
        if run < MIN_RUN {
            let next = values::kind(bytes.get(at + run).copied());
            let got = values::bytes(run);
            return vec![Step::no(format!(
                "{MIN_RUN} bytes of a token are needed from there on; after {got} follows {next}"
            ))];
        }
        vec![Step::yes(format!("it starts a word, {MIN_RUN} bytes of a token and more"))]
    }

    fn token(&self, found: Found, class: &ByteSet, len: (u16, u16)) -> Vec<Step> {
        let bytes = &self.view.bytes[found.at..];
        let (least, most) = (usize::from(len.0), usize::from(len.1));
        if found.len < least || found.len > most {
            let wanted = values::range(least, most);
            return vec![Step::no(format!("its length does not fit: {wanted} bytes are wanted"))];
        }
        if !boundary::before(self.view, found.at, class) {
            return vec![Step::no("it does not start at the start of a word")];
        }
        if bytes.iter().take(MIN_RUN).take_while(|b| RUN_BYTES.as_bytes().contains(b)).count() < MIN_RUN {
            return vec![Step::no(format!("tokens of less than {MIN_RUN} bytes are not looked at"))];
        }
        let run = bytes.iter().take(DIGIT_WITHIN).take_while(|b| RUN_BYTES.as_bytes().contains(b));
        if !run.copied().any(|b| b.is_ascii_digit()) {
            return vec![Step::no(format!("its first {DIGIT_WITHIN} bytes hold no digit"))];
        }
        vec![Step::yes("its length fits, it starts a word, and it holds a digit")]
    }

    pub(super) fn keyword(&self, at: usize, token: bool, steps: &mut Vec<Step>) -> Option<()> {
        if self.rule.keywords.is_empty() {
            return Some(());
        }
        ask(steps, vec![nearby::keyword(self.rule, self.view.bytes, at, token)])
    }

    fn boundaries(&self, shape: &Shape, at: usize, end: usize) -> Vec<Step> {
        let bytes = self.view.bytes;
        if !boundary::before(self.view, at, &shape.not_before) {
            let before = values::kind(at.checked_sub(1).map(|i| bytes[i]));
            return vec![Step::no(format!("it is the rest of a longer word: {before} stands before it"))];
        }
        if matches!(self.rule.anchor, Anchor::Token { .. }) && boundary::is_of_digest(bytes, at) {
            return vec![Step::no("it is a piece of a digest (`sha512-…`)")];
        }
        if matches!(self.rule.anchor, Anchor::Token { .. }) && boundary::is_of_base64(bytes, at) {
            return vec![Step::no("it is a piece of a long text in base64")];
        }
        if !boundary::after(self.view, end, &shape.not_after) {
            let next = values::kind(bytes.get(end).copied());
            return vec![Step::no(format!("the word goes on behind the match: {next} follows"))];
        }
        if shape.not_after.is_empty() {
            return vec![Step::yes("the rule asks for no word end behind it")];
        }
        vec![Step::yes(format!("the word ends there: {} follows", values::kind(bytes.get(end).copied())))]
    }

    fn pattern(&self, pattern: &Pattern, found: Found, steps: &mut Vec<Step>) -> Vec<Match> {
        let regex = self.explainer.patterns.get(self.index, pattern);
        let mut matches = Vec::new();
        patterns::matches(regex, pattern, self.view, found.at, found.len, &mut |found| matches.push(found));
        if matches.is_empty() {
            steps.push(Step::no(self.no_match(pattern, found.at)));
            return matches;
        }
        let lens: Vec<String> = matches.iter().take(3).map(|m| values::bytes(m.whole.len())).collect();
        steps.push(Step::yes(format!("the expression matches {}", lens.join(", "))));
        if pattern.before == 0 && self.keyword(found.at, false, steps).is_none() {
            return Vec::new();
        }
        matches
    }

    fn no_match(&self, pattern: &Pattern, at: usize) -> String {
        let end = (at + pattern.after as usize).min(self.view.bytes.len());
        if pattern.before > 0 {
            let (before, after) = (values::bytes(pattern.before as usize), values::bytes(pattern.after as usize));
            let covering = if pattern.covers_anchor { " that covers it" } else { "" };
            return format!("the expression has no match{covering} within {before} before and {after} behind");
        }
        match breaks::longest_head(&pattern.regex, &self.view.bytes[..end], at) {
            Some((len, rest)) => {
                let next = values::kind(self.view.bytes.get(at + len).copied());
                let len = values::bytes(len);
                format!(
                    "the expression breaks off after {len}, before {}: {next} stands there",
                    values::quoted(rest.as_bytes())
                )
            }
            None => {
                format!("a match would go on beyond the {} that the rule reads", values::bytes(pattern.after as usize))
            }
        }
    }

    fn assignment(&self, names: &Assignment, found: Found, steps: &mut Vec<Step>) -> Option<Match> {
        let bytes = self.view.bytes;
        if assignment::fragment_len(names, &assignment::beginning(names, &[]), bytes, found.at).is_none() {
            steps.push(Step::no(
                "it is no name of the rule: a piece of another word, or without the word that must stand before it",
            ));
            return None;
        }
        if let Some(matched) = assignment::at(names, self.view, found.at) {
            let quoted = if matched.only_in_configuration { "without quotes" } else { "in quotes" };
            let len = values::bytes(matched.secret.len());
            steps.push(Step::yes(format!("{} is bound to a value of {len}, {quoted}", self.name(&matched))));
            return Some(matched);
        }
        let any = Assignment { len: (1, u16::MAX), ..names.clone() };
        let (least, most) = (usize::from(names.len.0), usize::from(names.len.1));
        steps.push(Step::no(match assignment::at(&any, self.view, found.at) {
            Some(matched) => {
                let (len, wanted) = (values::bytes(matched.secret.len()), values::range(least, most));
                format!("{} is bound to a value of {len}; the rule takes {wanted}", self.name(&matched))
            }
            None => {
                "no value is bound to the name: no `=`, `:`, `=>`, call or element with a value follows it".to_owned()
            }
        }));
        None
    }

    /// The name of an assignment; what stands around the rule's fragment may be anything, so only its length is told.
    fn name(&self, matched: &Match) -> String {
        let Some(name) = matched.name else { return "the name".to_owned() };
        if self.show.secrets {
            return format!("the name {}", values::quoted(name.of(self.view.bytes)));
        }
        format!("the name ({})", values::bytes(name.len()))
    }

    fn userinfo(&self, schemes: &[String], at: usize, steps: &mut Vec<Step>) -> Option<Match> {
        let named = &self.explainer.judgement.schemes;
        if let Some(matched) = userinfo::at(schemes, named, self.view, at) {
            steps.push(Step::yes("a URL with user, password and host"));
            return Some(matched);
        }
        let any_scheme = userinfo::at(&[], &[], self.view, at).is_some();
        steps.push(Step::no(match (any_scheme, schemes.is_empty()) {
            (true, true) => "its scheme is one that another rule takes".to_owned(),
            (true, false) => format!("its scheme is none of {}", values::list(schemes)),
            (false, _) => "no `scheme` before it, or no `user:password@host` behind it".to_owned(),
        }));
        None
    }

    fn armour(&self, labels: &[String], at: usize, steps: &mut Vec<Step>) -> Option<Match> {
        if let Some(matched) = armour::at(labels, self.view, at) {
            steps.push(Step::yes(format!(
                "the label is one of the rule's; a block of {}",
                values::bytes(matched.whole.len())
            )));
            return Some(matched);
        }
        let head = &self.view.bytes[at + "-----BEGIN".len()..];
        let is_label = |label: &String| {
            head.strip_prefix(b" ")
                .and_then(|h| h.strip_prefix(label.as_bytes()))
                .is_some_and(|h| h.starts_with(b"-----"))
        };
        steps.push(Step::no(match labels.iter().any(is_label) {
            true => {
                format!("no END line within {} and too little of a body", values::bytes(ARMOUR_REACH.after as usize))
            }
            false => format!("its label is none of {}", values::list(labels)),
        }));
        None
    }
}

/// Adds the steps; `None` if one of them speaks against a finding.
fn ask(steps: &mut Vec<Step>, answers: Vec<Step>) -> Option<()> {
    let fine = answers.iter().all(|step| step.ok);
    steps.extend(answers);
    fine.then_some(())
}
