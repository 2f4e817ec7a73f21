//! Reads JSON.
//!
//! By way of CBOR in memory: so the program holds one reader of text, and one small reader of each type, whether it comes from the server or from the
//! device's database. Every device downloads them.

use holdfast_sync::cbor;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A text that is not the JSON of the expected value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the JSON that is expected here")]
pub struct BadJson;

/// Reads exactly one value.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, BadJson> {
    let value: Value = serde_json::from_str(text).map_err(|_| BadJson)?;
    cbor::convert(&value).map_err(|_| BadJson)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::protocol::{Answer, EngineRefusal, FromEngine, Request, ToEngine};
    use rust_decimal::Decimal;
    use uuid::Uuid;

    fn again<T: serde::Serialize + DeserializeOwned>(value: &T) -> String {
        let text = serde_json::to_string(value).unwrap();
        let read: T = read(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        text
    }

    #[test]
    fn what_page_and_engine_say_is_read_as_it_was_written() {
        let tap = Uuid::from_u128(7);
        again(&ToEngine { id: 1, tap, request: Request::Ping });
        let scan = Request::Scan { code: "9521000010239".to_owned(), quantity: Decimal::new(15, 1) };
        assert!(again(&ToEngine { id: u64::MAX, tap, request: scan }).contains("1.5"));
        again(&ToEngine { id: 2, tap, request: Request::PayCash { tendered_minor: -5 } });
        again(&FromEngine::Ready);
        again(&FromEngine::Answer { id: 1, result: Ok(Answer::Alive) });
        again(&FromEngine::Answer { id: 1, result: Err(EngineRefusal::new("pin_locked").with("seconds", 30)) });
    }

    #[test]
    fn what_is_no_json_or_another_value_is_refused() {
        assert_eq!(read::<u64>("1 2"), Err(BadJson));
        assert_eq!(read::<u64>("-1"), Err(BadJson));
        assert_eq!(read::<u64>("1.5"), Err(BadJson));
        assert_eq!(read::<Uuid>("\"7\""), Err(BadJson));
    }
}
