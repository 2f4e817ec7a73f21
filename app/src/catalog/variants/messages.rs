//! The words of variants in the office.

use crate::language::messages;

messages! {
    module "variants";
    texts {
        variants,
        is_variant_of,
        /// A product whose name may not be looked at.
        another_product,
        variant_text,
        none_yet,
        stands_for_them,
        archived_with_it,
        archived,
        /// Of a variant that has no price of its own.
        price_of_product,
        no_price,
        make_some,
        option,
        option_hint,
        values,
        values_hint,
        add_option,
        there_already,
    }
    filled {
        too_many(most),
    }
    counted {
        /// The button: so many that are not there yet.
        make,
        /// So many were made before one was refused.
        made_before,
    }
    said {}
}
