//! Records that are probably the same one: told, never refused for it, and merged by whoever may.

use super::importing::{counts, import, wrong};
use super::{CUSTOMERS, SUPPLIERS, at, company, errors, in_city, make, names, refused, resource};
use crate::support::{Client, Company};
use holdfast_domain::audit::EntriesPage;
use holdfast_domain::kernel::resource::{Alike, RecordView, Timeline};
use holdfast_domain::kernel::{SiteId, TenantId, TillId};
use holdfast_server::identity::Role;
use holdfast_server::rehearsal::Response;
use serde_json::{Value, json};
use uuid::Uuid;

const EMAIL: &str = "maria.anders@alfreds.example";

async fn customer(client: &Client, values: Value) -> RecordView {
    let mut whole = json!({ "address": { "country": "DE" } });
    whole.as_object_mut().unwrap().extend(values.as_object().unwrap().clone());
    make(client, CUSTOMERS, whole).await
}

async fn read(client: &Client, id: Uuid) -> RecordView {
    client.get(&at(CUSTOMERS, id)).await.json()
}

/// By name, and in which fields.
fn told(alike: &[Alike]) -> Vec<(&str, Vec<&str>)> {
    alike.iter().map(|alike| (alike.name.as_str(), alike.fields.iter().map(String::as_str).collect())).collect()
}

async fn merge(client: &Client, (kept, version): (Uuid, u64), body: Value) -> Response {
    client.if_match(version).post_json(&format!("{}/merge", at(CUSTOMERS, kept)), &body).await
}

/// What was done to it, newest first, each with the fields that it says.
async fn acts(client: &Client, id: Uuid) -> Vec<(String, Vec<(String, Value)>)> {
    let timeline: Timeline = client.get(&format!("{}/timeline", at(CUSTOMERS, id))).await.json();
    let fields = |change: holdfast_domain::kernel::resource::Change| change.changes.into_iter().map(|one| (one.field, one.after)).collect();
    timeline.changes.into_iter().map(|change| (change.action.clone(), fields(change))).collect()
}

#[tokio::test]
async fn who_is_probably_known_is_kept_all_the_same_and_it_is_told_of_whom() {
    let (_company, owner) = company().await;
    let maria = customer(&owner, json!({ "name": "Maria Anders", "email": EMAIL, "phone": "030-0074321", "tax_number": "DE 136.695.976" })).await;
    assert_eq!(maria.alike, []);
    let again = customer(&owner, json!({ "name": "M. Anders", "email": " Maria.Anders@Alfreds.EXAMPLE", "phone": "+49 30 0074321" })).await;
    assert_eq!(told(&again.alike), [("Maria Anders", vec!["email", "phone"])]);
    assert_eq!(told(&read(&owner, maria.id).await.alike), [("M. Anders", vec!["email", "phone"])], "both are told");
    // A change is told, too, and what is no longer the same is not.
    let change = json!({ "values": { "email": "other@alfreds.example", "phone": null, "tax_number": "136695976" } });
    let changed: RecordView = owner.if_match(1).patch_json(&at(CUSTOMERS, again.id), &change).await.json();
    assert_eq!(told(&changed.alike), [("Maria Anders", vec!["tax_number"])]);
    // What is archived is nobody's double.
    owner.if_match(1).post_json(&format!("{}/archive", at(CUSTOMERS, maria.id)), &json!({})).await;
    assert_eq!(read(&owner, again.id).await.alike, []);
}

#[tokio::test]
async fn what_a_role_reads_masked_tells_it_of_nobody() {
    let (company, owner) = company().await;
    let maria = customer(&owner, json!({ "name": "Maria Anders", "email": EMAIL })).await;
    customer(&owner, json!({ "name": "M. Anders", "email": EMAIL })).await;
    let auditor = company.sign_in("auditor").await.0;
    assert_eq!((read(&owner, maria.id).await.alike.len(), read(&auditor, maria.id).await.alike), (1, Vec::new()));
}

#[tokio::test]
async fn of_two_that_are_merged_one_stays_with_what_was_chosen_and_the_other_says_where_it_went() {
    let (_company, owner) = company().await;
    let stays = customer(&owner, json!({ "name": "Maria Anders", "email": EMAIL, "address": { "city": "Berlin" }, "tags": ["bakery"] })).await;
    let goes = customer(&owner, json!({ "name": "M. Anders", "email": EMAIL, "address": { "city": "Bonn" }, "phone": "030-0074321" })).await;
    let asked = json!({ "from": goes.id, "from_version": 1, "take": ["address", "phone", "tags", "email"], "reason": "entered twice" });
    let answer = merge(&owner, (stays.id, 1), asked).await;
    assert_eq!((answer.status.as_u16(), answer.headers["etag"].to_str().unwrap()), (200, "\"2\""), "{}", String::from_utf8_lossy(&answer.body));
    let one: RecordView = answer.json();
    let values = ["name", "email", "address", "phone", "tags"].map(|field| one.values[field].clone());
    assert_eq!(values, [json!("Maria Anders"), json!(EMAIL), in_city("Bonn"), json!("030-0074321"), json!([])]);
    assert_eq!((one.alike, one.archived_at, names(&owner, CUSTOMERS).await), (vec![], None, vec!["Maria Anders".to_owned()]));
    // Whoever follows a name of the other finds it, and where it went.
    let gone = read(&owner, goes.id).await;
    assert_eq!((gone.archived_at.is_some(), gone.merged_into, gone.version), (true, Some(stays.id), 2));
    assert_eq!(gone.names[&stays.id], "Maria Anders");
    // Both timelines say so.
    let (of_one, of_gone) = (acts(&owner, stays.id).await, acts(&owner, goes.id).await);
    assert_eq!((of_one[0].0.as_str(), of_gone[0].0.as_str()), ("merge", "merge"));
    let fields = |act: &(String, Vec<(String, Value)>)| act.1.iter().map(|(field, _)| field.clone()).collect::<Vec<_>>();
    assert_eq!(fields(&of_one[0]), ["address.city", "merged_from", "phone", "tags"]);
    assert_eq!(of_gone[0].1, [("merged_into".to_owned(), json!(stays.id))]);
    let timeline: Timeline = owner.get(&format!("{}/timeline", at(CUSTOMERS, stays.id))).await.json();
    assert_eq!((timeline.changes[0].reason.as_deref(), timeline.names[&goes.id].as_str()), (Some("entered twice"), "M. Anders"));
    // So does the audit.
    let audit: EntriesPage = owner.get("/api/v1/audit/entries?kind=sales.customer&action=merge").await.json();
    assert_eq!(audit.entries.iter().filter_map(|entry| entry.record).collect::<std::collections::BTreeSet<_>>(), [stays.id, goes.id].into());
}

#[tokio::test]
async fn a_merge_is_told_as_an_event_that_says_nothing_of_people() {
    let (_company, owner) = company().await;
    let stays = customer(&owner, json!({ "name": "Maria Anders", "email": EMAIL })).await;
    let goes =
        customer(&owner, json!({ "name": "M. Anders", "email": EMAIL, "phone": "030-0074321", "address": { "city": "Bonn" }, "tags": ["bakery"] }))
            .await;
    merge(&owner, (stays.id, 1), json!({ "from": goes.id, "from_version": 1, "take": ["phone", "tags", "address"] })).await;
    let events: Vec<Value> = owner.get("/api/v1/events").await.json();
    let event = events.iter().find(|event| event["type"] == "sales.customer.merged").expect("the merge is told");
    let (kind, schema) = holdfast_server::records::schema::events(resource("sales.customer")).pop().unwrap();
    assert_eq!((kind, jsonschema::is_valid(&schema, &event["data"])), ("sales.customer.merged", true), "{event}");
    let data = json!({
        "id": stays.id, "version": 2, "merged": goes.id, "merged_version": 2, "changed": ["address", "phone", "tags"], "values": { "tags": ["bakery"] },
    });
    assert_eq!((&event["data"], &event["subject"]), (&data, &json!(stays.id)));
}

#[tokio::test]
async fn a_record_that_was_merged_twice_over_leads_to_the_one_that_stands_for_all() {
    let (_company, owner) = company().await;
    let mut all = Vec::new();
    for name in ["Ana", "Ben", "Cy"] {
        all.push(customer(&owner, json!({ "name": name, "email": EMAIL })).await.id);
    }
    for (kept, from) in [(all[1], all[0]), (all[2], all[1])] {
        let answer = merge(&owner, (kept, 1), json!({ "from": from, "from_version": 1, "take": [] })).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", String::from_utf8_lossy(&answer.body));
    }
    let first = read(&owner, all[0]).await;
    assert_eq!((first.merged_into, first.names[&all[2]].as_str()), (Some(all[2]), "Cy"));
    // Restored, it is one of its own again, and told of as any other.
    let back: RecordView = owner.if_match(2).post_json(&format!("{}/restore", at(CUSTOMERS, all[0])), &json!({})).await.json();
    assert_eq!((back.archived_at, back.merged_into, told(&back.alike)), (None, None, vec![("Cy", vec!["email"])]));
}

#[tokio::test]
async fn what_cannot_be_merged_is_refused_and_nothing_is_changed() {
    let (company, owner) = company().await;
    let (kelp, wrack) = (customer(&owner, json!({ "name": "Ana", "email": EMAIL })).await.id, {
        let tenant = TenantId(Uuid::from_u128(0xfa0_0000));
        company.found("wrack", tenant, &[(SiteId(Uuid::from_u128(0xfa0_0001)), &[TillId(Uuid::from_u128(0xfa0_0002))])]).await;
        customer(&company.sign_in_at("wrack", "owner").await.0, json!({ "name": "Eva", "email": EMAIL })).await.id
    });
    let other = customer(&owner, json!({ "name": "Ben", "email": EMAIL })).await.id;
    let gone = customer(&owner, json!({ "name": "Cy" })).await.id;
    owner.if_match(1).post_json(&format!("{}/archive", at(CUSTOMERS, gone)), &json!({})).await;
    let from = |id: Uuid, version: u64| json!({ "from": id, "from_version": version, "take": [] });
    for (kept, body, code) in [
        ((kelp, 1), from(kelp, 1), (422, "merge_with_itself")),
        ((kelp, 1), from(wrack, 1), (404, "record_unknown")),
        ((wrack, 1), from(kelp, 1), (404, "record_unknown")),
        ((kelp, 1), from(Uuid::from_u128(9), 1), (404, "record_unknown")),
        ((kelp, 2), from(other, 1), (412, "version_stale")),
        ((kelp, 1), from(other, 2), (412, "version_stale")),
        ((kelp, 1), from(gone, 2), (409, "record_archived")),
        ((gone, 2), from(kelp, 1), (409, "record_archived")),
        ((kelp, 1), json!({ "from": other, "from_version": 1, "take": ["tid"] }), (422, "fields_invalid")),
        ((kelp, 1), json!({ "from": other, "from_version": 1, "take": vec!["address"; 51] }), (422, "fields_invalid")),
        ((kelp, 1), json!({ "from": other, "from_version": 1, "take": [], "reason": "x".repeat(501) }), (422, "reason_malformed")),
    ] {
        let answer = merge(&owner, kept, body.clone()).await;
        assert_eq!(refused(&answer), (code.0, code.1.to_owned()), "{body}");
    }
    assert_eq!(
        errors(&merge(&owner, (kelp, 1), json!({ "from": other, "from_version": 1, "take": ["tid"] })).await),
        [("tid".to_owned(), "unknown_field".to_owned())]
    );
    let unversioned = owner.post_json(&format!("{}/merge", at(CUSTOMERS, kelp)), &from(other, 1)).await;
    assert_eq!(refused(&unversioned), (428, "if_match_missing".to_owned()));
    assert_eq!((read(&owner, kelp).await.version, read(&owner, other).await.version), (1, 1));
    // What was merged before is not merged again, in neither direction.
    assert_eq!(merge(&owner, (kelp, 1), from(other, 1)).await.status.as_u16(), 200);
    let third = customer(&owner, json!({ "name": "Dora" })).await.id;
    for (kept, body) in [((third, 1), from(other, 2)), ((other, 2), from(third, 1))] {
        assert_eq!(refused(&merge(&owner, kept, body).await), (409, "record_merged".to_owned()));
    }
    // Records of a kind that nothing tells apart are merged nowhere.
    let supplier = make(&owner, SUPPLIERS, json!({ "name": "Leka" })).await;
    assert_eq!(owner.if_match(1).post_json(&format!("{}/merge", at(SUPPLIERS, supplier.id)), &from(kelp, 1)).await.status.as_u16(), 404);
}

#[tokio::test]
async fn whoever_merges_may_change_the_one_and_archive_the_other() {
    let (company, owner) = company().await;
    let stays = customer(&owner, json!({ "name": "Ana", "email": EMAIL })).await.id;
    let goes = customer(&owner, json!({ "name": "Ben", "email": EMAIL, "notes": "pays late" })).await.id;
    let body = json!({ "from": goes, "from_version": 1, "take": ["notes"] });
    for role in [Role::Cashier, Role::ShiftLeader, Role::Sales, Role::Marketing, Role::Auditor] {
        let client = hired(&company, role).await;
        assert_eq!(refused(&merge(&client, (stays, 1), body.clone()).await), (403, "permission_missing".to_owned()), "{}", role.name());
    }
    // A role of their own that writes all but the notes takes none of them over.
    let terms = json!({
        "permissions": ["sales.customer.read", "sales.customer.update", "sales.customer.delete"],
        "fields": { "sales.customer": { "notes": "read" } },
    });
    let made: Value = owner.post_json("/api/v1/identity/role-terms", &json!({ "name": "Tidies up", "terms": terms })).await.json();
    company.hire("tidier", (Role::Cashier, company.site)).await;
    let account = company.sign_in("tidier").await.1.account;
    let gift = json!({ "account": account, "role": made["role"], "site": company.site, "from": null, "until": null, "reason": "spring" });
    assert_eq!(owner.post_json("/api/v1/identity/roles", &gift).await.status.as_u16(), 201);
    let tidier = company.sign_in("tidier").await.0;
    let answer = merge(&tidier, (stays, 1), body).await;
    assert_eq!((refused(&answer), errors(&answer)), ((403, "field_forbidden".to_owned()), vec![("notes".to_owned(), "forbidden".to_owned())]));
    let answer = merge(&tidier, (stays, 1), json!({ "from": goes, "from_version": 1, "take": ["name"] })).await;
    assert_eq!((answer.status.as_u16(), &answer.json::<RecordView>().values["name"]), (200, &json!("Ben")));
}

async fn hired(company: &Company, role: Role) -> Client {
    if role != Role::Auditor && role != Role::Cashier {
        company.hire(role.name(), (role, company.site)).await;
    }
    company.sign_in(role.name()).await.0
}

#[tokio::test]
async fn a_line_of_a_file_whose_record_is_probably_there_is_taken_and_told() {
    let (_company, owner) = company().await;
    let maria = customer(&owner, json!({ "name": "Maria", "email": EMAIL, "phone": "030-0074321", "tax_number": "RO4221306" })).await;
    let address = format!("{CUSTOMERS}/import");
    // The e-mail address finds Maria; Ana has her telephone, Ben her tax number, and Cy the telephone of Ben.
    let file = format!(
        "email,name,country,phone,tax_number\n{EMAIL},Maria A.,Germany,030 0074321,\nana@x.example,Ana,Germany,+49 30 0074321,\n\
         ben@x.example,Ben,Germany,0721 234 567,4221306\ncy@x.example,Cy,Germany,+40721234567,\n"
    );
    let tried = import(&owner, &format!("{address}?dry_run=true"), &file).await;
    let done = import(&owner, &address, &file).await;
    assert_eq!(tried, done, "a dry run tells the same");
    assert_eq!((counts(&done), done.alike, names(&owner, CUSTOMERS).await.len()), ((3, 1, 0, 0), 3, 4));
    let lines: Vec<_> = done.alikes.iter().map(|line| (line.line, told(&line.records), line.lines.clone())).collect();
    assert_eq!(lines, [(3, vec![("Maria", vec!["phone"])], vec![2]), (4, vec![("Maria", vec!["tax_number"])], vec![]), (5, vec![], vec![4]),]);
    assert_eq!(done.alikes[0].records[0].id, maria.id);
    // Sent again, it says what is there and nothing of what was told before.
    let again = import(&owner, &address, &file).await;
    assert_eq!((counts(&again), again.alike), ((0, 0, 4, 0), 0));
}

#[tokio::test]
async fn a_telephone_alone_makes_nobody_another_of_the_household() {
    let (_company, owner) = company().await;
    let ana = customer(&owner, json!({ "name": "Ana", "phone": "0721 234 567", "tax_number": "RO4221306" })).await;
    let file = "name,country,phone,tax_number\nBen,Germany,0721 234 567,\nAna Pop,Germany,0721 234 567,4221306\n";
    let report = import(&owner, &format!("{CUSTOMERS}/import"), file).await;
    assert_eq!((counts(&report), report.alike), ((1, 1, 0, 0), 1), "Ben is told to be perhaps Ana");
    assert_eq!(read(&owner, ana.id).await.values["name"], "Ana Pop", "found by her tax number");
}

#[tokio::test]
async fn a_line_that_may_mean_two_customers_means_neither() {
    let (_company, owner) = company().await;
    for name in ["Ana", "Ben"] {
        customer(&owner, json!({ "name": name, "phone": "0721 234 567" })).await;
    }
    customer(&owner, json!({ "name": "Cy", "phone": "0721 234 568" })).await;
    let file = "phone,city\n+40 721 234 567,Iași\n+40 721 234 568,Cluj\n";
    let report = import(&owner, &format!("{CUSTOMERS}/import?match=phone"), file).await;
    assert_eq!((counts(&report), wrong(&report)), ((0, 1, 0, 1), vec!["2 phone several_records".to_owned()]));
}
