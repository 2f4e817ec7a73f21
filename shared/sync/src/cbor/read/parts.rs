//! Lists, maps and variants, part by part.

use super::{BREAK, Bad, Reader};
use serde::de::{self, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

/// What is in a list or a map.
pub(super) struct Items<'r, 'de> {
    pub(super) reader: &'r mut Reader<'de>,
    pub(super) left: Option<u64>,
}

impl<'de> Items<'_, 'de> {
    /// Whether another follows, which is then to be read.
    #[inline(never)]
    pub(super) fn more(&mut self) -> Result<bool, Bad> {
        match &mut self.left {
            Some(0) => Ok(false),
            Some(left) => {
                *left -= 1;
                Ok(true)
            }
            None if self.reader.bytes.first() == Some(&BREAK) => {
                self.reader.bytes = &self.reader.bytes[1..];
                self.left = Some(0);
                Ok(false)
            }
            None => Ok(true),
        }
    }

    /// Steps out again; everything must have been read.
    #[inline(never)]
    pub(super) fn done(mut self) -> Result<(), Bad> {
        if self.more()? {
            return Err(Bad::Other);
        }
        self.reader.depth -= 1;
        Ok(())
    }

    /// Reads them, all.
    pub(super) fn all<T>(mut self, read: impl FnOnce(&mut Self) -> Result<T, Bad>) -> Result<T, Bad> {
        let value = read(&mut self)?;
        self.done()?;
        Ok(value)
    }

    /// How many there are, as far as anybody can know: a length that lies costs no memory.
    fn hint(&self) -> Option<usize> {
        let most = self.reader.bytes.len();
        self.left.and_then(|left| usize::try_from(left).ok()).map(|left| left.min(most))
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'_, 'de> {
    type Error = Bad;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Bad> {
        if self.more()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn size_hint(&self) -> Option<usize> {
        self.hint()
    }
}

impl<'de> MapAccess<'de> for &mut Items<'_, 'de> {
    type Error = Bad;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Bad> {
        if self.more()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Bad> {
        seed.deserialize(&mut *self.reader)
    }

    fn size_hint(&self) -> Option<usize> {
        self.hint()
    }
}

/// A variant's name, then what it holds.
pub(super) struct Variant<'r, 'de>(pub(super) &'r mut Reader<'de>);

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Bad;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Bad> {
        Ok((seed.deserialize(&mut *self.0)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Bad;

    fn unit_variant(self) -> Result<(), Bad> {
        if self.0.null() { Ok(()) } else { Err(Bad::Other) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Bad> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Bad> {
        de::Deserializer::deserialize_seq(self.0, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Bad> {
        de::Deserializer::deserialize_map(self.0, visitor)
    }
}
