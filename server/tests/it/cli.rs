//! The program as people start and stop it.

use crate::support::{Program, TestDatabase};
use rustix::process::Signal;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uuid::Uuid;

pub fn folder() -> TempDir {
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

fn url_of(test: &TestDatabase) -> String {
    let options = test.connections().owner;
    let socket = options.get_socket().unwrap().to_str().unwrap().to_owned();
    format!("postgres://postgres@localhost/{}?host={socket}", options.get_database().unwrap())
}

#[tokio::test]
async fn given_a_database_it_uses_that_one() {
    let test = TestDatabase::create().await;
    let url = url_of(&test);
    let folder = folder();
    let program = Program::serve(folder.path(), &["--demo", "--database-url", &url]);
    assert!(get(&program.url, "/health/ready").await.ends_with("ready"));
    let tenants = test.database.before_tenant().await.unwrap().tenants().await.unwrap();
    assert_eq!(tenants.len(), 2);
    assert!(!folder.path().join("postgres").exists(), "no private one was made");
}

/// What a command that must succeed says.
fn said_by(folder: &Path, command: &[&str], more: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    let output = program.env_remove("DATABASE_URL").args(command).arg("--data").arg(folder).args(more).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_catalogue_is_seeded_the_same_each_time() {
    let folder = folder();
    let seed = || said_by(folder.path(), &["seed"], &["--products", "50"]);
    assert!(!seed().contains(": 0 rows"));
    assert_eq!(seed(), "seahorse: 0 rows new or changed\n");
}

#[tokio::test]
async fn the_books_of_every_company_are_verified() {
    let folder = folder();
    let program = Program::serve(folder.path(), &["--demo"]);
    program.signal(Signal::TERM);
    assert!(program.ended().0.success());
    let said = said_by(folder.path(), &["books", "verify"], &[]);
    assert_eq!(said.lines().filter(|line| line.ends_with(": 0 documents, 0 differed")).count(), 2, "{said}");
}

#[tokio::test]
async fn after_a_backup_was_put_back_every_companys_feed_begins_a_new_epoch() {
    let (folder, test) = (folder(), TestDatabase::create().await);
    let url = url_of(&test);
    let program = Program::serve(folder.path(), &["--demo", "--database-url", &url]);
    program.signal(Signal::TERM);
    assert!(program.ended().0.success());
    let epochs = async || {
        let mut epochs = Vec::new();
        for tenant in test.database.before_tenant().await.unwrap().tenants().await.unwrap() {
            let mut tx = test.tenant(tenant).await;
            let (epoch, restored): (Uuid, bool) =
                sqlx::query_as("select epoch, restored_at is not null from tenants").fetch_one(tx.connection()).await.unwrap();
            epochs.push((tenant, epoch, restored));
        }
        epochs
    };
    let before = epochs().await;
    let said = said_by(folder.path(), &["restored"], &["--database-url", &url]);
    let after = epochs().await;
    assert_eq!((before.len(), after.len()), (2, 2));
    for ((tenant, was, restored_before), (_, is, restored)) in before.into_iter().zip(after) {
        assert!(was != is && !restored_before && restored, "{tenant}");
        assert!(said.lines().any(|line| line == format!("{tenant}: epoch {is}")), "{said}");
    }
    assert!(said.contains("taken back after the backup are valid again"), "the office has to know: {said}");
}
