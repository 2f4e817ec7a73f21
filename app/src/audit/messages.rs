//! The words of the audit's page; [`super::words`] has those of actions, kinds and fields.

use crate::language::messages;

messages! {
    module "audit";
    texts {
        audit,
        /// Takes it out as a file.
        file,
        filters,
        who,
        what,
        record,
        site,
        device,
        result,
        days,
        first_day,
        last_day,
        apply,
        clear,
        clear_all,
        when,
        nothing_here,
        nothing_here_text,
        nothing_found,
        nothing_found_text,
        /// The server looks through what came from devices a part at a time.
        nothing_yet,
        nothing_yet_text,
        show_more,
        look_on,
        /// People are chosen among those whose entries were read.
        nobody_read,
        /// Devices likewise.
        no_device_read,
        /// Who tried to sign in and did not prove who they are.
        somebody,
        the_server,
        /// One record, named by its id.
        one_record,
        done_there,
        roles,
        reason,
        code,
        address,
        program,
        session,
        request,
        trace,
        changed,
        /// What an intent says.
        meant,
        field,
        before,
        after,
        only_record,
        only_device,
        open_record,
        yes,
        no,
    }
    filled {
        only_of(name),
    }
    counted {}
    said {}
}
