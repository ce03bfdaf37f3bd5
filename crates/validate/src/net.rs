//! Connections, with manners: addresses are looked at after names are resolved, rates and pauses are kept, answers bounded.

use crate::address::is_public;
use crate::error::Error;
use crate::http_answer::Answer;
use crate::options::Options;
use crate::pace::Pace;
use crate::stream::Stream;
use crate::tls::Tls;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::time::timeout;

/// Connections that are kept open for the next request to the same host, at most.
const IDLE: usize = 16;
/// The first wait before trying again; the next ones are twice the one before, with jitter.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Who named the host of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trust {
    /// The user: it may be anywhere.
    User,
    /// The rule, or what was scanned: it must be on the public internet.
    Rule,
}

/// One HTTP request.
#[derive(Clone)]
pub struct Call {
    /// Whose rate it counts against.
    pub provider: String,
    /// Whether TLS is spoken.
    pub tls: bool,
    /// The host, a name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Who named the host.
    pub trust: Trust,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers, besides those that every request has.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Call({} to {}:{})", self.method, self.host, self.port)
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer {
    /// One phrase; holds no secret.
    pub why: String,
    /// When to come again, in seconds, where that was said.
    pub retry_after: Option<u64>,
}

impl NoAnswer {
    /// For this reason.
    pub fn new(why: impl Into<String>) -> NoAnswer {
        NoAnswer { why: why.into(), retry_after: None }
    }
}

type Sender = SendRequest<Full<Bytes>>;

/// What connections are made with.
pub struct Net {
    options: Options,
    tls: Tls,
    pace: Pace,
    idle: Mutex<HashMap<(bool, String, u16, Trust), Vec<Sender>>>,
    jitter: Mutex<u64>,
    answered: Mutex<HashMap<String, Arc<OnceCell<bool>>>>,
}

impl Net {
    /// With these options.
    ///
    /// # Errors
    /// If the certificates of authorities are none.
    pub fn new(options: &Options) -> Result<Net, Error> {
        Ok(Net {
            tls: Tls::new(&options.authorities, options.system_authorities)?,
            pace: Pace::new(options.rates, options.concurrency),
            idle: Mutex::default(),
            jitter: Mutex::new(options.seed | 1),
            answered: Mutex::default(),
            options: options.clone(),
        })
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The answer to a question that is the same for many credentials; asked once a run, whoever asks first, and again where
    /// there was no answer.
    ///
    /// # Errors
    /// If there is none.
    pub async fn once_for_all(
        &self,
        question: &str,
        ask: impl Future<Output = Result<bool, NoAnswer>>,
    ) -> Result<bool, NoAnswer> {
        let cell = self.answered.lock().expect("no panic inside").entry(question.to_owned()).or_default().clone();
        cell.get_or_try_init(|| ask).await.copied()
    }

    /// What TLS is spoken with, for protocols that begin without it.
    ///
    /// # Errors
    /// If no certificate authorities are known.
    pub fn tls_config(&self) -> Result<Arc<rustls::ClientConfig>, NoAnswer> {
        self.tls.config().map_err(NoAnswer::new)
    }

    /// Sends a request, and again where the host asks for patience. Redirects are answers like others.
    ///
    /// # Errors
    /// If there is none that could decide anything: no connection, too slow, too many requests, a fault of the server.
    pub async fn send(&self, call: &Call) -> Result<Answer, NoAnswer> {
        if let Some(why) = self.pace.given_up(&call.host) {
            return Err(NoAnswer::new(why));
        }
        let mut wait = FIRST_WAIT;
        let mut attempt = 1;
        loop {
            self.wait_for(&call.host).await?;
            let last = attempt >= self.options.attempts;
            let (again, failure) = match self.once(call).await {
                Ok(answer) if answer.status == 429 || answer.status >= 500 => {
                    let said = answer.retry_after(now()).map(Duration::from_secs);
                    let why = format!("{} from {}", answer.status, call.host);
                    (said, NoAnswer { why, retry_after: said.map(|time| time.as_secs()) })
                }
                Ok(answer) => {
                    self.pace.answered(&call.host);
                    return Ok(answer);
                }
                Err(Failure { why, may_pass }) if may_pass => (None, NoAnswer::new(why)),
                Err(Failure { why, .. }) => {
                    self.pace.unanswered(&call.host, &why);
                    return Err(NoAnswer::new(why));
                }
            };
            let pause = again.unwrap_or_else(|| self.jittered(wait));
            if again.is_some() {
                self.pace.pause_for(&call.host, pause);
            }
            if last || pause > self.options.longest_wait {
                self.pace.unanswered(&call.host, &failure.why);
                return Err(failure);
            }
            tokio::time::sleep(pause).await;
            wait *= 2;
            attempt += 1;
        }
    }

    /// Sends a request once, over a connection of its own, for what changes something: where no answer comes it may have
    /// taken effect, which only the caller can find out. Every status is an answer.
    ///
    /// # Errors
    /// If no whole answer came, or it is longer than the limit.
    pub async fn send_once(&self, call: &Call) -> Result<Answer, NoAnswer> {
        let told = |failure: Failure| NoAnswer::new(failure.why);
        let _permit = self.pace.permit(&call.host).await;
        let request = request(call).map_err(told)?;
        let key = (call.tls, call.host.clone(), call.port, call.trust);
        let sender = self.begin(call).await.map_err(told)?;
        let answer = self.exchange(call, sender, request, &key).await.map_err(told)?;
        if answer.is_whole { Ok(answer) } else { Err(NoAnswer::new("the answer is too long")) }
    }

    /// A connection to `host`, for what is no HTTP; as slow and as checked as one for HTTP. The caller bounds what
    /// is said over it; how many there are at a time, the number of credentials asked about at a time does.
    ///
    /// # Errors
    /// If there is none.
    pub async fn connect(
        &self,
        provider: &str,
        host: &str,
        port: u16,
        tls: bool,
        trust: Trust,
    ) -> Result<Stream, NoAnswer> {
        if let Some(why) = self.pace.given_up(host) {
            return Err(NoAnswer::new(why));
        }
        let _permit = self.pace.permit(host).await;
        self.pace.pass(provider, host).await;
        let opened = self.open(host, port, tls, trust).await;
        match &opened {
            Ok(_) => self.pace.answered(host),
            Err(failure) => self.pace.unanswered(host, &failure.why),
        }
        opened.map_err(|failure| NoAnswer::new(failure.why))
    }

    /// Goes on with TLS over a connection that began without it.
    ///
    /// # Errors
    /// If the handshake fails, or it is within TLS already.
    pub async fn secure(&self, stream: Stream, host: &str) -> Result<Stream, NoAnswer> {
        let Stream::Plain(stream) = stream else { return Err(NoAnswer::new(format!("{host}: TLS within TLS"))) };
        let limit = self.options.connect_timeout;
        let wrapped = timeout(limit, self.tls.wrap(host, stream));
        let late = |_| NoAnswer::new(format!("no TLS connection to {host} within {} s", limit.as_secs_f32()));
        let failed = |e| NoAnswer::new(format!("no TLS connection to {host}: {e}"));
        Ok(Stream::Tls(Box::new(wrapped.await.map_err(late)?.map_err(failed)?)))
    }

    /// The hosts that run a service of a domain, all within that domain's parent, those to be asked first in front.
    ///
    /// # Errors
    /// If there are none, or one is outside: whoever answers for the domain could send a secret anywhere.
    pub async fn hosts(&self, service: &str, domain: &str) -> Result<Vec<(String, u16)>, NoAnswer> {
        // Of a domain of two labels that is itself.
        let parent = domain.split_once('.').map(|(_, parent)| parent).filter(|parent| parent.contains('.'));
        let parent = parent.unwrap_or(domain);
        let found = self.options.resolver.hosts(&format!("{service}.{domain}")).await;
        let found = found.map_err(|_| NoAnswer::new(format!("the hosts of {domain} cannot be looked up")))?;
        match found.iter().find(|(host, _)| !host.ends_with(&format!(".{parent}"))) {
            Some((host, _)) => Err(NoAnswer::new(format!("{domain} names {host}, which is outside of {parent}"))),
            None => Ok(found),
        }
    }

    /// The certificate that a host shows, DER, whoever signed it: for looking at it. Nothing is sent to the host.
    ///
    /// # Errors
    /// If there is no connection, or no handshake.
    pub async fn shown_certificate(&self, provider: &str, host: &str, port: u16) -> Result<Vec<u8>, NoAnswer> {
        let Stream::Plain(stream) = self.connect(provider, host, port, false, Trust::User).await? else {
            return Err(NoAnswer::new(format!("{host}: TLS within TLS")));
        };
        let limit = self.options.connect_timeout;
        let late = |_| NoAnswer::new(format!("no TLS connection to {host} within {} s", limit.as_secs_f32()));
        let shown = timeout(limit, crate::tls::shown_certificate(host, stream)).await.map_err(late)?;
        shown.map_err(|e| NoAnswer::new(format!("no TLS connection to {host}: {e}")))
    }

    async fn wait_for(&self, host: &str) -> Result<(), NoAnswer> {
        while let Some(pause) = self.pace.pause(host) {
            if pause > self.options.longest_wait {
                let why = format!("{host} asked to be left alone");
                return Err(NoAnswer { why, retry_after: Some(pause.as_secs().max(1)) });
            }
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }

    fn jittered(&self, wait: Duration) -> Duration {
        let mut state = self.jitter.lock().expect("no panic inside");
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let part = (*state >> 40) as f64 / f64::from(1 << 24);
        wait.mul_f64(0.5 + part)
    }

    async fn once(&self, call: &Call) -> Result<Answer, Failure> {
        let _permit = self.pace.permit(&call.host).await;
        let request = request(call)?;
        let key = (call.tls, call.host.clone(), call.port, call.trust);
        // One that was closed meanwhile is told by the first write; then a new one is opened.
        if let Some(sender) = self.take_idle(&key) {
            self.pace.pass(&call.provider, &call.host).await;
            if !sender.is_closed() {
                match self.exchange(call, sender, request.clone(), &key).await {
                    Err(Failure { may_pass: true, .. }) => {}
                    other => return other,
                }
            }
        }
        let sender = self.begin(call).await?;
        self.exchange(call, sender, request, &key).await
    }

    /// A new connection over which a request can be sent, when its turn has come.
    async fn begin(&self, call: &Call) -> Result<Sender, Failure> {
        let stream = self.open(&call.host, call.port, call.tls, call.trust).await?;
        let (sender, connection) = hyper::client::conn::http1::Builder::new()
            .max_buf_size(64 << 10)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| Failure::passing(format!("the connection to {} broke", call.host)))?;
        tokio::task::spawn_local(async move {
            // What breaks here is told to whoever waits for the answer.
            let _ = connection.await;
        });
        self.pace.pass(&call.provider, &call.host).await;
        Ok(sender)
    }

    async fn exchange(
        &self,
        call: &Call,
        mut sender: Sender,
        request: http::Request<Full<Bytes>>,
        key: &(bool, String, u16, Trust),
    ) -> Result<Answer, Failure> {
        let exchanged = timeout(self.options.answer_timeout, async {
            let broke = |_| Failure::passing(format!("the connection to {} broke before its answer ended", call.host));
            let (head, mut body) = sender.send_request(request).await.map_err(broke)?.into_parts();
            let (mut bytes, mut is_whole) = (Vec::new(), true);
            while let Some(frame) = body.frame().await {
                let Ok(data) = frame.map_err(broke)?.into_data() else { continue };
                let room = self.options.body_limit - bytes.len();
                bytes.extend_from_slice(&data[..data.len().min(room)]);
                if data.len() > room {
                    is_whole = false;
                    break;
                }
            }
            Ok((head, bytes, is_whole))
        });
        let (head, body, is_whole) = exchanged.await.map_err(|_| {
            let seconds = self.options.answer_timeout.as_secs_f32();
            Failure::lasting(format!("{} did not answer within {seconds} s", call.host))
        })??;
        if is_whole {
            self.keep_idle(key, sender);
        }
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let headers = head.headers.iter().map(header).collect();
        Ok(Answer { host: call.host.clone(), status: head.status.as_u16(), headers, body, is_whole })
    }

    fn take_idle(&self, key: &(bool, String, u16, Trust)) -> Option<Sender> {
        let mut idle = self.idle.lock().expect("no panic inside");
        let senders = idle.get_mut(key)?;
        while let Some(sender) = senders.pop() {
            if !sender.is_closed() {
                return Some(sender);
            }
        }
        None
    }

    fn keep_idle(&self, key: &(bool, String, u16, Trust), sender: Sender) {
        let mut idle = self.idle.lock().expect("no panic inside");
        let senders = idle.entry(key.clone()).or_default();
        if !sender.is_closed() && senders.len() < IDLE {
            senders.push(sender);
        }
    }

    /// Opens a connection to an address that was looked at: the name is resolved once, here.
    async fn open(&self, host: &str, port: u16, tls: bool, trust: Trust) -> Result<Stream, Failure> {
        let opened = timeout(self.options.connect_timeout, async {
            let stream = match self.options.proxy.as_ref().filter(|proxy| proxy.is_for(host)) {
                Some(proxy) => {
                    if let Ok(address) = host.parse::<IpAddr>() {
                        self.check(host, &[address], trust)?;
                    }
                    let addresses = self.resolve(&proxy.host).await?;
                    let mut stream = reach(&proxy.host, proxy.port, &addresses, self.options.connect_timeout).await?;
                    let refused = |e: io::Error| Failure::lasting(format!("no way to {host}: {e}"));
                    proxy.tunnel(&mut stream, host, port).await.map_err(refused)?;
                    stream
                }
                None => {
                    let addresses = self.resolve(host).await?;
                    let allowed = self.check(host, &addresses, trust)?;
                    reach(host, port, &allowed, self.options.connect_timeout).await?
                }
            };
            // Small requests and answers: waiting to fill packets only costs time.
            let _ = stream.set_nodelay(true);
            if !tls {
                return Ok(Stream::Plain(stream));
            }
            let wrapped = self.tls.wrap(host, stream).await;
            wrapped
                .map(|stream| Stream::Tls(Box::new(stream)))
                .map_err(|e| Failure::lasting(format!("no TLS connection to {host}: {e}")))
        });
        let seconds = self.options.connect_timeout.as_secs_f32();
        opened.await.map_err(|_| Failure::lasting(format!("no connection to {host} within {seconds} s")))?
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, Failure> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        match self.options.resolver.resolve(host).await {
            Ok(addresses) if !addresses.is_empty() => Ok(addresses),
            Ok(_) => Err(Failure::lasting(format!("the name {host} has no address"))),
            Err(_) => Err(Failure::lasting(format!("the name {host} cannot be resolved"))),
        }
    }

    /// The addresses that may be connected to.
    fn check(&self, host: &str, addresses: &[IpAddr], trust: Trust) -> Result<Vec<IpAddr>, Failure> {
        if trust == Trust::User || self.options.allow_private {
            return Ok(addresses.to_vec());
        }
        let public: Vec<_> = addresses.iter().copied().filter(|address| is_public(*address)).collect();
        if public.is_empty() {
            return Err(Failure::lasting(format!(
                "{host} leads to a private address, which is not contacted unless --allow-private says so"
            )));
        }
        Ok(public)
    }
}

/// Why an attempt failed.
struct Failure {
    why: String,
    /// Whether trying again at once may help.
    may_pass: bool,
}

impl Failure {
    fn passing(why: String) -> Failure {
        Failure { why, may_pass: true }
    }

    fn lasting(why: String) -> Failure {
        Failure { why, may_pass: false }
    }
}

/// The first of the addresses that takes a connection.
async fn reach(host: &str, port: u16, addresses: &[IpAddr], within: Duration) -> Result<TcpStream, Failure> {
    let each = within / addresses.len().clamp(1, 4) as u32;
    let mut kind = io::ErrorKind::Other;
    for address in addresses {
        // One that swallows packets must leave time for the others.
        match timeout(each, TcpStream::connect(SocketAddr::new(*address, port))).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => kind = error.kind(),
            Err(_) => kind = io::ErrorKind::TimedOut,
        }
    }
    Err(Failure::lasting(format!("no connection to {host}: {kind}")))
}

fn request(call: &Call) -> Result<http::Request<Full<Bytes>>, Failure> {
    let unsendable = |_| Failure::lasting("the credential has characters that no request can carry".to_owned());
    let host = if call.host.contains(':') { format!("[{}]", call.host) } else { call.host.clone() };
    let usual = if call.tls { 443 } else { 80 };
    let authority = if call.port == usual { host } else { format!("{host}:{}", call.port) };
    let mut builder = http::Request::builder()
        .method(call.method.as_str())
        .uri(call.target.as_str())
        .header("host", authority)
        .header("user-agent", concat!("deadkey/", env!("CARGO_PKG_VERSION")));
    if !call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept")) {
        builder = builder.header("accept", "application/json, */*;q=0.5");
    }
    for (name, value) in &call.headers {
        let mut value = http::HeaderValue::from_bytes(value).map_err(|e| unsendable(e.into()))?;
        value.set_sensitive(true);
        builder = builder.header(name.as_str(), value);
    }
    if !call.body.is_empty() || call.method == "POST" {
        builder = builder.header("content-length", call.body.len());
    }
    builder.body(Full::new(Bytes::from(call.body.clone()))).map_err(unsendable)
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}
