//! Documents as the table keeps them: packed by Zstandard (RFC 8878) with a dictionary of what all documents have in common, the names of facts and of their fields. A ticket of ten
//! lines takes three quarters of what it takes packed by itself, as devices keep it.
//!
//! What is packed says by which dictionary. One that documents were packed with stays for ever; a better one is added behind it, and is used from then on.

#[cfg(test)]
mod samples;

use crate::failure::Fault;
use automerge::Automerge;
use std::cell::RefCell;
use std::num::NonZeroU32;
use std::sync::LazyLock;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe;

/// Every dictionary there ever was. How the newest was made is told by its test.
const DICTIONARIES: [&[u8]; 1] = [include_bytes!("1.dictionary")];
/// Beyond this, little is gained and each write takes noticeably longer.
const LEVEL: i32 = 6;
/// What a frame of Zstandard begins with. Documents that were stored before they were packed here begin as Automerge's files do.
const MAGIC: [u8; 4] = zstd_safe::MAGICNUMBER.to_le_bytes();
/// No document is longer: the facts of one are counted, and each is bounded.
const MOST_BYTES: u64 = 1 << 30;

static PACKING: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(newest(), LEVEL));
static UNPACKING: LazyLock<Vec<(Option<NonZeroU32>, DecoderDictionary<'static>)>> =
    LazyLock::new(|| DICTIONARIES.map(|bytes| (zstd_safe::get_dict_id_from_dict(bytes), DecoderDictionary::copy(bytes))).into());

thread_local! {
    // Each takes more memory and time to set up than a document takes to pack.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

const fn newest() -> &'static [u8] {
    DICTIONARIES[DICTIONARIES.len() - 1]
}

/// Packs a document that was saved plain.
///
/// # Panics
/// Where there is no memory for it.
pub(super) fn pack(plain: &[u8]) -> Vec<u8> {
    PACKER.with_borrow_mut(|packer| {
        let packer = packer.get_or_insert_with(|| Compressor::with_prepared_dictionary(&PACKING).expect("the dictionary is one"));
        packer.compress(plain).expect("any bytes can be packed")
    })
}

/// The document that was packed, or stored before documents were packed here. A fault where it is damaged, or a newer server packed it.
pub fn unpack(stored: Vec<u8>) -> Result<Vec<u8>, Fault> {
    let unreadable = |what: &str| Fault::because(format!("a stored document cannot be unpacked: {what}"));
    if !stored.starts_with(&MAGIC) {
        return Ok(stored);
    }
    let size = zstd_safe::get_frame_content_size(&stored).ok().flatten().filter(|size| *size <= MOST_BYTES);
    let size = size.and_then(|size| usize::try_from(size).ok()).ok_or_else(|| unreadable("it does not say how long it is"))?;
    let named = zstd_safe::get_dict_id_from_frame(&stored);
    let (_, dictionary) = UNPACKING.iter().find(|(id, _)| *id == named).ok_or_else(|| unreadable("a newer server packed it"))?;
    UNPACKER
        .with_borrow_mut(|unpacker| {
            let unpacker = unpacker.get_or_insert_with(Decompressor::default);
            unpacker.set_prepared_dictionary(dictionary)?;
            unpacker.decompress(&stored, size)
        })
        .map_err(|error| Fault::new("unpack a stored document", error))
}

/// As it travels to devices, which have no dictionary.
pub(super) fn for_devices(plain: &[u8]) -> Result<Vec<u8>, Fault> {
    Ok(Automerge::load(plain).map_err(|error| Fault::new("read a stored document", error))?.save())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: u64 = 20_261_122;

    /// The dictionary is trained on tickets and till sessions of made-up companies: other ids, names, codes and prices in each, so that it knows nobody's. With `HOLDFAST_BLESS` set a
    /// new one is written beside the others.
    #[test]
    fn the_dictionary_knows_what_documents_have_in_common() {
        if std::env::var_os("HOLDFAST_BLESS").is_some() {
            let trained = zstd::dict::from_samples(&samples::documents(SEED, 2_000), 4_096).expect("there are samples enough");
            let file = format!("{}/src/sync/packed/{}.dictionary", env!("CARGO_MANIFEST_DIR"), DICTIONARIES.len() + 1);
            std::fs::write(file, trained).expect("the folder of the sources can be written");
        }
        let others = samples::documents(SEED + 1, 200);
        let sum = |packed: &dyn Fn(&[u8]) -> Vec<u8>| others.iter().map(|plain| packed(plain).len()).sum::<usize>();
        let (here, alone) = (sum(&pack), sum(&|plain| for_devices(plain).expect("it is a document")));
        assert!(here * 4 < alone * 3, "{here} bytes instead of {alone}");
    }

    #[test]
    fn what_was_packed_is_unpacked_byte_by_byte() {
        for plain in samples::documents(SEED + 2, 50).into_iter().chain([Vec::new(), vec![0; 100_000]]) {
            let packed = pack(&plain);
            assert!(packed.starts_with(&MAGIC));
            assert_eq!(unpack(packed).expect("it was packed here"), plain);
        }
    }

    #[test]
    fn what_was_stored_before_is_read_as_it_is() {
        let plain = samples::documents(SEED, 1).remove(0);
        let stored = for_devices(&plain).expect("it is a document");
        assert!(stored.len() < plain.len());
        assert_eq!(unpack(stored.clone()).expect("it is not packed here"), stored);
    }

    #[test]
    fn what_is_damaged_or_of_a_newer_dictionary_is_a_fault() {
        let packed = pack(&samples::documents(SEED, 1)[0]);
        let mut of_another = packed.clone();
        // The dictionary's id lies behind the magic number and the descriptor.
        of_another[5] ^= 0xff;
        for damaged in [packed[..packed.len() / 2].to_vec(), packed[..5].to_vec(), MAGIC.to_vec(), of_another] {
            unpack(damaged).unwrap_err();
        }
    }
}
