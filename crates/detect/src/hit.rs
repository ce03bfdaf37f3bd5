use crate::known::Encoding;
use model::{Confidence, Decoder, Secret, Span};
use rules::Reach;

/// An object, or a part of one, as the detector sees it.
///
/// A part must hold, around the anchors asked for, all that their hits may read (see [`crate::Detector::margin`]);
/// `is_start` and `is_end` say whether its ends are the object's, so that `^`, `\b` and "no more bytes" never mean a cut.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Whether the first byte is the object's first.
    pub is_start: bool,
    /// Whether the last byte is the object's last.
    pub is_end: bool,
}

impl<'a> View<'a> {
    /// A whole object.
    pub const fn whole(bytes: &'a [u8]) -> View<'a> {
        View { bytes, is_start: true, is_end: true }
    }
}

/// A rule and spans in a blob. A pure function of the bytes within reach of its anchor, so that sets of hits from
/// different partitions of the anchors can be united.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hit {
    /// Index of the rule in the ruleset, or [`CUT_SHORT`].
    pub rule: u32,
    /// Everything matched; of a hit in decoded text, the encoded text.
    pub whole: Span,
    /// The secret part; of a hit in decoded text, the encoded text.
    pub secret: Span,
    /// The identity part, where it is not the secret.
    pub identity: Option<Span>,
    /// Companion parts: index into the rule's companions, and where.
    pub parts: Vec<(u8, Span)>,
    /// The name that the secret goes by (`NPM_TOKEN`), where one stands before it; in decoded text, see [`Decoded::name`].
    pub name: Option<Span>,
    /// When it ends by what the text around it says, in seconds since 1970.
    pub expires: Option<i64>,
    /// The bytes that decided over this hit: it is the same in every object that holds them (see `delta`).
    pub reads: Span,
    /// How sure we are, by content alone.
    pub confidence: Confidence,
    /// Why; sorted.
    pub evidence: Vec<Evidence>,
    /// Why it is no credential after all; kept for explanations.
    pub refuted: Option<Refutation>,
    /// Whether it counts only in configuration-like files (an unquoted value).
    pub only_in_configuration: bool,
    /// Indices of the rule's allowlists that take it back if their paths fit, too.
    pub allowed_at: Vec<u16>,
    /// For hits in decoded text: what was decoded, and what stood there.
    pub decoded: Option<Box<Decoded>>,
}

/// The rule of a result that is no hit: encoded text of which a budget of decoding left something out. See
/// [`Hit::is_cut_short`].
pub const CUT_SHORT: u32 = u32::MAX;

impl Hit {
    /// Whether this is no hit but says that [`Options::growth`](crate::Options) or
    /// [`units::Limits::inflate`](crate::units::Limits) ended the decoding of the encoded text in [`Hit::whole`], nested text
    /// included, before all of it was looked at. It is carried like a hit, so that every partition tells the same; take
    /// such results out before anything else looks at hits: they have no rule.
    pub const fn is_cut_short(&self) -> bool {
        self.rule == CUT_SHORT
    }

    /// Such a result: `encoded` is what was cut short, `reads` what decided over it.
    pub(crate) fn cut_short(encoded: Span, reads: Span) -> Hit {
        Hit { rule: CUT_SHORT, ..Hit::bare(encoded, reads) }
    }

    fn bare(span: Span, reads: Span) -> Hit {
        Hit {
            rule: 0,
            whole: span,
            secret: span,
            identity: None,
            parts: Vec::new(),
            name: None,
            expires: None,
            reads,
            confidence: Confidence::Low,
            evidence: Vec::new(),
            refuted: None,
            only_in_configuration: false,
            allowed_at: Vec::new(),
            decoded: None,
        }
    }

    /// The same hit in an object whose bytes stand `by` farther on; `None` if a span would begin before the object.
    pub fn moved(&self, by: isize) -> Option<Hit> {
        let parts = self.parts.iter().map(|(part, span)| Some((*part, span.shift(by)?)));
        Some(Hit {
            whole: self.whole.shift(by)?,
            secret: self.secret.shift(by)?,
            identity: match self.identity {
                Some(span) => Some(span.shift(by)?),
                None => None,
            },
            parts: parts.collect::<Option<_>>()?,
            // Like what was read, it may begin before the part at hand.
            name: self.name.and_then(|name| name.shift(by)),
            // What was read may begin before the part at hand; it decides nothing there any more.
            reads: Span::new(self.reads.start.saturating_add_signed(by), self.reads.end.saturating_add_signed(by)),
            ..self.clone()
        })
    }

    /// The hit that a value known to be secret is where it stands again; `rule` is the one that reports it.
    /// `name`: what it is called, if its name does not stand there.
    pub fn of_known(
        rule: u32,
        span: Span,
        value: &Secret,
        encoding: Encoding,
        confidence: Confidence,
        name: Option<&str>,
    ) -> Hit {
        let decoded = Decoded {
            name: name.map(|name| name.as_bytes().into()),
            chain: encoding.decoders().to_vec(),
            at: 0,
            secret: value.clone(),
            identity: None,
            parts: Vec::new(),
        };
        let is_plain = encoding == Encoding::Plain && name.is_none();
        let decoded = (!is_plain).then(|| Box::new(decoded));
        Hit { rule, confidence, evidence: vec![Evidence::Known], decoded, ..Hit::bare(span, span) }
    }

    /// The hit of a rule that looks at the path alone.
    pub fn of_path(index: u32, rule: &rules::Rule) -> Hit {
        let nothing = Span::new(0, 0);
        let (confidence, evidence) = (rule.confidence, vec![Evidence::Path]);
        Hit { rule: index, confidence, evidence, ..Hit::bare(nothing, nothing) }
    }

    /// Whether the file as a whole is the credential, told by its path.
    pub fn is_of_path(&self) -> bool {
        self.evidence == [Evidence::Path]
    }
}

/// A hit in decoded text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decoded {
    /// The decoders passed, outermost first.
    pub chain: Vec<Decoder>,
    /// Where the secret begins in the innermost decoded text, so that equal values in one unit stay apart.
    pub at: usize,
    /// The secret.
    pub secret: Secret,
    /// The identity part, where it is not the secret.
    pub identity: Option<Secret>,
    /// Companion parts.
    pub parts: Vec<(u8, Secret)>,
    /// The name that the secret goes by in the innermost text.
    pub name: Option<Box<[u8]>>,
}

/// What speaks for a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// The rule's own fixed prefix.
    Prefix,
    /// The rule's shape.
    Shape,
    /// A keyword of the rule near by.
    Keyword,
    /// A credential-like name it is assigned to.
    Name,
    /// The rule's offline proof passed.
    ProofPassed,
    /// The rule's offline proof failed: a typo, a cut or an invention.
    ProofFailed,
    /// The rule's offline proof failed, and rests on nothing but what the tokens seen so far have in common.
    OtherThanSeen,
    /// The value is as irregular as secrets are.
    Likelihood,
    /// A required or optional companion stands near by.
    Companion,
    /// What surrounds it says that it is a secret: a dump of nothing else.
    Declared,
    /// It stands in the credentials of a URL.
    UrlCredentials,
    /// It is an armoured block.
    Armour,
    /// Its path is that of a credential file.
    Path,
    /// It is known to be secret, and stands here again.
    Known,
    /// Against it: it is made of counted-up or repeated pieces.
    LooksInvented,
    /// Against it: it is made of letters only, as labels and translations are.
    Words,
    /// Against it: it is less irregular than the rule asks for, yet could be a secret.
    Doubtful,
    /// Against it: it is very short, or stands behind the name as in a comparison, a sentence or a list.
    LooselyBound,
    /// Against it: its name, or what stands with it, says that everybody may have it.
    Public,
    /// Against it: it begins like the tokens of a provider, in no form that the provider issues.
    OtherForm,
}

/// Why a hit is no credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refutation {
    /// A documented example value, such as the access key id of AWS's own documentation.
    KnownExample,
    /// A placeholder: `xxxx`, `<your-key>`, `CHANGEME`.
    Placeholder,
    /// A reference to a value elsewhere: `${VAR}`, `{{ var }}`, `process.env.X`.
    Reference,
    /// Too regular: repeated characters, a counted-up alphabet.
    Sequence,
    /// Less entropy than the rule asks for.
    LowEntropy,
    /// Less likely a secret than the rule asks for: words, identifiers, paths.
    Unlikely,
    /// The value cannot be one: a structure that never opens.
    Malformed,
    /// It begins as the tokens of one provider do, whose own rule decides what is one.
    Claimed,
    /// An allowlist of the rule.
    Allowed,
}

impl Refutation {
    /// One phrase for people.
    pub const fn phrase(self) -> &'static str {
        match self {
            Refutation::KnownExample => "a documented example value",
            Refutation::Placeholder => "a placeholder",
            Refutation::Reference => "a reference to a value kept elsewhere",
            Refutation::Sequence => "repeated or counted-up characters",
            Refutation::LowEntropy => "less entropy than the rule asks for",
            Refutation::Unlikely => "words, an identifier or a path rather than a secret",
            Refutation::Malformed => "a structure that does not open",
            Refutation::Claimed => "something that begins like a provider's token, whose own rule decides",
            Refutation::Allowed => "an allowlist entry of the rule",
        }
    }
}

impl Evidence {
    /// One phrase for people.
    pub const fn phrase(self) -> &'static str {
        match self {
            Evidence::Prefix => "distinctive prefix",
            Evidence::Shape => "fitting shape",
            Evidence::Keyword => "provider named near by",
            Evidence::Name => "assigned to a credential-like name",
            Evidence::ProofPassed => "offline proof passed",
            Evidence::ProofFailed => "offline proof failed (a typo, a cut or an invention)",
            Evidence::OtherThanSeen => "not like the tokens seen so far",
            Evidence::Likelihood => "irregular as secrets are",
            Evidence::Declared => "what surrounds it says that it is a secret",
            Evidence::Companion => "its companion part stands near by",
            Evidence::UrlCredentials => "credentials in a URL",
            Evidence::Armour => "armoured key block",
            Evidence::Path => "path of a credential file",
            Evidence::Known => "a value known to be secret",
            Evidence::LooksInvented => "looks invented (counted-up or repeated pieces)",
            Evidence::Words => "made of words",
            Evidence::Doubtful => "could be a secret, could be a name or a word",
            Evidence::LooselyBound => "short, or bound to its name loosely",
            Evidence::Public => "public by its name or by what it stands with",
            Evidence::OtherForm => "begins like a provider's token, in no form that it issues",
        }
    }
}

/// The bytes a hit anchored at `anchor` may have read in an object of `len` bytes.
pub(crate) fn read_set(anchor: usize, reach: Reach, len: usize) -> Span {
    let end = anchor.saturating_add(reach.after as usize).min(len);
    Span::new(anchor.saturating_sub(reach.before as usize), end.max(anchor.min(len)))
}
