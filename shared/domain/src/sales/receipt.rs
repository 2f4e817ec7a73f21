//! Receipt numbers come in blocks that the server reserves for one device and chain. A number is taken in the sale's own transaction,
//! burned when the sale is abandoned after it, and never used again.

use crate::kernel::{BlockId, ChainId, DeviceId, TillId};
use serde::{Deserialize, Serialize};

/// The number on a receipt, with the block it was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceiptNumber {
    /// The block.
    pub block: BlockId,
    /// Unique within the tenant.
    pub number: u64,
}

/// Asks for a block for this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BlockRequest {
    /// The device.
    pub device: DeviceId,
    /// The life of its database; a new one never continues an old block.
    pub chain: ChainId,
    /// The till it is.
    pub till: TillId,
}

/// Numbers that nobody else will use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceiptBlock {
    /// The block.
    pub block: BlockId,
    /// The device it was reserved for.
    pub device: DeviceId,
    /// The chain it was reserved for.
    pub chain: ChainId,
    /// The first number.
    pub first: u64,
    /// The last number.
    pub last: u64,
}

impl ReceiptBlock {
    /// Whether the number is one of this block's.
    pub fn holds(&self, receipt: ReceiptNumber) -> bool {
        receipt.block == self.block && (self.first..=self.last).contains(&receipt.number)
    }
}
