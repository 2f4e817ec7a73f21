//! Where something is, or where somebody is written to.

use super::country::Country;
use serde::{Deserialize, Serialize};

/// An address, in the parts that every country's forms have. None of them must be there: a market stall has no street, Ireland had no postal codes until 2015, and most
/// countries' letters say nothing of a region. In which order parts are written is the country's custom ([`Address::line`]).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Address {
    /// Street and number, or whatever stands first.
    pub line1: Option<String>,
    /// What else it takes: a building, a floor, in whose care.
    pub line2: Option<String>,
    /// As the post writes it.
    pub postal_code: Option<String>,
    /// City, town or village.
    pub city: Option<String>,
    /// County, state or province.
    pub region: Option<String>,
    /// The country.
    pub country: Option<Country>,
}

/// The parts, in the order of a form; the names are those of JSON, and of the columns of a file behind the field's name and a full stop.
pub const ADDRESS_PARTS: [&str; 6] = ["line1", "line2", "postal_code", "city", "region", "country"];

/// Countries that write the postal code behind the city, or below it (Universal Postal Union, Postal addressing systems).
const CODE_LAST: [&str; 12] = ["AU", "BR", "CA", "GB", "ID", "IE", "IN", "JP", "NZ", "SG", "US", "ZA"];

impl Address {
    /// All of it in one line. `country_name` says what the country is called; an empty name leaves it out.
    pub fn line(&self, country_name: impl FnOnce(Country) -> String) -> String {
        let said = |part: &Option<String>| part.as_deref().unwrap_or_default().to_owned();
        let code_last = self.country.is_some_and(|country| CODE_LAST.contains(&country.code()));
        let beside = |parts: [&str; 2]| parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let (code, city, region) = (said(&self.postal_code), said(&self.city), said(&self.region));
        let place = if code_last { [city, beside([&region, &code])] } else { [beside([&code, &city]), region] };
        let country = self.country.map(country_name).unwrap_or_default();
        let parts = [said(&self.line1), said(&self.line2)].into_iter().chain(place).chain([country]);
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(json: serde_json::Value) -> Address {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn an_address_is_told_in_one_line_as_its_country_writes_it() {
        for (parts, line) in [
            (
                serde_json::json!({ "line1": "Obere Str. 57", "postal_code": "12209", "city": "Berlin", "country": "DE" }),
                "Obere Str. 57, 12209 Berlin, DE",
            ),
            (
                serde_json::json!({ "line1": "Strada Lungă 1", "line2": "et. 2", "postal_code": "500035", "city": "Brașov", "region": "Brașov", "country": "RO" }),
                "Strada Lungă 1, et. 2, 500035 Brașov, Brașov, RO",
            ),
            (
                serde_json::json!({ "line1": "2817 Milton Dr.", "postal_code": "87110", "city": "Albuquerque", "region": "NM", "country": "US" }),
                "2817 Milton Dr., Albuquerque, NM 87110, US",
            ),
            (
                serde_json::json!({ "line1": "49 Gilbert St.", "postal_code": "EC1 4SD", "city": "London", "country": "GB" }),
                "49 Gilbert St., London, EC1 4SD, GB",
            ),
            (serde_json::json!({ "city": "Lyon" }), "Lyon"),
            (serde_json::json!({}), ""),
        ] {
            assert_eq!(address(parts).line(|country| country.to_string()), line);
        }
    }

    #[test]
    fn what_is_no_address_is_not_read_as_one() {
        for json in [
            serde_json::json!({ "street": "x" }),
            serde_json::json!({ "country": "Germany" }),
            serde_json::json!({ "city": 7 }),
            serde_json::json!("x"),
        ] {
            assert!(serde_json::from_value::<Address>(json.clone()).is_err(), "{json}");
        }
    }
}
