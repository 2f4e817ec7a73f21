//! The few words that components bring along.

use crate::language::messages;

messages! {
    module "design";
    texts {
        /// Closes a dialog or sheet.
        close,
        /// Takes the last act back.
        undo,
        /// On the key that empties an entry.
        clear_key,
        /// Its name.
        clear_entry,
        /// Names the backspace key.
        delete_last_digit,
        /// One more.
        more,
        /// One less.
        less,
        /// Names the field between them.
        quantity,
        /// Shows a typed password.
        show_password,
        /// Hides it again.
        hide_password,
        /// Empties the search.
        clear_search,
        /// Of a record: durable on this device.
        saved_here,
        /// Of a record: on its way.
        sent,
        /// Of a record: in the books.
        accepted,
        /// Of a record: a person must look.
        needs_attention,
        /// While a list loads.
        loading,
        /// Opens a chart's figures.
        show_figures,
        /// Heads a chart's column of sums.
        sum,
        /// The mark when all is accepted.
        sync_settled,
        /// The same before the first contact.
        sync_offline,
    }
    filled {
        /// How many digits of the PIN are in.
        pin_digits(entered, of),
        /// The mark without a network.
        sync_offline_since(time),
    }
    counted {
        /// The mark when something waits.
        sync_waiting,
        /// The mark when a person is needed.
        sync_needs_you,
    }
    said {
    }
}
