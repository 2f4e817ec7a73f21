//! Deutsch: was geschehen ist, was es bedeutet, was zu tun ist.

use super::{Saying, say};
use crate::engine::protocol::{EngineRefusal, Progress};

/// Why the engine did not do it.
pub fn refused(refusal: &EngineRefusal) -> Saying {
    let value = |name: &str| refusal.values.get(name).map_or("", String::as_str);
    match refusal.code.as_str() {
        "barcode_unknown" => say(
            &format!("Kein Artikel hat den Code {}", value("code")),
            "Es wurde nichts hinzugefügt. Noch einmal scannen, den Artikel nach Namen suchen oder ihn beiseitelegen und dem Büro melden.",
        ),
        "product_unknown" => say("Diesen Artikel gibt es nicht mehr", "Das Büro hat ihn herausgenommen. Es wurde nichts hinzugefügt."),
        "price_missing" | "tax_rate_missing" => say(
            "Dieser Artikel hat hier keinen Preis",
            "Es wurde nichts hinzugefügt. Melden Sie es dem Büro; bis dahin ist der Artikel an dieser Kasse unverkäuflich.",
        ),
        "barcode_invalid" => {
            say("Dieser Code ist nicht lesbar", "Es wurde nichts hinzugefügt. Noch einmal scannen oder den Artikel nach Namen suchen.")
        }
        "quantity_invalid" | "quantity_too_large" | "quantity_not_positive" => say(
            "Diese Menge lässt sich nicht verkaufen",
            "Es hat sich nichts geändert. Geben Sie eine kleinere Menge mit höchstens sechs Nachkommastellen ein.",
        ),
        "quantity_below_zero" => say("Es bliebe nichts übrig", "Es hat sich nichts geändert. Mit „Entfernen“ kommt die Position vom Beleg."),
        "line_unknown" | "line_removed" => say(
            "Diese Position steht nicht mehr auf dem Beleg",
            "Sie wurde entfernt, vielleicht in einem anderen Fenster. Sonst hat sich nichts geändert.",
        ),
        "ticket_full" | "document_full" => {
            say("Dieser Beleg ist voll", "Kassieren Sie, was darauf steht, und fahren Sie mit einem neuen Beleg fort.")
        }
        "ticket_empty" => say("Es gibt nichts zu bezahlen", "Scannen Sie zuerst einen Artikel."),
        "ticket_not_opened" | "ticket_completed" | "ticket_abandoned" => say(
            "Dieser Beleg ist schon abgeschlossen",
            "Er wurde bezahlt oder verworfen, vielleicht in einem anderen Fenster. Scannen beginnt einen neuen.",
        ),
        "tendered_too_little" => say("Das ist weniger als die Summe", "Es wurde nichts angenommen. Geben Sie ein, was Sie erhalten haben."),
        "amount_too_large" | "count_invalid" => say("Dieser Betrag ist zu hoch", "Es wurde nichts verzeichnet. Prüfen Sie die Eingabe."),
        "numbers_used_up" => say(
            "Diese Kasse hat keine Belegnummern mehr",
            "Es wurde nicht kassiert. Verbinden Sie die Kasse kurz mit dem Netz, dann erhält sie von selbst neue Nummern. Der Beleg bleibt, wie er ist.",
        ),
        "storage_full" => say(
            "Dieses Gerät ist voll",
            "Es wurde nichts verzeichnet; geben Sie die Ware noch nicht heraus. Schaffen Sie Platz auf dem Gerät und versuchen Sie es erneut.",
        ),
        "storage_lost" | "storage_broken" | "document_broken" => say(
            "Die Kasse konnte das nicht speichern",
            "Es wurde nichts verzeichnet; geben Sie die Ware noch nicht heraus. Versuchen Sie es erneut; bleibt es dabei, nehmen Sie eine andere Kasse und rufen Sie das Büro an.",
        ),
        "till_session_not_opened" => say("Die Kasse ist nicht geöffnet", "Öffnen Sie sie zuerst mit gezähltem Wechselgeld."),
        "till_session_already_opened" => say("Die Kasse ist schon geöffnet", "Sie wurde in einem anderen Fenster geöffnet. Sie können verkaufen."),
        "till_session_already_closed" => {
            say("Die Kasse ist schon geschlossen", "Sie wurde in einem anderen Fenster geschlossen. Zum Verkaufen wieder öffnen.")
        }
        "ticket_open" => say("Ein Beleg ist noch offen", "Kassieren oder verwerfen Sie ihn, dann lässt sich die Kasse schließen."),
        "not_signed_in" => say("An dieser Kasse ist niemand angemeldet", "Wählen Sie, wer verkauft, und versuchen Sie es erneut."),
        "grant_missing" | "session_lost" => {
            say("Einmal mit Netz anmelden", "Diese Person kann hier noch nicht verkaufen. Nach einer Anmeldung mit Netz geht es auch ohne.")
        }
        "not_permitted" => say("Ihre Rolle erlaubt das nicht", "Es wurde nichts verzeichnet. Bitten Sie die Schichtleitung zu übernehmen."),
        "not_a_till" | "till_unknown" | "site_unknown" => say("Dieses Gerät ist keine Kasse", "Richten Sie es zuerst als Kasse ein."),
        "engine_busy" => say("Die Kasse holt noch auf", "Es wurde nichts verzeichnet. Warten Sie kurz und versuchen Sie es erneut."),
        "engine_stopped" | "engine_broken" | "crypto_unavailable" => {
            say("Die Kasse arbeitet nicht mehr", "Was bestätigt war, ist sicher. Laden Sie die Seite neu; sonst wurde nichts verzeichnet.")
        }
        "app_outdated" => {
            say("Diese Kasse muss aktualisiert werden", "Es wurde nichts verzeichnet. Laden Sie die Seite neu, solange es ein Netz gibt.")
        }
        "offline" | "server_failed" => {
            say("Der Server ist nicht erreichbar", "Der Verkauf geht weiter. Versuchen Sie das erneut, wenn es wieder ein Netz gibt.")
        }
        _ => say(
            "Das hat nicht geklappt",
            "Es wurde nichts verzeichnet. Versuchen Sie es erneut; bleibt es dabei, nennen Sie dem Büro den Code unten.",
        ),
    }
}

/// What the server held, refused or ruled.
pub fn ruled(code: &str) -> Saying {
    let (outcome, name) = code.split_once('.').unwrap_or(("ruling", code));
    match (outcome, name) {
        (_, "price_not_in_force") => {
            say("Ein Preis hatte sich geändert", "Der Beleg gilt, wie er bezahlt wurde. Das Büro sieht die Abweichung; Sie müssen nichts tun.")
        }
        (_, "price_version_unknown" | "price_differs") => say(
            "Ein Preis stimmt nicht mit dem Artikelstamm überein",
            "Der Beleg gilt, wie er bezahlt wurde. Das Büro prüft ihn; halten Sie ihn bereit.",
        ),
        (_, "tax_version_unknown" | "tax_differs") => {
            say("Ein Steuersatz stimmt nicht", "Der Beleg gilt, wie er bezahlt wurde. Das Büro berichtigt die Steuer; Sie müssen nichts tun.")
        }
        (_, "receipt_number_outside_block" | "receipt_number_reused") => say(
            "Die Belegnummer gehört nicht zu dieser Kasse",
            "Der Beleg gilt. Verkaufen Sie auf diesem Gerät nicht weiter und rufen Sie das Büro an: Es könnte kopiert worden sein.",
        ),
        (_, "till_session_unknown") => say(
            "Die Kassensitzung ist noch nicht angekommen",
            "Der Beleg gilt. Er wird zugeordnet, sobald sie ankommt; lassen Sie das Gerät eingeschaltet.",
        ),
        (_, "till_session_closed") => {
            say("Nach dem Kassenabschluss verkauft", "Der Beleg gilt, fehlt aber in der Zählung. Sagen Sie es der Person, die gezählt hat.")
        }
        (_, "paid_twice") => {
            say("Doppelt bezahlt", "Für diesen Beleg wurde in zwei Fenstern kassiert. Geben Sie eine Zahlung zurück und melden Sie es dem Büro.")
        }
        (_, "changed_while_paid") => {
            say("Während der Zahlung geändert", "Bezahlt wurde nicht die Summe. Vergleichen Sie den Beleg mit der Ware und melden Sie es dem Büro.")
        }
        (_, "abandoned_while_paid") => {
            say("Während der Zahlung verworfen", "Die Zahlung gilt. Prüfen Sie, ob das Geld in der Schublade liegt, und melden Sie es dem Büro.")
        }
        (_, "time_clamped") => {
            say("Die Uhr dieses Geräts geht falsch", "Der Beleg gilt, mit berichtigter Zeit. Stellen Sie die Uhr bei Gelegenheit.")
        }
        ("ruling", "grant_expired") => {
            say("Ihre Anmeldung war abgelaufen", "Der Beleg gilt. Melden Sie sich bald mit Netz an, damit die nächsten keine Fragen aufwerfen.")
        }
        ("held", _) => say(
            "Wartet auf die Entscheidung des Büros",
            "Der Verkauf ist sicher, aber noch nicht verbucht. Das Büro gibt ihn frei oder lehnt ihn ab; sagen Sie dort Bescheid.",
        ),
        ("refused", _) => say(
            "Vom Büro nicht angenommen",
            "Was erfasst wurde, bleibt auf diesem Gerät, ist aber nicht verbucht. Bewahren Sie Geld und Beleg auf und rufen Sie das Büro an.",
        ),
        _ => say("Das Büro hat eine Frage zu diesem Beleg", "Nennen Sie dem Büro den Code unten."),
    }
}

/// How far a ticket has come.
pub fn progress_means(progress: Progress) -> Saying {
    match progress {
        Progress::SavedHere => say("Hier gesichert", "Der Beleg ist auf diesem Gerät sicher. Er wird gesendet, sobald es ein Netz gibt."),
        Progress::Sent => say("Gesendet", "Der Server hat ihn; die Bestätigung ist unterwegs."),
        Progress::Accepted => say("Verbucht", "Der Server hat den Beleg angenommen. Alle Geräte sehen ihn."),
        Progress::NeedsAttention => say("Braucht Aufmerksamkeit", "An diesem Beleg ist etwas zu prüfen. Unten steht, was, und was zu tun ist."),
    }
}

/// A ticket was put away.
pub fn abandoned_means() -> Saying {
    say("Verworfen", "Es wurde nichts verkauft und kein Geld genommen.")
}
