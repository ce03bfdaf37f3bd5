//! How fast and how many at a time.

use crate::options::Rates;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Requests are sent so much slower than the limit: they do not arrive at the intervals in which they were sent.
const MARGIN: f64 = 1.04;
/// The clock of timers: shorter intervals cannot be kept, and need not be.
const CLOCK: Duration = Duration::from_micros(200);
/// After so many credentials in a row that a host left without an answer it is asked no more in this run.
const GIVE_UP: u32 = 3;

/// Gates of a rate, one a key; how many connections there are; what is known of hosts.
pub struct Pace {
    rates: Rates,
    gates: Mutex<HashMap<String, Gate>>,
    everybody: Arc<Semaphore>,
    per_host: usize,
    hosts: Mutex<HashMap<String, Host>>,
}

type Gate = Arc<tokio::sync::Mutex<Option<Instant>>>;

struct Host {
    permits: Arc<Semaphore>,
    paused_until: Option<Instant>,
    unanswered: u32,
    last_reason: String,
}

/// The right to have a connection; given back when dropped.
pub struct Permit {
    _host: OwnedSemaphorePermit,
    _everybody: OwnedSemaphorePermit,
}

impl Pace {
    /// With these rates, and so many connections to everybody and to one host.
    pub fn new(rates: Rates, concurrency: (usize, usize)) -> Pace {
        Pace {
            rates,
            gates: Mutex::default(),
            everybody: Arc::new(Semaphore::new(concurrency.0.max(1))),
            per_host: concurrency.1.max(1),
            hosts: Mutex::default(),
        }
    }

    /// Waits for the right to connect to a host.
    pub async fn permit(&self, host: &str) -> Permit {
        let permits = self.with_host(host, |known| known.permits.clone());
        let own = permits.acquire_owned().await.expect("never closed");
        let everybody = self.everybody.clone().acquire_owned().await.expect("never closed");
        Permit { _host: own, _everybody: everybody }
    }

    /// Waits until one more request may be sent. One passes a gate after the other, and the next an interval after the
    /// last one passed: so a machine that slept does not make up for it.
    pub async fn pass(&self, provider: &str, host: &str) {
        self.gate(format!("provider {provider}"), self.rates.provider).await;
        self.gate(format!("host {host}"), self.rates.host).await;
        self.gate(String::new(), self.rates.global).await;
    }

    async fn gate(&self, key: String, rate: f64) {
        let gate = self.gates.lock().expect("no panic inside").entry(key).or_default().clone();
        let interval = Duration::from_secs_f64(MARGIN / rate.max(1e-3));
        if interval < CLOCK {
            return;
        }
        let mut last = gate.lock().await;
        if let Some(last) = *last {
            tokio::time::sleep_until(last + interval).await;
        }
        *last = Some(Instant::now());
    }

    /// How long a host wants to be left alone.
    pub fn pause(&self, host: &str) -> Option<Duration> {
        let until = self.with_host(host, |known| known.paused_until)?;
        until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// Leaves a host alone for so long.
    pub fn pause_for(&self, host: &str, time: Duration) {
        let until = Instant::now() + time;
        self.with_host(host, |known| known.paused_until = known.paused_until.max(Some(until)));
    }

    /// A host answered.
    pub fn answered(&self, host: &str) {
        self.with_host(host, |known| known.unanswered = 0);
    }

    /// A credential got no answer of a host.
    pub fn unanswered(&self, host: &str, why: &str) {
        self.with_host(host, |known| {
            known.unanswered += 1;
            known.last_reason = why.to_owned();
        });
    }

    /// Why a host is asked no more, if so.
    pub fn given_up(&self, host: &str) -> Option<String> {
        self.with_host(host, |known| {
            (known.unanswered >= GIVE_UP)
                .then(|| format!("{}; {host} is not asked again in this run", known.last_reason))
        })
    }

    fn with_host<T>(&self, host: &str, act: impl FnOnce(&mut Host) -> T) -> T {
        let mut hosts = self.hosts.lock().expect("no panic inside");
        let known = hosts.entry(host.to_owned()).or_insert_with(|| Host {
            permits: Arc::new(Semaphore::new(self.per_host)),
            paused_until: None,
            unanswered: 0,
            last_reason: String::new(),
        });
        act(known)
    }
}
