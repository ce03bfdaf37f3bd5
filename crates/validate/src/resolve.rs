//! Names to addresses, and services to the hosts that run them.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// The addresses of a host, once they are known.
pub type Addresses<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;
/// Hosts and ports that run a service, once they are known.
pub type Hosts<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<(String, u16)>>> + Send + 'a>>;

/// Finds the addresses of hosts. What it answers is looked at and connected to; it is asked once a connection.
pub trait Resolve: Send + Sync {
    /// The addresses of `host`, which is a name.
    fn resolve<'a>(&'a self, host: &'a str) -> Addresses<'a>;

    /// The hosts that run a service (`_mongodb._tcp.example.com`): its SRV records, those to be asked first in front.
    fn hosts<'a>(&'a self, service: &'a str) -> Hosts<'a> {
        let _ = service;
        Box::pin(std::future::ready(Err(io::ErrorKind::Unsupported.into())))
    }
}

/// What the system knows.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Resolve for System {
    fn resolve<'a>(&'a self, host: &'a str) -> Addresses<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }

    fn hosts<'a>(&'a self, service: &'a str) -> Hosts<'a> {
        Box::pin(async move {
            let servers = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
            let servers = name_servers(&servers);
            let mut last = io::ErrorKind::NotFound.into();
            for server in servers {
                match timeout(PATIENCE, services_by(server, service)).await {
                    Ok(Ok(hosts)) => return Ok(hosts),
                    Ok(Err(error)) => last = error,
                    Err(_) => last = io::ErrorKind::TimedOut.into(),
                }
            }
            Err(last)
        })
    }
}

/// How long one name server is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// Bytes of an answer, at most.
const LONGEST: usize = 4096;
/// The type and the class of the records that are asked for.
const SRV: [u8; 4] = [0, 33, 0, 1];

/// The name servers that the system's configuration names, at most three, as everywhere.
fn name_servers(configuration: &str) -> Vec<SocketAddr> {
    let named = configuration.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    let addresses = named.filter_map(|address| address.trim().parse::<IpAddr>().ok());
    addresses.take(3).map(|address| SocketAddr::new(address, 53)).collect()
}

/// Asks one name server for the hosts of a service (RFC 1035, RFC 2782).
async fn services_by(server: SocketAddr, service: &str) -> io::Result<Vec<(String, u16)>> {
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { [0u16; 8].into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    socket.connect(server).await?;
    let mut id = [0; 2];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut id).map_err(|_| invalid())?;
    let mut question = Vec::new();
    for label in service.split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..64).contains(length)).ok_or_else(invalid)?;
        question.push(length);
        question.extend_from_slice(label.as_bytes());
    }
    question.push(0);
    question.extend(SRV);
    socket.send(&[&id[..], &[1, 0, 0, 1, 0, 0, 0, 0, 0, 0], &question].concat()).await?;
    let mut answer = vec![0; LONGEST];
    let length = socket.recv(&mut answer).await?;
    answer.truncate(length);
    let asked = 12..12 + question.len();
    let is_answer = answer.get(..2) == Some(&id[..])
        && answer.get(2).is_some_and(|flags| flags & 0x80 != 0)
        && answer.get(asked.clone()).is_some_and(|same| same.eq_ignore_ascii_case(&question));
    if !is_answer {
        return Err(invalid());
    }
    let mut hosts = records(&answer, asked.end).ok_or_else(invalid)?;
    hosts.sort();
    match hosts.is_empty() {
        true => Err(io::ErrorKind::NotFound.into()),
        false => Ok(hosts.into_iter().map(|(_, host, port)| (host, port)).collect()),
    }
}

/// Priority, host and port of the SRV records behind the question.
fn records(answer: &[u8], mut at: usize) -> Option<Vec<(u16, String, u16)>> {
    let two = |at: usize| Some(u16::from_be_bytes([*answer.get(at)?, *answer.get(at + 1)?]));
    let mut found = Vec::new();
    for _ in 0..two(6)? {
        let (_, behind) = name(answer, at)?;
        let length = usize::from(two(behind + 8)?);
        let data = behind + 10;
        if answer.get(behind..behind + 4)? == SRV {
            let (host, _) = name(answer, data + 6)?;
            found.push((two(data)?, host, two(data + 4)?));
        }
        at = data + length;
    }
    Some(found)
}

/// The name at a place, and where it ends.
fn name(answer: &[u8], mut at: usize) -> Option<(String, usize)> {
    let (mut labels, mut end) = (Vec::new(), None);
    // A name has at most 127 labels; more are a circle of pointers.
    for _ in 0..128 {
        match *answer.get(at)? {
            0 => return Some((labels.join("."), end.unwrap_or(at + 1))),
            length @ 1..=63 => {
                let label = answer.get(at + 1..at + 1 + usize::from(length))?;
                labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
                at += 1 + usize::from(length);
            }
            high @ 0xc0.. => {
                end = end.or(Some(at + 2));
                at = usize::from(high & 0x3f) << 8 | usize::from(*answer.get(at + 1)?);
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name server that answers one question with these bytes behind it.
    fn server(counted: u8, behind: Vec<u8>) -> SocketAddr {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        std::thread::spawn(move || {
            let mut bytes = [0; 512];
            let (length, from) = socket.recv_from(&mut bytes).unwrap();
            let head = [bytes[0], bytes[1], 0x81, 0x80, 0, 1, 0, counted, 0, 0, 0, 0];
            socket.send_to(&[&head[..], &bytes[12..length], &behind].concat(), from).unwrap();
        });
        address
    }

    fn asked(server: SocketAddr) -> io::Result<Vec<(String, u16)>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { timeout(PATIENCE, services_by(server, "_x._tcp.a.example")).await.unwrap() })
    }

    #[test]
    fn services_are_found_with_their_hosts() {
        // The name of the question stands at 12, `a.example` in it at 20.
        let record = |priority: u8, host: u8, port: u16| {
            let data = [&[0, priority, 0, 0][..], &port.to_be_bytes(), &[1, host, 0xc0, 20]].concat();
            [&[0xc0, 12][..], &SRV, &[0, 0, 0, 60, 0, data.len() as u8], &data].concat()
        };
        let hosts = asked(server(2, [record(9, b'm', 27018), record(1, b'n', 27017)].concat())).unwrap();
        assert_eq!(hosts, [("n.a.example".to_owned(), 27017), ("m.a.example".to_owned(), 27018)]);
        assert!(asked(server(0, Vec::new())).is_err());
        assert!(asked(server(2, record(1, b'n', 1))).is_err(), "a record is missing");
        // A pointer to itself.
        assert!(asked(server(1, [&[0xc0, 34][..], &SRV, &[0; 4]].concat())).is_err());
    }

    #[test]
    fn name_servers_are_read() {
        let read = name_servers("# x\nsearch a\nnameserver 10.0.0.2\nnameserver ::1\noptions y\nnameserver z\n");
        assert_eq!(read, ["10.0.0.2:53".parse().unwrap(), "[::1]:53".parse().unwrap()]);
    }
}
