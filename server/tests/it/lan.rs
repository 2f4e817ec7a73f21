//! HTTPS on the local network, as a phone meets it.

use crate::support::Program;
use rustix::process::Signal;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

async fn get(mut stream: impl AsyncRead + AsyncWrite + Unpin, path: &str) -> String {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: holdfast\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A server may close TLS without saying so.
    drop(stream.read_to_end(&mut answer).await);
    String::from_utf8(answer).unwrap()
}

/// The authority's certificate and the page, as the plain port hands them out.
async fn page_and_certificate(program: &Program) -> (String, String, String) {
    let said = program.said.join("\n");
    let url = said.split_whitespace().find(|word| word.starts_with("http://") && word.ends_with("/ca.crt")).unwrap();
    let address = url.strip_prefix("http://").unwrap().strip_suffix("/ca.crt").unwrap().to_owned();
    let page = get(TcpStream::connect(&address).await.unwrap(), "/").await;
    let file = get(TcpStream::connect(&address).await.unwrap(), "/ca.crt").await;
    let certificate = file.split_once("\r\n\r\n").unwrap().1.to_owned();
    (address, page, certificate)
}

async fn get_over_tls(program: &Program, certificate: &str, name: &str, path: &str) -> std::io::Result<String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let connector = TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()));
    let stream = TcpStream::connect(program.url.strip_prefix("https://").unwrap()).await?;
    let stream = connector.connect(ServerName::try_from(name.to_owned()).unwrap(), stream).await?;
    Ok(get(stream, path).await)
}

fn serve(data: &Path) -> Program {
    Program::serve(data, &["--lan"])
}

#[tokio::test]
async fn a_phone_that_installed_the_certificate_trusts_the_server() {
    let folder = folder();
    let program = serve(folder.path());
    let (_, page, certificate) = page_and_certificate(&program).await;
    for platform in ["Android", "iPhone", "Windows", "macOS", "Linux"] {
        assert!(page.contains(platform), "{page}");
    }
    assert!(page.contains(&program.url), "the page leads on to the app");
    for name in ["localhost", "127.0.0.1"] {
        let answer = get_over_tls(&program, &certificate, name, "/health/ready").await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("strict-transport-security"), "{name}: {answer}");
    }
    assert!(get_over_tls(&program, &certificate, "bank.example", "/health/ready").await.is_err(), "it has no other names");
    program.signal(Signal::TERM);
    assert!(program.ended().0.success());
}

#[tokio::test]
async fn what_a_phone_installed_once_holds_after_a_restart() {
    let folder = folder();
    let program = serve(folder.path());
    let (_, _, certificate) = page_and_certificate(&program).await;
    program.signal(Signal::TERM);
    assert!(program.ended().0.success());
    let program = serve(folder.path());
    assert!(get_over_tls(&program, &certificate, "localhost", "/health/live").await.unwrap().starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn the_plain_port_hands_out_the_certificate_and_nothing_else() {
    let folder = folder();
    let program = serve(folder.path());
    let (address, _, certificate) = page_and_certificate(&program).await;
    assert!(!certificate.contains("PRIVATE"));
    for path in ["/ca.key", "/api/v1/identity/session", "/health/live", "/index.html"] {
        let answer = get(TcpStream::connect(&address).await.unwrap(), path).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn the_authoritys_key_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    drop(serve(folder.path()));
    let mode = std::fs::metadata(folder.path().join("tls/ca.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
