//! A look at a change's bytes before Automerge reads them: does it do nothing but put values under keys, and how many?
//!
//! Automerge's columns are run-length encoded: thirty bytes can claim 2^60 operations, and Automerge walks all of them to see whether they are
//! sound. The action column of an honest change is one run of `put`, and each `put` weighs at least its key, so a glance at that
//! column bounds the rest.

/// Where the parts of a change chunk lie: magic (4), checksum (4), type (1), then what this module walks through.
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE: u8 = 1;
const COMPRESSED: u8 = 2;
/// A fact's key: 32 hex digits and their length.
const LEAST_BYTES_PER_PUT: u64 = 33;

const ACTION: u64 = 0x42;
const PREDECESSORS: u64 = 0x70;
/// Object actor, object counter, key, insert, action, value meta, value, number of predecessors.
const COLUMNS_OF_A_PUT: [u64; 8] = [0x01, 0x02, 0x15, 0x34, ACTION, 0x56, 0x57, PREDECESSORS];
const ACTION_PUT: u8 = 1;

/// Why bytes are no chunk of puts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadChunk {
    /// They end early, claim more than they hold, or are something else.
    Malformed,
    /// A compressed chunk.
    Compressed,
    /// It has columns, actions or predecessors that no sequence of plain puts has.
    NotPuts,
}

/// How many puts the chunk holds, if it holds nothing else.
pub fn count_puts(bytes: &[u8]) -> Result<u64, BadChunk> {
    match bytes.get(8) {
        Some(&COMPRESSED) => return Err(BadChunk::Compressed),
        Some(&CHANGE) if bytes.starts_with(&MAGIC) => {}
        _ => return Err(BadChunk::Malformed),
    }
    let mut reader = Reader { rest: &bytes[9..] };
    let columns = reader.columns().ok_or(BadChunk::Malformed)?;
    if columns.iter().any(|(column, _)| !COLUMNS_OF_A_PUT.contains(column)) {
        return Err(BadChunk::NotPuts);
    }
    let of = |wanted: u64| columns.iter().find(|(column, _)| *column == wanted).map_or(&[][..], |(_, data)| data);
    let puts = one_run(of(ACTION), ACTION_PUT).ok_or(BadChunk::NotPuts)?;
    if one_run(of(PREDECESSORS), 0) != Some(puts) {
        return Err(BadChunk::NotPuts);
    }
    if puts > bytes.len() as u64 / LEAST_BYTES_PER_PUT { Err(BadChunk::Malformed) } else { Ok(puts) }
}

/// How often the column says `value`, if it is one run of it.
fn one_run(column: &[u8], value: u8) -> Option<u64> {
    let mut reader = Reader { rest: column };
    let length = match reader.signed()? {
        // A literal run of one: how a single value is written.
        -1 => 1,
        run => u64::try_from(run).ok().filter(|run| *run > 1)?,
    };
    (reader.rest == [value]).then_some(length)
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    /// From the length of the chunk to its columns: (specification, data).
    fn columns(&mut self) -> Option<Vec<(u64, &'b [u8])>> {
        let length = self.unsigned()?;
        if length != self.rest.len() as u64 {
            return None;
        }
        let dependencies = self.unsigned()?;
        self.take(dependencies.checked_mul(32)?)?;
        let actor = self.unsigned()?;
        self.take(actor)?;
        let (_seq, _start_op, _time) = (self.unsigned()?, self.unsigned()?, self.signed()?);
        let message = self.unsigned()?;
        self.take(message)?;
        for _ in 0..self.unsigned()? {
            let actor = self.unsigned()?;
            self.take(actor)?;
        }
        let mut directory = Vec::new();
        for _ in 0..self.unsigned()? {
            directory.push((self.unsigned()?, self.unsigned()?));
        }
        directory.into_iter().map(|(column, length)| Some((column, self.take(length)?))).collect()
    }

    fn take(&mut self, length: u64) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    /// Unsigned LEB128.
    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// Signed LEB128.
    fn signed(&mut self) -> Option<i64> {
        let mut value = 0_i64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let unused = 64 - (shift + 7);
                return Some(value << unused >> unused);
            }
        }
        None
    }
}
