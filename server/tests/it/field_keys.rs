//! The file of the keys that encrypted fields are sealed under: a server says what it lacks of it, and never begins another in its place.

use crate::support::TestDatabase;
use holdfast_server::environment::Environment;
use holdfast_server::failure::Fault;
use holdfast_server::field_keys::FieldKeys;
use std::fs;
use std::path::Path;

async fn start(test: &TestDatabase, folder: &Path) -> Result<FieldKeys, Fault> {
    FieldKeys::of_place(folder, &test.connections().owner, &Environment::system()).await
}

fn ids(keys: &FieldKeys) -> Vec<String> {
    keys.ids().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_server_without_its_keys_says_so_and_makes_no_others() {
    let (test, folder) = (TestDatabase::create().await, tempfile::tempdir().unwrap());
    let first = ids(&start(&test, folder.path()).await.unwrap());
    assert_eq!(ids(&start(&test, folder.path()).await.unwrap()), first, "the next start finds it");
    let file = folder.path().join("field.keys");
    let kept = fs::read(&file).unwrap();

    fs::remove_file(&file).unwrap();
    let said = start(&test, folder.path()).await.unwrap_err().to_string();
    assert!(said.contains(&first[0]) && said.contains("backup") && said.contains("--give-up-lost"), "{said}");
    assert!(!file.exists(), "what is put back from a backup finds its place free");

    // The file of another installation.
    let other = tempfile::tempdir().unwrap();
    FieldKeys::of_folder(other.path(), &Environment::system()).unwrap();
    fs::copy(other.path().join("field.keys"), &file).unwrap();
    assert!(start(&test, folder.path()).await.unwrap_err().to_string().contains(&first[0]));

    fs::write(&file, kept).unwrap();
    assert_eq!(ids(&start(&test, folder.path()).await.unwrap()), first, "nothing is lost");
}

#[tokio::test]
async fn a_key_that_was_added_is_needed_from_the_next_start_on() {
    let (test, folder) = (TestDatabase::create().await, tempfile::tempdir().unwrap());
    start(&test, folder.path()).await.unwrap();
    let file = folder.path().join("field.keys");
    let before = fs::read(&file).unwrap();
    let both = ids(&FieldKeys::add_to(folder.path(), &Environment::system()).unwrap());
    assert_eq!(ids(&start(&test, folder.path()).await.unwrap()), both);
    fs::write(&file, before).unwrap();
    assert!(start(&test, folder.path()).await.unwrap_err().to_string().contains(&both[1]), "an older backup of the file lacks it");
}

#[tokio::test]
async fn whoever_has_lost_a_key_for_good_goes_on_without_it() {
    let (test, folder) = (TestDatabase::create().await, tempfile::tempdir().unwrap());
    let lost = ids(&start(&test, folder.path()).await.unwrap());
    fs::remove_file(folder.path().join("field.keys")).unwrap();
    let owner = test.connections().owner;
    assert_eq!(FieldKeys::give_up_lost(folder.path(), &owner, &Environment::system()).await.unwrap(), lost);
    let now = ids(&start(&test, folder.path()).await.unwrap());
    assert!(now.len() == 1 && now != lost);
    assert_eq!(FieldKeys::give_up_lost(folder.path(), &owner, &Environment::system()).await.unwrap(), Vec::<String>::new());
}
