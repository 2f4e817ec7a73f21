//! The program as people start and stop it.

use crate::support::{Program, TestDatabase};
use rustix::process::Signal;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn folder() -> TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

async fn get(url: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: holdfast\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn is_running_in(data: &Path) -> bool {
    data.join("postgres/postmaster.pid").exists()
}

#[tokio::test]
async fn told_to_end_it_ends_in_order_and_takes_its_postgres_along() {
    for signal in [Signal::TERM, Signal::INT] {
        let folder = folder();
        let program = Program::serve(folder.path(), &[]);
        assert!(get(&program.url, "/health/ready").await.ends_with("ready"));
        assert!(is_running_in(folder.path()));
        program.signal(signal);
        let (status, _) = program.ended();
        assert!(status.success(), "{status}");
        assert!(!is_running_in(folder.path()));
    }
}

#[tokio::test]
async fn with_the_demo_it_says_how_to_sign_in() {
    let folder = folder();
    let program = Program::serve(folder.path(), &["--demo"]);
    program.signal(Signal::TERM);
    let (_, said) = program.ended();
    assert!(said.iter().any(|line| line.contains("seahorse") && line.contains('@')), "{said:?}");
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_told_what_to_do() {
    let folder = folder();
    let _first = Program::serve(folder.path(), &[]);
    let said = Program::refused(folder.path());
    assert!(said.contains("another Holdfast server is running on the folder") && said.contains("--data"), "{said}");
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let folder = folder();
    let program = Program::serve(folder.path(), &[]);
    let idle = TcpStream::connect(program.url.strip_prefix("http://").unwrap()).await.unwrap();
    program.signal(Signal::TERM);
    assert!(tokio::task::spawn_blocking(move || program.ended()).await.unwrap().0.success());
    drop(idle);
}

#[tokio::test]
async fn given_a_database_it_uses_that_one() {
    let test = TestDatabase::create().await;
    let options = test.connections().owner;
    let socket = options.get_socket().unwrap().to_str().unwrap().to_owned();
    let url = format!("postgres://postgres@localhost/{}?host={socket}", options.get_database().unwrap());
    let folder = folder();
    let program = Program::serve(folder.path(), &["--demo", "--database-url", &url]);
    assert!(get(&program.url, "/health/ready").await.ends_with("ready"));
    let tenants = test.database.before_tenant().await.unwrap().tenants().await.unwrap();
    assert_eq!(tenants.len(), 2);
    assert!(!folder.path().join("postgres").exists(), "no private one was made");
}

#[tokio::test]
async fn a_catalogue_is_seeded_the_same_each_time() {
    let folder = folder();
    let seed = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.env_remove("DATABASE_URL").arg("seed").arg("--data").arg(folder.path()).args(["--products", "50"]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(!seed().contains(": 0 rows"));
    assert_eq!(seed(), "seahorse: 0 rows new or changed\n");
}

#[tokio::test]
async fn the_books_of_every_company_are_verified() {
    let folder = folder();
    let program = Program::serve(folder.path(), &["--demo"]);
    program.signal(Signal::TERM);
    assert!(program.ended().0.success());
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.env_remove("DATABASE_URL").args(["books", "verify", "--data"]).arg(folder.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.lines().filter(|line| line.ends_with(": 0 documents, 0 differed")).count(), 2, "{said}");
}
