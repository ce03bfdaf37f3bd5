//! An HTTP server on loopback that stands in for a provider: answers as it is told, and keeps what it received.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// When its last byte was there.
    pub at: Instant,
    /// The method.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// The `Host` header, without its port.
    pub host: String,
    /// Header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    /// The value of a header, whose name is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All of it as text, what basic authentication encodes decoded and percent-encoding undone, to search for a value.
    pub fn text(&self) -> String {
        let mut text = format!("{} {}\n", self.method, self.target);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\n"));
            if let Some(coded) = value.strip_prefix("Basic ") {
                text.push_str(&String::from_utf8_lossy(&decoded(coded)));
                text.push('\n');
            }
        }
        let body = String::from_utf8_lossy(&self.body).into_owned();
        let plain =
            [percent_decoded(&self.target), percent_decoded(&body), body.replace("\\\"", "\"").replace("\\\\", "\\")];
        text + &body + "\n" + &plain.join("\n")
    }
}

/// What a request is answered with.
#[derive(Clone, Debug)]
pub enum Reply {
    /// This, after so long.
    Answer {
        /// Waits first.
        after: Duration,
        /// Status.
        status: u16,
        /// Header lines.
        headers: Vec<String>,
        /// Body.
        body: Vec<u8>,
    },
    /// A body of so many bytes that ends nowhere near.
    Endless(u64),
    /// A head that comes byte by byte, this long apart.
    Drip(Duration),
    /// Nothing, and the connection is closed.
    Close,
}

impl Reply {
    /// JSON at once.
    pub fn json(status: u16, body: impl Into<String>) -> Reply {
        Reply::of(status, "application/json", body)
    }

    /// A body of this content type at once.
    pub fn of(status: u16, kind: &str, body: impl Into<String>) -> Reply {
        let headers = vec![format!("Content-Type: {kind}")];
        Reply::Answer { after: Duration::ZERO, status, headers, body: body.into().into_bytes() }
    }

    /// The same with a further header line.
    #[must_use]
    pub fn with(self, line: &str) -> Reply {
        match self {
            Reply::Answer { after, status, mut headers, body } => {
                headers.push(line.to_owned());
                Reply::Answer { after, status, headers, body }
            }
            other => other,
        }
    }

    /// The same after so long.
    #[must_use]
    pub fn after(self, after: Duration) -> Reply {
        match self {
            Reply::Answer { status, headers, body, .. } => Reply::Answer { after, status, headers, body },
            other => other,
        }
    }
}

type Handler = dyn Fn(&Received) -> Reply + Send + Sync;

/// The server; stops when dropped.
pub struct Double {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<Mutex<usize>>,
    stop: Arc<AtomicBool>,
}

impl Double {
    /// Starts a server that answers each request with what `handler` says.
    pub fn start(handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Double {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        let (received, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let connections = Arc::new(Mutex::new(0));
        let handler: Arc<Handler> = Arc::new(handler);
        let (kept, stopped, counted) = (received.clone(), stop.clone(), connections.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                *counted.lock().expect("not poisoned") += 1;
                let (handler, kept) = (handler.clone(), kept.clone());
                std::thread::spawn(move || serve(stream, &*handler, &kept));
            }
        });
        Double { address, received, connections, stop }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it received so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("not poisoned").clone()
    }

    /// How many connections were opened to it.
    pub fn connections(&self) -> usize {
        *self.connections.lock().expect("not poisoned")
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the listener up.
        let _ = TcpStream::connect(self.address);
    }
}

/// Answers the requests of one connection; whoever went away is answered no more.
fn serve(stream: TcpStream, handler: &Handler, kept: &Mutex<Vec<Received>>) {
    let _ = stream.set_nodelay(true);
    let Ok(read) = stream.try_clone() else { return };
    let (mut reader, mut writer) = (BufReader::new(read), stream);
    while let Some(received) = read_request(&mut reader) {
        let reply = handler(&received);
        kept.lock().expect("not poisoned").push(received);
        if write_reply(&mut writer, reply).is_none() {
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let find = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let len = find("content-length").and_then(|len| len.parse().ok()).unwrap_or(0);
    let host = find("host").unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host.as_str(), |(host, _)| host).to_owned();
    let mut body = vec![0; len];
    reader.read_exact(&mut body).ok()?;
    Some(Received { at: Instant::now(), method, target, host, headers, body })
}

/// Writes a reply; `None` where the connection is over.
fn write_reply(writer: &mut TcpStream, reply: Reply) -> Option<()> {
    match reply {
        Reply::Answer { after, status, headers, body } => {
            std::thread::sleep(after);
            let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
            let head = format!("HTTP/1.1 {status} Said\r\n{lines}Content-Length: {}\r\n\r\n", body.len());
            writer.write_all(&[head.as_bytes(), &body].concat()).ok()
        }
        Reply::Endless(bytes) => {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {bytes}\r\n\r\n");
            writer.write_all(head.as_bytes()).ok()?;
            let block = [b'['; 16 << 10];
            for _ in 0..bytes / block.len() as u64 {
                writer.write_all(&block).ok()?;
            }
            None
        }
        Reply::Drip(apart) => {
            for byte in b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n".iter().cycle() {
                writer.write_all(&[*byte]).ok()?;
                std::thread::sleep(apart);
            }
            None
        }
        Reply::Close => None,
    }
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut plain, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|d| std::str::from_utf8(d).ok());
        let byte = digits.filter(|_| bytes[at] == b'%').and_then(|d| u8::from_str_radix(d, 16).ok());
        plain.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

fn decoded(coded: &str) -> Vec<u8> {
    let value = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let (mut bits, mut held, mut plain) = (0u32, 0, Vec::new());
    for six in coded.bytes().filter_map(value) {
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            plain.push((bits >> held) as u8);
        }
    }
    plain
}
