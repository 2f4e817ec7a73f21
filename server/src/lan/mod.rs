//! HTTPS on the local network. A phone lends its camera, its service worker and its keys only to a page it trusts, so the server makes a
//! certificate authority of its own, once, in its data folder, and a certificate for the names and addresses it has on the network at each
//! start. A phone trusts the authority after installing one file, which a plain page on the next port hands out; that page serves nothing else.

mod authority;
mod page;

pub(crate) use page::serve_page;

use crate::environment::Environment;
use crate::failure::Fault;
use authority::{Authority, Leaf};
use axum_server::tls_rustls::RustlsConfig;
use page::Page;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::Path;

/// How this machine is reached on the local network, and its certificate.
pub(crate) struct Lan {
    address: SocketAddr,
    page: TcpListener,
    page_address: SocketAddr,
    authority: Authority,
    leaf: Leaf,
}

impl Lan {
    /// Finds the machine's addresses and makes its certificate.
    pub(crate) fn prepare(data: &Path, listening: SocketAddr, environment: &Environment) -> Result<Self, Fault> {
        let found = if_addrs::get_if_addrs().map_err(|error| Fault::new("find this machine's addresses on the network", error))?;
        let listens_on = |ip: &IpAddr| listening.ip().is_unspecified() || listening.ip() == *ip;
        let mut addresses: Vec<IpAddr> = found.iter().map(if_addrs::Interface::ip).filter(|ip| listens_on(ip) && !is_link_local(ip)).collect();
        // What people type first: the way out of this machine before bridges to its containers, the network before this machine alone.
        let way_out = way_out();
        addresses.sort_by_key(|ip| (Some(*ip) != way_out, ip.is_loopback(), ip.is_ipv6(), *ip));
        addresses.dedup();
        let host = rustix::system::uname().nodename().to_string_lossy().split('.').next().unwrap_or_default().to_lowercase();
        let mut names: BTreeSet<String> = addresses.iter().map(IpAddr::to_string).collect();
        names.extend(["localhost".to_owned(), "127.0.0.1".to_owned()]);
        if !host.is_empty() {
            names.insert(format!("{host}.local"));
        }
        let authority = Authority::open(&data.join("tls"), environment)?;
        let leaf = authority.issue(names.into_iter().collect(), environment)?;
        let address = SocketAddr::new(addresses.first().copied().unwrap_or(IpAddr::from([127, 0, 0, 1])), listening.port());
        let (page, page_address) = bind_beside(address).map_err(|error| Fault::new("listen for the certificate's page", error))?;
        Ok(Self { address, page, page_address, authority, leaf })
    }

    /// For the HTTPS server.
    pub(crate) fn tls_config(&self) -> Result<RustlsConfig, Fault> {
        self.leaf.tls_config()
    }

    /// Where people open the app.
    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Tells whoever sits at the terminal how to get a phone onto it.
    pub(crate) fn announce(&self) {
        let page = format!("http://{}/", self.page_address);
        if let Ok(code) = QrCode::new(&page) {
            println!("{}", code.render::<Dense1x2>().build());
        }
        println!("On a phone in the same network, scan the code or open {page}: it hands out the certificate to install, then leads to the app.");
        println!("The certificate itself: {page}ca.crt");
    }

    /// The plain page that hands out the authority's certificate.
    pub(crate) fn into_page(self) -> Page {
        let app = self.url();
        Page { listener: self.page, certificate: self.authority.into_certificate_pem(), app }
    }
}

/// On the next port, or on any that is free.
fn bind_beside(address: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let next = SocketAddr::new(address.ip(), address.port().wrapping_add(1));
    let listener = TcpListener::bind(next).or_else(|_| TcpListener::bind(SocketAddr::new(address.ip(), 0)))?;
    listener.set_nonblocking(true)?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

/// The address that this machine would send from to the outside; nothing is sent to learn it. The other end is kept for documentation.
fn way_out() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// Not reachable by an address alone: it takes the name of the interface.
fn is_link_local(ip: &IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}
