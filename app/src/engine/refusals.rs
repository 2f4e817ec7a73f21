//! Faults of the device's own parts, as a person hears of them.

use super::core::log;
use super::protocol::EngineRefusal;
use crate::device::crypto::CryptoFault;
use crate::device::store::{RecordRefusal, StoreError};
use holdfast_sync::kind::IntentError;
use holdfast_sync::replica::RecordError;

impl From<StoreError> for EngineRefusal {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Full => "storage_full",
            StoreError::Lost => "storage_lost",
            StoreError::Outdated => "app_outdated",
            StoreError::Unreadable { .. } | StoreError::Fault(_) => "storage_broken",
        };
        log(&error);
        Self::new(code)
    }
}

impl From<RecordRefusal> for EngineRefusal {
    fn from(refusal: RecordRefusal) -> Self {
        match refusal {
            RecordRefusal::Store(error) => error.into(),
            RecordRefusal::Record(RecordError::Intent(IntentError::Refused { code })) => Self::new(code),
            RecordRefusal::Record(RecordError::Left) => Self::new("document_left"),
            RecordRefusal::Record(RecordError::DocumentFull) => Self::new("document_full"),
            RecordRefusal::Record(error) => {
                log(&error);
                Self::new("document_broken")
            }
        }
    }
}

impl From<CryptoFault> for EngineRefusal {
    fn from(fault: CryptoFault) -> Self {
        log(&fault);
        Self::new("crypto_unavailable")
    }
}
