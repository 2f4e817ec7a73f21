//! The palette's words.

use crate::language::messages;

messages! {
    module "palette";
    texts {
        /// What it is, for whoever cannot see it.
        title,
        /// On its button.
        open,
        /// In the empty line.
        placeholder,
        close,
        recent,
        pages,
        acts,
        records,
        /// Where pages of this device and its people belong.
        this_device,
        hand_in,
        waiting,
        settings,
        switch_person,
        searching,
        nothing,
        unreachable,
        hint_choose,
        hint_open,
        hint_close,
    }
    filled {
        /// Makes one.
        add(what),
        /// Brings many in out of a file.
        import(what),
    }
    counted {
        results,
    }
    said {
    }
}
