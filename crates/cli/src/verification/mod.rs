//! `--verify`: asks the providers of what was found, and puts their verdicts into the report.

mod args;
mod surroundings;

pub use args::{VerifyArgs, VerifySettings};
pub use surroundings::proxy;

use crate::args::CommonArgs;
use crate::{request, suggestion, tell};
use anyhow::{Context, Result, bail};
use model::{Confidence, Gap, Report, Verdict};
use rules::Ruleset;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use validate::{Cache, Candidate, Certificates, Net, Options, Rates, Sent, Validator};

/// What is asked for, opened before the scan begins: what is wrong with it is known at once.
pub struct Verification {
    options: Options,
    cache: Option<(PathBuf, Cache)>,
    dry_run: bool,
    quiet: bool,
    /// How many endpoints, the last ones, nobody typed.
    from_surroundings: usize,
}

impl Verification {
    /// What the arguments ask for; `None` where nobody is to be asked.
    ///
    /// # Errors
    /// If a proxy, certificate or cache that is named is none.
    pub fn open(args: &VerifyArgs, common: &CommonArgs) -> Result<Option<Verification>> {
        if !args.verify && !args.settings.verify_dry_run {
            if let Some(option) = args.settings.first_given() {
                bail!("{option} is about --verify; add that, or --verify-dry-run to see what would be sent");
            }
            return Ok(None);
        }
        Verification::of(&args.settings, common).map(Some)
    }

    /// What the settings say.
    ///
    /// # Errors
    /// As [`Verification::open`].
    pub fn of(settings: &VerifySettings, common: &CommonArgs) -> Result<Verification> {
        let authorities = match &settings.verify_ca {
            Some(path) => std::fs::read(path).with_context(|| format!("--verify-ca {}", path.display()))?,
            None => Vec::new(),
        };
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).context("the system gives no random bytes for made-up credentials")?;
        let rates = Rates { provider: settings.verify_rate, host: settings.verify_rate, ..Options::default().rates };
        let time_to_live = Duration::from_secs(settings.verify_ttl);
        let cache = settings.verify_cache.as_ref().map(|path| Ok((path.clone(), Cache::load(path, time_to_live)?)));
        let registries = surroundings::registries();
        let verification = Verification {
            options: Options {
                // Those of the command line come first, so that they count.
                endpoints: settings.verify_endpoint.iter().cloned().chain(registries.iter().cloned()).collect(),
                issuers: settings.verify_issuer.clone(),
                accounts: settings.verify_ssh.clone(),
                certificates: certificates(settings)?,
                allow_private: settings.allow_private,
                blast_radius: settings.blast_radius,
                rates: Rates { global: rates.global.max(settings.verify_rate), ..rates },
                proxy: surroundings::proxy()?,
                authorities,
                seal: Arc::new(detect::proofs::seal),
                seed: u64::from_le_bytes(seed),
                ..Options::default()
            },
            cache: cache.transpose().map_err(|e: validate::Error| anyhow::Error::new(e).context("--verify-cache"))?,
            dry_run: settings.verify_dry_run,
            quiet: common.quiet,
            from_surroundings: registries.len(),
        };
        Net::new(&verification.options).context("--verify-ca")?;
        // A slip is told before a long scan; rules of one's own are known after it.
        if common.rules.rules.is_empty() && !settings.verify_endpoint.is_empty() {
            verification.check_endpoints(&Ruleset::builtin())?;
        }
        Ok(verification)
    }

    /// Asks about the findings of a report, or says what would be sent. What an interrupt leaves undecided is not checked.
    ///
    /// # Errors
    /// If an endpoint is for nobody. That nobody can be asked at all is a gap.
    pub fn check(mut self, ruleset: &Arc<Ruleset>, report: &mut Report) -> Result<()> {
        self.check_endpoints(ruleset)?;
        let candidates: Vec<Candidate> = report.findings.iter().map(Candidate::of).collect();
        let mut validator = Validator::new(ruleset.clone(), self.options.clone());
        if self.dry_run {
            self.say_plans(&mut validator, report, &candidates);
            return Ok(());
        }
        if request::is_stopped() || candidates.is_empty() {
            return Ok(());
        }
        if let Some((_, cache)) = &mut self.cache {
            validator = validator.with_cache(std::mem::take(cache));
        }
        let total = candidates.len();
        let shows = !self.quiet && io::stderr().is_terminal();
        let mut told = usize::MAX;
        let mut progress = |done: usize| {
            if shows && told != done {
                told = done;
                let _ = write!(io::stderr(), "\r\x1b[Kasking providers: {done} of {total}");
            }
        };
        let verdicts = validator.verify(&candidates, &request::STOP, &mut progress);
        if shows {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
        let verdicts = match verdicts {
            Ok(verdicts) => verdicts,
            Err(error) => {
                report.gaps.push(Gap::happened("--verify", format!("nobody could be asked: {error}")));
                report.gaps.sort();
                return Ok(());
            }
        };
        for (finding, verdict) in report.findings.iter_mut().zip(verdicts) {
            if verdict.is_live() {
                finding.confidence = Confidence::Confirmed;
            }
            finding.verdict = verdict;
        }
        report.notes.push(counted(report));
        if let Some((path, _)) = &self.cache {
            // The report is worth more than the cache.
            if let Err(error) = validator.cache().save(path) {
                tell!("deadkey: --verify-cache: {error}");
            }
        }
        Ok(())
    }

    /// The engine, for whoever asks about one lot of credentials after the other.
    ///
    /// # Errors
    /// If an endpoint is for nobody.
    #[cfg(feature = "tickets")]
    pub fn into_validator(self, ruleset: &Arc<Ruleset>) -> Result<Validator> {
        self.check_endpoints(ruleset)?;
        Ok(Validator::new(ruleset.clone(), self.options))
    }

    /// With credentials of AWS that sign what a key cannot do with itself.
    #[cfg(feature = "tickets")]
    #[must_use]
    pub fn with_operator(mut self, operator: Option<validate::Operator>) -> Verification {
        self.options.operator = operator;
        self
    }

    /// An endpoint that no rule takes is a slip, and the credential would go where it was not to go.
    fn check_endpoints(&self, ruleset: &Ruleset) -> Result<()> {
        let own = self.options.endpoints.len() - self.from_surroundings;
        for endpoint in &self.options.endpoints[..own] {
            if ruleset.rules().iter().any(|rule| endpoint.is_for(rule)) {
                continue;
            }
            let names = ruleset.rules().iter().flat_map(|rule| [rule.provider.as_str(), rule.id.as_str()]);
            let near = suggestion::question(&endpoint.of, names);
            bail!("--verify-endpoint: no provider and no rule is '{}'{near}", endpoint.of);
        }
        Ok(())
    }

    fn say_plans(&self, validator: &mut Validator, report: &Report, candidates: &[Candidate]) {
        let mut out = io::stderr().lock();
        for (finding, candidate) in report.findings.iter().zip(candidates) {
            let at = finding.places.first().map_or(String::new(), |place| format!(" ({}:{})", place.path, place.line));
            // Names of files may hold credentials, too.
            let at = scan::masked_by_builtin(&at);
            let _ = writeln!(out, "{} {}{at}", finding.rule.id, finding.redacted());
            let _ = match validator.plan(candidate) {
                Ok(plan) => plan.iter().try_for_each(|sent| say_request(sent, &mut out)),
                Err(why) => writeln!(out, "    not asked: {why}"),
            };
        }
        let _ = writeln!(
            out,
            "nothing was sent; before the first credential of a type a made-up one of the same shape is sent in its place"
        );
    }
}

/// The certificates that are named: hosts first, files are read.
fn certificates(settings: &VerifySettings) -> Result<Vec<Certificates>> {
    let read = |path: &PathBuf| {
        let named = || format!("--verify-certificate {}", path.display());
        let pem = std::fs::read(path).with_context(named)?;
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into());
        Certificates::in_file(&name, &pem).with_context(named)
    };
    let files = settings.verify_certificate.iter().map(read).collect::<Result<Vec<_>>>()?;
    Ok(settings.verify_tls.iter().cloned().chain(files).collect())
}

/// Writes a request, redacted, for people.
pub fn say_request(sent: &Sent, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "    {} {}", sent.method, sent.url)?;
    sent.headers.iter().try_for_each(|header| writeln!(out, "        {header}"))?;
    if sent.body.is_empty() { Ok(()) } else { writeln!(out, "        {}", sent.body) }
}

/// `12 credentials checked: 3 live, 5 dead, 4 unknown`.
fn counted(report: &Report) -> String {
    let count = |is: fn(&Verdict) -> bool| report.findings.iter().filter(|finding| is(&finding.verdict)).count();
    let (live, dead) = (count(Verdict::is_live), count(Verdict::is_dead));
    let unknown = count(|verdict| matches!(verdict, Verdict::Unknown { .. }));
    let asked = live + dead + unknown;
    let rest = report.findings.len() - asked;
    let rest = if rest == 0 { String::new() } else { format!(", {rest} not checked: interrupted") };
    format!("{asked} credentials checked at their providers: {live} live, {dead} dead, {unknown} unknown{rest}")
}
