//! The private Postgres: it lives as long as its server, and what it was given stays.

use crate::support::{Program, eventually};
use holdfast_server::postgres::{PrivatePostgres, StartError};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use sqlx::{ConnectOptions as _, Connection as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A folder that the user who runs Postgres can reach.
fn folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("holdfast-postgres-").tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

async fn start(data: &Path) -> Result<PrivatePostgres, StartError> {
    let data = data.to_owned();
    tokio::task::spawn_blocking(move || PrivatePostgres::start(&data, &[])).await.unwrap()
}

async fn run(postgres: &PrivatePostgres, statement: &'static str) -> Result<(), sqlx::Error> {
    let mut connection = postgres.as_superuser("postgres").connect().await?;
    sqlx::raw_sql(statement).execute(&mut connection).await?;
    connection.close().await
}

async fn notes(postgres: &PrivatePostgres) -> Vec<String> {
    let mut connection = postgres.as_superuser("postgres").connect().await.unwrap();
    sqlx::query_scalar("select text from note order by 1").fetch_all(&mut connection).await.unwrap()
}

fn send(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
}

fn lives(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// The process of the Postgres that a server in another process runs.
fn postmaster(data: &Path) -> u32 {
    std::fs::read_to_string(data.join("postgres/postmaster.pid")).unwrap().lines().next().unwrap().parse().unwrap()
}

fn owner_of_process(pid: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("Uid:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_second_start_finds_the_data() {
    let folder = folder();
    let postgres = start(folder.path()).await.unwrap();
    run(&postgres, "create table note (text text); insert into note values ('kept')").await.unwrap();
    let pid = postgres.pid().unwrap();
    postgres.stop();
    assert!(!lives(pid), "stopping waits until it is gone");
    assert_eq!(notes(&start(folder.path()).await.unwrap()).await, ["kept"]);
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused() {
    let folder = folder();
    let first = start(folder.path()).await.unwrap();
    assert!(matches!(start(folder.path()).await, Err(StartError::InUse(_))));
    run(&first, "select 1").await.unwrap();
}

#[tokio::test]
async fn it_listens_on_a_socket_of_its_own_and_nowhere_else() {
    let folder = folder();
    let postgres = start(folder.path()).await.unwrap();
    let mut connection = postgres.as_superuser("postgres").connect().await.unwrap();
    let addresses: String = sqlx::query_scalar("show listen_addresses").fetch_one(&mut connection).await.unwrap();
    assert_eq!(addresses, "");
    let mode = std::fs::metadata(folder.path().join("postgres")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "nobody else opens the folder with the socket");
}

#[tokio::test]
async fn killed_while_serving_it_is_started_again_with_what_was_committed() {
    let folder = folder();
    let postgres = start(folder.path()).await.unwrap();
    run(&postgres, "create table note (text text); insert into note values ('kept')").await.unwrap();
    let killed = postgres.pid().unwrap();
    send(killed, Signal::KILL);
    eventually("it answers again", async || postgres.pid().is_some_and(|pid| pid != killed) && run(&postgres, "select 1").await.is_ok()).await;
    assert_eq!(notes(&postgres).await, ["kept"]);
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_is_no_obstacle() {
    let folder = folder();
    let deep = folder.path().join("a-folder-with-a-rather-long-name/that-holds-another-folder-with-a-long-name/and-one-more-of-them-to-be-sure");
    let postgres = start(&deep).await.unwrap();
    run(&postgres, "select 1").await.unwrap();
}

#[tokio::test]
async fn a_creation_that_was_interrupted_is_begun_anew() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("postgres.new")).unwrap();
    std::fs::write(folder.path().join("postgres.new/PG_VERSION"), "15").unwrap();
    run(&start(folder.path()).await.unwrap(), "select 1").await.unwrap();
    assert!(!folder.path().join("postgres.new").exists());
}

#[tokio::test]
async fn a_cluster_that_does_not_start_says_why() {
    let folder = folder();
    start(folder.path()).await.unwrap().stop();
    std::fs::remove_file(folder.path().join("postgres/global/pg_control")).unwrap();
    let Err(StartError::NotReady { output, .. }) = start(folder.path()).await else { panic!("it cannot have started") };
    assert!(output.contains("pg_control"), "{output}");
}

#[tokio::test]
async fn run_by_root_it_runs_as_somebody_without_rights() {
    let folder = folder();
    let postgres = start(folder.path()).await.unwrap();
    let owner = owner_of_process(postgres.pid().unwrap());
    assert_ne!(owner, 0);
    assert_eq!(owner == geteuid().as_raw(), !geteuid().is_root(), "an ordinary user runs it as themselves");
}

#[tokio::test]
async fn an_ordinary_user_runs_it_as_themselves() {
    const NOBODY: u32 = 65_534;
    if !geteuid().is_root() {
        // Then every other test here shows it.
        return;
    }
    let folder = folder();
    std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    let program = Program::serve_as(Some(NOBODY), folder.path(), &[]);
    assert_eq!(owner_of_process(postmaster(folder.path())), NOBODY);
    program.signal(Signal::TERM);
    assert!(program.ended().0.success());
}

#[tokio::test]
async fn a_folder_that_its_user_cannot_reach_is_refused_by_name() {
    if !geteuid().is_root() {
        // Only root runs Postgres as somebody else.
        return;
    }
    let folder = folder();
    let closed = folder.path().join("closed");
    std::fs::DirBuilder::new().mode(0o700).create(&closed).unwrap();
    let refused = start(&closed.join("data")).await.err().unwrap().to_string();
    assert!(refused.contains(closed.to_str().unwrap()) && refused.contains("--data"), "{refused}");
}

#[tokio::test]
async fn a_killed_server_takes_its_postgres_along_and_the_next_one_finds_the_data() {
    let folder = folder();
    let program = Program::serve(folder.path(), &["--demo"]);
    let pid = postmaster(folder.path());
    program.signal(Signal::KILL);
    drop(program);
    // At once, while the old one may still be shutting down.
    let postgres = start(folder.path()).await.unwrap();
    assert!(!lives(pid));
    let mut connection = postgres.as_superuser("holdfast").connect().await.unwrap();
    let tenants: i64 = sqlx::query_scalar("select count(*) from tenants").fetch_one(&mut connection).await.unwrap();
    assert_eq!(tenants, 2);
}

#[tokio::test]
async fn server_and_postgres_killed_together_leave_what_was_committed() {
    let folder = folder();
    let program = Program::serve(folder.path(), &["--demo"]);
    let pid = postmaster(folder.path());
    program.signal(Signal::STOP);
    send(pid, Signal::KILL);
    program.signal(Signal::KILL);
    drop(program);
    let program = Program::serve(folder.path(), &[]);
    assert_ne!(postmaster(folder.path()), pid);
    program.signal(Signal::TERM);
    assert!(program.ended().0.success());
}

#[tokio::test]
async fn a_number_that_another_process_has_since_is_not_taken_for_a_predecessor() {
    let folder = folder();
    start(folder.path()).await.unwrap().stop();
    let mut bystander = Command::new("sleep").arg("600").spawn().unwrap();
    let stale = format!("{}\n{}\n1\n5432\n", bystander.id(), folder.path().join("postgres").display());
    std::fs::write(folder.path().join("postgres/postmaster.pid"), stale).unwrap();
    let started = start(folder.path()).await;
    let bystander_lives = bystander.try_wait().unwrap().is_none();
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    assert!(bystander_lives, "it was not killed");
    run(&started.unwrap(), "select 1").await.unwrap();
}
