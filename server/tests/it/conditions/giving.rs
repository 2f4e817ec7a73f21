//! Who makes and gives roles that are about some records, and what no role can say.

use super::{CUSTOMERS, ROLES, TERMS, at, company, customer, define, give, is, keeping, names, said};
use holdfast_domain::audit::EntriesPage;
use holdfast_domain::identity::{RoleList, RoleView};
use holdfast_domain::kernel::resource::RecordView;
use serde_json::{Value, json};

fn reading(within: Value) -> Value {
    json!({ "permissions": ["sales.customer.read"], "fields": {}, "within": { "sales.customer": within } })
}

#[tokio::test]
async fn nobody_lets_a_role_reach_records_that_they_do_not_reach() {
    let (_company, owner, (clerk, session)) = company().await;
    let brest = is("address.city", "Brest");
    let mut own = reading(json!({ "scope": "all", "when": [brest.clone()] }));
    own["permissions"].as_array_mut().unwrap().extend(["identity.role.edit", "identity.role.read", "identity.role.give"].map(Value::from));
    let keeper = define(&owner, "Keeper", &own).await;
    give(&owner, (&session, &keeper), None).await;
    let tagged = json!({ "field": "tags", "operator": "is", "value": "vip" });
    for (n, within) in [
        json!({ "scope": "all", "when": [brest.clone()] }),
        json!({ "scope": "own", "when": [brest.clone()] }),
        json!({ "scope": "team", "when": [tagged.clone(), brest.clone()] }),
    ]
    .into_iter()
    .enumerate()
    {
        define(&clerk, &format!("Narrower {n}"), &reading(within)).await;
    }
    let beyond = (403, "role_beyond_yours".to_owned());
    for within in [
        json!({}),
        json!({ "scope": "own" }),
        json!({ "scope": "all", "when": [is("address.city", "Lyon")] }),
        json!({ "scope": "own", "when": [tagged] }),
        json!({ "scope": "all", "when": [{ "field": "address.city", "operator": "is_not", "value": "Lyon" }] }),
    ] {
        assert_eq!(said(&clerk.post_json(TERMS, &json!({ "name": "Wider", "terms": reading(within.clone()) })).await), beyond, "{within}");
    }
    let list: RoleList = clerk.get(TERMS).await.json();
    assert_eq!(list.most, keeper.terms);
    let viewer = json!({ "account": session.account, "role": "sales", "site": null, "from": null, "until": null, "reason": "more" });
    assert_eq!(said(&clerk.post_json(ROLES, &viewer).await), beyond, "nor give one that reaches all");
}

#[tokio::test]
async fn a_role_that_says_what_there_is_not_is_none() {
    let (_company, owner, _) = company().await;
    let condition =
        |field: &str, operator: &str, value: Value| json!({ "scope": "all", "when": [{ "field": field, "operator": operator, "value": value }] });
    let six: Vec<Value> = (0..6).map(|n| is("address.city", format!("Town {n}"))).collect();
    for (within, status) in [
        (condition("crown", "is", json!("gold")), 422),
        (condition("created_by", "is", json!("gold")), 422),
        (condition("address.city\" or true --", "is", json!("gold")), 422),
        (condition("address.city", "at_least", json!("Brest")), 422),
        (condition("notes", "is", json!("late")), 422),
        (condition("address", "is", json!("Brest")), 422),
        (condition("address.country", "is", json!("France")), 422),
        (condition("email", "is", json!("nobody")), 422),
        (condition("address.city", "is", json!(7)), 422),
        (condition("address.city", "is", Value::Null), 422),
        (condition("address.city", "is", json!("")), 422),
        (condition("address.city", "is", json!("x".repeat(101))), 422),
        (condition("tags", "is", json!(["a", "b"])), 422),
        (condition("customer_group", "is", json!("royal")), 422),
        (json!({ "scope": "all", "when": six }), 422),
    ] {
        let answer = owner.post_json(TERMS, &json!({ "name": "Crown", "terms": reading(within.clone()) })).await;
        assert_eq!(said(&answer), (status, "role_terms_unknown".to_owned()), "{within}");
    }
    let other_kind = json!({ "permissions": [], "fields": {}, "within": { "sales.crown": { "scope": "own" } } });
    assert_eq!(said(&owner.post_json(TERMS, &json!({ "name": "Crown", "terms": other_kind })).await), (422, "role_terms_unknown".to_owned()));
    // Whoever could say which records a role reaches by what is encrypted would find it out.
    for operator in ["is", "is_not", "at_least", "at_most"] {
        let read = ["procurement.supplier.read"];
        let terms = json!({ "permissions": read, "fields": {}, "within": { "procurement.supplier": condition("iban", operator, json!("GB29NWBK60161331926819")) } });
        assert_eq!(
            said(&owner.post_json(TERMS, &json!({ "name": "Crown", "terms": terms })).await),
            (422, "role_terms_unknown".to_owned()),
            "{operator}"
        );
    }
    for within in [json!({ "scope": "everybody" }), condition("address.city", "like", json!("%"))] {
        let answer = owner.post_json(TERMS, &json!({ "name": "Crown", "terms": reading(within.clone()) })).await;
        assert_eq!(answer.status.as_u16() / 100, 4, "{within}");
    }
}

#[tokio::test]
async fn a_change_of_the_conditions_bites_at_once_and_is_told_in_the_audit() {
    let (_company, owner, (clerk, session)) = company().await;
    let (alpha, _) = (customer(&owner, "Alpha", "Brest").await, customer(&owner, "Beta", "Lyon").await);
    let role = define(&owner, "Desk", &reading(json!({ "scope": "all", "when": [is("address.city", " Brest ")] }))).await;
    assert_eq!(role.terms.within["sales.customer"].when[0].value, json!("Brest"), "as records keep it");
    give(&owner, (&session, &role), None).await;
    assert_eq!(names(&clerk, CUSTOMERS).await, ["Alpha"]);
    let terms = reading(json!({ "scope": "all", "when": [is("address.city", "Lyon")] }));
    let path = format!("{TERMS}/{}", role.id.unwrap());
    let changed: RoleView = owner.if_match(1).patch_json(&path, &json!({ "name": "Desk", "terms": terms })).await.json();
    assert_eq!(changed.version, 2);
    assert_eq!(names(&clerk, CUSTOMERS).await, ["Beta"]);
    assert_eq!(said(&clerk.get(&at(CUSTOMERS, alpha.id, "")).await), (404, "record_unknown".to_owned()));
    let kept: EntriesPage = owner.get("/api/v1/audit/entries?kind=identity.role&action=update").await.json();
    let told = &kept.entries[0].changes;
    assert_eq!((told.len(), told[0].field.as_str()), (1, "within"));
    assert_eq!(
        (&told[0].before, &told[0].after),
        (&json!(["sales.customer.address.city is \"Brest\""]), &json!(["sales.customer.address.city is \"Lyon\""]))
    );
}

#[tokio::test]
async fn a_record_is_called_by_its_name_where_it_is_within() {
    let (_company, owner, (clerk, session)) = company().await;
    let mut terms = keeping("catalog.category", json!({ "scope": "all", "when": [is("name", "Drinks")] }));
    terms["permissions"].as_array_mut().unwrap().extend(["read", "create", "update", "bulk_edit"].map(|act| json!(format!("catalog.product.{act}"))));
    let role = define(&owner, "Drinks", &terms).await;
    give(&owner, (&session, &role), None).await;
    let category = async |name: &str| super::make(&owner, "/api/v1/catalog/categories", json!({ "name": name })).await;
    let (drinks, bread) = (category("Drinks").await, category("Bread").await);
    for (category, named) in [(&drinks, vec!["Drinks"]), (&bread, Vec::new())] {
        let values = json!({ "name": format!("Of {}", category.id), "category": category.id });
        let made: RecordView = super::make(&owner, "/api/v1/catalog/products", values).await;
        let read: RecordView = clerk.get(&at("/api/v1/catalog/products", made.id, "")).await.json();
        assert_eq!(read.names.values().map(String::as_str).collect::<Vec<_>>(), named);
    }
    let csv = "name,category\nTonic,Drinks\nBaguette,Bread\n".as_bytes().to_vec();
    let taken = super::text(&clerk.send(axum::http::Method::POST, "/api/v1/catalog/products/import", (Some("text/csv"), csv)).await);
    assert!(taken.contains("\"created\":1") && taken.contains("unknown_record"), "{taken}");
}
