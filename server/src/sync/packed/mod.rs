//! Documents as the table keeps them: packed by Zstandard (RFC 8878) with a dictionary of what all documents have in common, the names of facts and of their fields. A ticket of ten
//! lines takes three quarters of what it takes packed by itself, as devices keep it.
//!
//! The first byte says how the rest is packed. What documents were once packed with stays for ever; a better dictionary is added behind the others, and is used from
//! then on:
//!
//! | first byte | what lies behind it |
//! | --- | --- |
//! | `0x85` | with it, a document as Automerge saves it: stored before documents were packed here |
//! | `0x28` | with it, a frame of Zstandard, by the first dictionary |
//! | any dictionary's number but the first | how many [`keys`] there are (unsigned LEB128), the keys, and the rest by that dictionary: a frame without its magic number |

mod keys;
#[cfg(test)]
mod samples;

use crate::failure::Fault;
use automerge::Automerge;
use keys::Apart;
use std::cell::RefCell;
use std::sync::LazyLock;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::{self, CParameter};

/// Every dictionary there ever was, the first one first. How the newest was made is told by its test.
const DICTIONARIES: [&[u8]; 2] = [include_bytes!("1.dictionary"), include_bytes!("2.dictionary")];
/// Beyond this, little is gained and each write takes noticeably longer.
const LEVEL: i32 = 6;
/// What a frame of Zstandard begins with.
const MAGIC: [u8; 4] = zstd_safe::MAGICNUMBER.to_le_bytes();
/// What a file of Automerge begins with.
const PLAIN: u8 = 0x85;
/// No document is longer: the facts of one are counted, and each is bounded.
const MOST_BYTES: u64 = 1 << 30;

static PACKING: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(DICTIONARIES[DICTIONARIES.len() - 1], LEVEL));
static UNPACKING: LazyLock<Vec<DecoderDictionary<'static>>> = LazyLock::new(|| DICTIONARIES.map(DecoderDictionary::copy).into());

thread_local! {
    // Each takes more memory and time to set up than a document takes to pack.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Packs a document that was saved plain.
///
/// # Panics
/// Where there is no memory for it.
pub(super) fn pack(plain: &[u8]) -> Vec<u8> {
    let Apart { keys, rest } = Apart::of(plain);
    let packed = PACKER.with_borrow_mut(|packer| packer.get_or_insert_with(packer_of_the_newest).compress(&rest).expect("any bytes can be packed"));
    let mut stored = vec![DICTIONARIES.len() as u8];
    keys::write(&mut stored, keys.len() / keys::BYTES);
    stored.extend(keys);
    stored.extend(&packed[MAGIC.len()..]);
    stored
}

fn packer_of_the_newest() -> Compressor<'static> {
    let mut packer = Compressor::with_prepared_dictionary(&PACKING).expect("the dictionary is one");
    // Four bytes: the first one says it.
    packer.set_parameter(CParameter::DictIdFlag(false)).expect("a frame need not name its dictionary");
    packer
}

/// The document that was packed, or stored before documents were packed here. A fault where it is damaged, or a newer server packed it.
pub fn unpack(stored: Vec<u8>) -> Result<Vec<u8>, Fault> {
    match stored.split_first() {
        None | Some((&PLAIN, _)) => Ok(stored),
        Some((&first, _)) if first == MAGIC[0] => frame(&stored, 1),
        Some((&dictionary, packed)) if dictionary > 1 && usize::from(dictionary) <= DICTIONARIES.len() => {
            let mut packed = packed;
            let keys = keys::read(&mut packed).and_then(|keys| packed.split_at_checked(keys.checked_mul(keys::BYTES)?));
            let (keys, packed) = keys.ok_or_else(|| unreadable("its keys are cut off"))?;
            let rest = frame(&[&MAGIC, packed].concat(), usize::from(dictionary))?;
            Apart { keys: keys.to_vec(), rest }.together().ok_or_else(|| unreadable("its keys have no place"))
        }
        Some(_) => Err(unreadable("a newer server packed it")),
    }
}

/// What a frame holds, by the dictionary of that number.
fn frame(frame: &[u8], dictionary: usize) -> Result<Vec<u8>, Fault> {
    let size = zstd_safe::get_frame_content_size(frame).ok().flatten().filter(|size| *size <= MOST_BYTES);
    let size = size.and_then(|size| usize::try_from(size).ok()).ok_or_else(|| unreadable("it does not say how long it is"))?;
    UNPACKER
        .with_borrow_mut(|unpacker| {
            let unpacker = unpacker.get_or_insert_with(Decompressor::default);
            unpacker.set_prepared_dictionary(&UNPACKING[dictionary - 1])?;
            unpacker.decompress(frame, size)
        })
        .map_err(|error| Fault::new("unpack a stored document", error))
}

fn unreadable(what: &str) -> Fault {
    Fault::because(format!("a stored document cannot be unpacked: {what}"))
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
            let samples: Vec<_> = samples::documents(SEED, 2_000).iter().map(|plain| Apart::of(plain).rest).collect();
            let trained = zstd::dict::from_samples(&samples, 8_192).expect("there are samples enough");
            let file = format!("{}/src/sync/packed/{}.dictionary", env!("CARGO_MANIFEST_DIR"), DICTIONARIES.len() + 1);
            std::fs::write(file, trained).expect("the folder of the sources can be written");
        }
        let others = samples::documents(SEED + 1, 200);
        let sum = |packed: &dyn Fn(&[u8]) -> Vec<u8>| others.iter().map(|plain| packed(plain).len()).sum::<usize>();
        let (here, alone) = (sum(&pack), sum(&|plain| for_devices(plain).expect("it is a document")));
        assert!(here * 10 < alone * 7, "{here} bytes instead of {alone}");
    }

    #[test]
    fn what_was_packed_is_unpacked_byte_by_byte() {
        for plain in samples::documents(SEED + 2, 50).into_iter().chain([Vec::new(), vec![0; 100_000], vec![b'0'; 1_000]]) {
            let packed = pack(&plain);
            assert_eq!(usize::from(packed[0]), DICTIONARIES.len());
            assert_eq!(unpack(packed).expect("it was packed here"), plain);
        }
    }

    #[test]
    fn what_was_packed_by_the_first_dictionary_is_read_for_ever() {
        let mut packer = Compressor::with_dictionary(LEVEL, DICTIONARIES[0]).expect("the dictionary is one");
        for plain in samples::documents(SEED + 3, 20) {
            let packed = packer.compress(&plain).expect("any bytes can be packed");
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
        let of_another = [&[DICTIONARIES.len() as u8 + 1], &packed[1..]].concat();
        let without_keys = [&packed[..1], &[0xff, 0xff, 3], &packed[2..]].concat();
        let cut_off = [packed.len() / 2, 5, 1].map(|length| packed[..length].to_vec());
        for damaged in cut_off.into_iter().chain([MAGIC.to_vec(), of_another, without_keys, vec![0]]) {
            unpack(damaged).unwrap_err();
        }
    }
}
