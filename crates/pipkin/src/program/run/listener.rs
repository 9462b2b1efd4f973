//! The address at which one of some processes listens: the sockets that they hold, looked up in the
//! tables of their network.
//!
//! Source: proc_pid_fd(5), proc_pid_net(5).

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The state of a socket that listens.
const LISTEN: &str = "0A";

/// The address to connect to, of the lowest port at which one of `pids` listens.
pub(super) fn find(pids: &[i32]) -> Option<SocketAddr> {
    let inodes: BTreeSet<u64> = pids.iter().flat_map(|pid| sockets(*pid)).collect();
    let tables = pids.iter().flat_map(|pid| {
        let read = |name| fs::read_to_string(format!("/proc/{pid}/net/{name}")).unwrap_or_default();
        [read("tcp"), read("tcp6")]
    });
    let all: Vec<_> = tables.flat_map(|table| listeners(&table)).collect();
    let ours = all.iter().filter(|(_, inode)| inodes.contains(inode));
    ours.map(|(address, _)| *address).min_by_key(|address| (address.port(), address.is_ipv6()))
}

/// The inodes of the sockets that a process has open.
fn sockets(pid: i32) -> Vec<u64> {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    let inode = |entry: fs::DirEntry| {
        let target = fs::read_link(entry.path()).ok()?;
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    };
    descriptors.flatten().filter_map(inode).collect()
}

/// Where a table of `/proc/net` says that somebody listens, and the inodes of these sockets.
fn listeners(table: &str) -> Vec<(SocketAddr, u64)> {
    table.lines().filter_map(listener).collect()
}

/// A line is `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...`.
fn listener(line: &str) -> Option<(SocketAddr, u64)> {
    let mut fields = line.split_ascii_whitespace();
    let (address, port) = fields.nth(1)?.split_once(':')?;
    let address = reachable(address)?;
    let port = u16::from_str_radix(port, 16).ok()?;
    fields.nth(1).filter(|state| *state == LISTEN)?;
    Some((SocketAddr::new(address, port), fields.nth(5)?.parse().ok()?))
}

/// An address as the kernel prints it, in words of the machine's byte order; the unspecified one
/// is reached at the loopback.
fn reachable(hex: &str) -> Option<IpAddr> {
    let word = |at: usize| u32::from_str_radix(hex.get(at..at + 8)?, 16).ok().map(u32::to_ne_bytes);
    if hex.len() == 8 {
        let address = Ipv4Addr::from(word(0)?);
        return Some(if address.is_unspecified() { Ipv4Addr::LOCALHOST } else { address }.into());
    }
    let words = [word(0)?, word(8)?, word(16)?, word(24)?];
    let address = Ipv6Addr::from(<[u8; 16]>::try_from(words.concat()).ok()?);
    Some(if address.is_unspecified() { Ipv6Addr::LOCALHOST } else { address }.into())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(&str, u64)>) {
        let expected = expected.map(|(address, inode)| (address.parse().unwrap(), inode));
        assert_eq!(listener(line), expected, "{line}");
    }

    #[test]
    fn lines() {
        let rest = "00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 4711 1 0 100 0";
        check(&format!("0: 0100007F:1F90 {rest}"), Some(("127.0.0.1:8080", 4711)));
        check(&format!("0: 00000000:0050 {rest}"), Some(("127.0.0.1:80", 4711)));
        let zero = "00000000".repeat(4);
        check(&format!("1: {zero}:0050 {rest}"), Some(("[::1]:80", 4711)));
        let mapped = format!("{}FFFF0000020011AC", "0".repeat(16));
        check(&format!("1: {mapped}:0050 {rest}"), Some(("[::ffff:172.17.0.2]:80", 4711)));
        check(&format!("1: 0100007F:1F90 {rest}").replace(" 0A ", " 01 "), None);
        check("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when", None);
        check("0: 01:1F90 0 0A 0 0 0 0 0 1", None);
        check("", None);
    }

    #[test]
    fn our_own_listener_is_found() {
        let own = i32::try_from(std::process::id()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let inodes: BTreeSet<u64> = sockets(own).into_iter().collect();
        let table = fs::read_to_string("/proc/self/net/tcp").unwrap();
        assert!(listeners(&table).iter().any(|it| it.0 == address && inodes.contains(&it.1)));
        assert!(find(&[own]).is_some());
        assert_eq!(find(&[]), None);
    }
}
