//! Many credentials to verdicts: one check each, the control before the first of a type, providers side by side.

use crate::aws::Aws;
use crate::azure_storage::StorageKey;
use crate::cache::Cache;
use crate::candidate::Candidate;
use crate::check::{Asked, Check, Kind, Ruling, Sent};
use crate::control;
use crate::cover::Cover;
use crate::declared::Declared;
use crate::entra::ClientSecret;
use crate::error::Error;
use crate::gcp::ServiceAccount;
use crate::jwt::Jwt;
use crate::net::{Net, NoAnswer};
use crate::options::Options;
use crate::private_key::PrivateKeys;
use crate::servers::{self, LogIn};
use crate::unchecked;
use crate::values::Values;
use model::{Fingerprint, Verdict};
use rules::Ruleset;
use rules::shape::Shape;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::timeout;

/// How often an interrupt is looked for, and progress told.
const TICK: Duration = Duration::from_millis(100);

/// A part whose shape takes fewer bytes than this fits many a word, such as a user's name: what stands near need not belong.
const ANY_WORD: usize = 8;

/// Checks credentials.
pub struct Validator {
    ruleset: Arc<Ruleset>,
    options: Options,
    checks: HashMap<String, Arc<dyn Check>>,
    declared: Arc<dyn Check>,
    cache: Cache,
    kinds: HashMap<String, Option<Arc<Kind>>>,
}

impl Validator {
    /// Checks credentials of these rules.
    pub fn new(ruleset: Arc<Ruleset>, options: Options) -> Validator {
        let (checks, kinds) = (HashMap::new(), HashMap::new());
        let (accounts, certificates) = (options.accounts.clone(), options.certificates.clone());
        let keys: [Arc<dyn Check>; 2] =
            [Arc::new(Jwt(options.issuers.clone())), Arc::new(PrivateKeys { accounts, certificates })];
        let empty =
            Validator { ruleset, options, checks, declared: Arc::new(Declared), cache: Cache::default(), kinds };
        let servers = servers::RULES.map(|rule| Arc::new(LogIn(rule)) as Arc<dyn Check>);
        let clouds: [Arc<dyn Check>; 4] =
            [Arc::new(Aws), Arc::new(ServiceAccount), Arc::new(ClientSecret), Arc::new(StorageKey)];
        servers.into_iter().chain(clouds).chain(keys).fold(empty, Validator::with_check)
    }

    /// With a check that needs code, in place of what the files of its rules say.
    #[must_use]
    pub fn with_check(mut self, check: Arc<dyn Check>) -> Validator {
        self.checks.extend(check.rules().into_iter().map(|rule| (rule, check.clone())));
        self
    }

    /// Whether credentials of a rule are checked: by what its file says, or by code.
    pub fn checks(&self, rule: &str) -> bool {
        let declared = || self.ruleset.get(rule).is_some_and(|(at, _)| self.ruleset.details(at).verify.is_some());
        self.checks.contains_key(rule) || declared()
    }

    /// With verdicts of earlier runs.
    #[must_use]
    pub fn with_cache(self, cache: Cache) -> Validator {
        Validator { cache, ..self }
    }

    /// The verdicts to remember.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// How providers are asked.
    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// What would be sent for a credential, redacted. Opens no connection.
    ///
    /// # Errors
    /// Why nothing would, one phrase.
    pub fn plan(&mut self, candidate: &Candidate) -> Result<Vec<Sent>, String> {
        let (asked, check) = self.asked(candidate)?;
        check.place(&asked)?;
        check.plan(&asked)
    }

    /// Asks about the credentials; one verdict each, in their order. Once `stop` is true those that are not decided yet stay
    /// [`Verdict::NotChecked`]. `progress` is told how many are decided.
    ///
    /// # Errors
    /// If the options name what is none, or the system gives no runtime.
    pub fn verify(
        &mut self,
        candidates: &[Candidate],
        stop: &AtomicBool,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Verdict>, Error> {
        let mut verdicts = vec![Verdict::NotChecked; candidates.len()];
        let mut jobs: BTreeMap<String, VecDeque<Job>> = BTreeMap::new();
        let mut seen: HashMap<(Fingerprint, String), usize> = HashMap::new();
        let mut same = Vec::new();
        for (at, candidate) in candidates.iter().enumerate() {
            let key = (candidate.fingerprint.clone(), candidate.rule.clone());
            if let Some(first) = seen.get(&key) {
                same.push((at, *first));
                continue;
            }
            seen.insert(key, at);
            match self.job(at, candidate) {
                Ok(job) => jobs.entry(job.asked.kind.rule.provider.clone()).or_default().push_back(job),
                Err(verdict) => verdicts[at] = verdict,
            }
        }
        if !jobs.is_empty() {
            let run =
                Run { net: Net::new(&self.options)?, controls: RefCell::default(), decided: RefCell::new(Vec::new()) };
            for (job, verdict) in run_to_end(run.all(jobs, stop, progress))? {
                let Candidate { fingerprint, rule, .. } = &candidates[job.at];
                self.cache.put(fingerprint, rule, &job.place, self.options.blast_radius, &verdict);
                verdicts[job.at] = verdict;
            }
        }
        for (at, first) in same {
            verdicts[at] = verdicts[first].clone();
        }
        Ok(verdicts)
    }

    fn job(&mut self, at: usize, candidate: &Candidate) -> Result<Job, Verdict> {
        let (asked, check) = self.asked(candidate).map_err(Verdict::unknown)?;
        let place = check.place(&asked).map_err(Verdict::unknown)?.key;
        let reach = self.options.blast_radius;
        match self.cache.get(&candidate.fingerprint, &candidate.rule, &place, reach) {
            Some(verdict) => Err(verdict),
            None => Ok(Job { at, asked, check, place }),
        }
    }

    /// The credential as its check sees it, and the check.
    fn asked(&mut self, candidate: &Candidate) -> Result<(Asked, Arc<dyn Check>), String> {
        let own = self.checks.get(&candidate.rule).cloned();
        let mut asked = self.credential(candidate)?;
        let check = match own {
            Some(check) => check,
            None if asked.kind.details.verify.is_some() => self.declared.clone(),
            None => {
                let Kind { rule, details, .. } = &*asked.kind;
                return Err(unchecked::instead_of_a_verdict(&rule.id, details.revoke.as_ref()));
            }
        };
        check.open_parts().iter().for_each(|name| asked.values.open(name));
        Ok((asked, check))
    }

    /// A credential with its rule, its parts by name and its endpoint: what checks are given, and what a revocation starts from.
    ///
    /// # Errors
    /// If its rule is not among those of this run.
    pub fn credential(&mut self, candidate: &Candidate) -> Result<Asked, String> {
        let kind = self.kind(&candidate.rule).ok_or_else(|| "its rule is not among those of this run".to_owned())?;
        let mut values = Values::new();
        values.set("secret", candidate.secret.expose().to_vec());
        let mut unclear = Vec::new();
        for (name, value) in &candidate.parts {
            match values.get(name) {
                None => values.set(name, value.expose().to_vec()),
                Some(first) if first != value && !unclear.contains(name) => unclear.push(name.clone()),
                Some(_) => {}
            }
        }
        let is_guess = |name: &String, shape: &Shape| shape.len_range().0 < ANY_WORD && candidate.apart.contains(name);
        let companions = kind.rule.companions.iter().filter(|part| is_guess(&part.name, &part.shape));
        let guessed = match candidate.was_live {
            true => Vec::new(),
            false => companions.map(|part| part.name.clone()).collect(),
        };
        let seen_hosts = candidate.seen_hosts.clone();
        Ok(Asked { kind, values, seen_hosts, was_live: candidate.was_live, unclear, guessed })
    }

    fn kind(&mut self, rule: &str) -> Option<Arc<Kind>> {
        if let Some(known) = self.kinds.get(rule) {
            return known.clone();
        }
        let kind = self.ruleset.get(rule).map(|(index, rule)| {
            let endpoints = &self.options.endpoints;
            // A rule's own endpoint comes before its provider's.
            let own = endpoints.iter().find(|endpoint| endpoint.of == rule.id);
            let endpoint = own.or_else(|| endpoints.iter().find(|endpoint| endpoint.is_for(rule)));
            let details = self.ruleset.details(index);
            Arc::new(Kind { rule: rule.clone(), details, endpoint: endpoint.map(|e| e.base.clone()) })
        });
        self.kinds.insert(rule.to_owned(), kind.clone());
        kind
    }
}

/// Runs what asks over a [`Net`] to its end, on a runtime of its own.
///
/// # Errors
/// If the system gives no runtime.
pub fn run_to_end<T>(work: impl std::future::Future<Output = T>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    let done = runtime.block_on(tokio::task::LocalSet::new().run_until(work));
    // A name that is still being looked up must not hold anybody up.
    runtime.shutdown_background();
    Ok(done)
}

struct Job {
    at: usize,
    asked: Asked,
    check: Arc<dyn Check>,
    place: String,
}

struct Run {
    net: Net,
    controls: RefCell<HashMap<(String, String), Rc<OnceCell<Ruling>>>>,
    decided: RefCell<Vec<(Job, Verdict)>>,
}

impl Run {
    /// Works through all jobs, so many of a provider at a time as a host is asked at a time.
    async fn all(
        self,
        jobs: BTreeMap<String, VecDeque<Job>>,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(usize),
    ) -> Vec<(Job, Verdict)> {
        let width = self.net.options().concurrency.1.max(1);
        let run = Rc::new(self);
        let mut workers = tokio::task::JoinSet::new();
        for queue in jobs.into_values() {
            let count = queue.len().min(width);
            let queue = Rc::new(RefCell::new(queue));
            for _ in 0..count {
                let (run, queue) = (run.clone(), queue.clone());
                workers.spawn_local(async move { run.work(&queue).await });
            }
        }
        let mut ticks = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                done = workers.join_next() => if done.is_none() { break },
                _ = ticks.tick() => {
                    progress(run.decided.borrow().len());
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                }
            }
        }
        workers.abort_all();
        std::mem::take(&mut *run.decided.borrow_mut())
    }

    async fn work(&self, queue: &RefCell<VecDeque<Job>>) {
        loop {
            let job = queue.borrow_mut().pop_front();
            let Some(job) = job else { return };
            let mut verdict = self.judge(&job).await;
            let cover = Cover::of(&job.asked.values);
            verdict.texts_mut().into_iter().for_each(|text| *text = cover.text(text));
            self.decided.borrow_mut().push((job, verdict));
        }
    }

    async fn judge(&self, job: &Job) -> Verdict {
        let control = match self.control(job).await {
            Ok(Ruling::Live { live, .. }) => {
                let why = format!("a made-up value was taken, too ({}): the answer proves nothing", live.evidence);
                return Verdict::unknown(why);
            }
            Ok(control) => control,
            // Where the made-up value gets no answer, the real one is not sent.
            Err(none) => return none.into(),
        };
        let limit = self.net.options().total_timeout;
        let judged = async {
            let ruling = job.check.ask(&job.asked, &self.net).await;
            job.check.settle(ruling, &control, &job.asked, &self.net).await
        };
        let late = |_| Verdict::unknown(format!("no verdict within {} s", limit.as_secs_f32()));
        match timeout(limit, judged).await.unwrap_or_else(late) {
            Verdict::Dead { why } if !job.asked.unclear.is_empty() => {
                let parts = job.asked.unclear.join(", ");
                Verdict::unknown(format!("{why}, but several values of {parts} stand beside it, and one was tried"))
            }
            Verdict::Dead { why } if !job.asked.guessed.is_empty() => {
                let parts = job.asked.guessed.join(", ");
                Verdict::unknown(format!(
                    "{why}, but its {parts} stands on another line and may be another's; on one line with it a refusal counts"
                ))
            }
            verdict => verdict,
        }
    }

    /// What a made-up credential of the type is told; asked once a rule and place, and again where there was no answer.
    async fn control(&self, job: &Job) -> Result<Ruling, NoAnswer> {
        let key = (job.asked.kind.rule.id.clone(), job.place.clone());
        let cell = self.controls.borrow_mut().entry(key).or_default().clone();
        cell.get_or_try_init(|| self.ask_control(job)).await.cloned()
    }

    async fn ask_control(&self, job: &Job) -> Result<Ruling, NoAnswer> {
        let secret = job.asked.values.get("secret").map_or(&[][..], |secret| secret.expose());
        let made_up = control::made_up(&job.asked.kind, self.net.options(), secret);
        let Some(values) = made_up.and_then(|values| job.check.control(&job.asked, values)) else {
            return Ok(Ruling::unknown("no made-up value of this type"));
        };
        let asked = Asked { values, ..job.asked.clone() };
        let limit = self.net.options().total_timeout;
        match timeout(limit, job.check.ask(&asked, &self.net)).await {
            Ok(Ruling::NoAnswer(none)) => Err(none),
            Ok(ruling) => Ok(ruling),
            Err(_) => Err(NoAnswer::new(format!("no answer within {} s", limit.as_secs_f32()))),
        }
    }
}
