//! The words of lists and forms that are the same for every resource; [`super::words`] has those of each.

use crate::language::messages;

messages! {
    module "records";
    texts {
        /// Makes one.
        add,
        /// What is searched for.
        search,
        /// Chips: the filters.
        filters,
        /// Those that were put away.
        archived,
        columns,
        columns_text,
        show_more,
        /// Clears search and filters.
        clear_all,
        apply,
        clear,
        nothing_here,
        nothing_here_text,
        nothing_found,
        nothing_found_text,
        nothing_archived,
        no_such_place,
        no_such_place_text,
        no_permission,
        no_permission_text,
        yes,
        no,
        /// A choice that is not made yet.
        choose,
        /// A record that a field names, whose name is not known.
        another_record,
        save,
        cancel,
        saved,
        added,
        not_saved_yet,
        changes_not_saved,
        required_note,
        archive,
        archived_now,
        restore,
        restored_now,
        is_archived,
        is_archived_text,
        read_only,
        /// Of a field that is masked.
        partly_hidden,
        add_tag,
        nothing_fits,
        timeline,
        nothing_done,
        act_create,
        act_update,
        act_archive,
        act_restore,
        /// Makes one of this record and another.
        merge,
        /// The same, where the other is known.
        merge_compare,
        merge_page_title,
        merge_page_text,
        merge_with,
        merge_with_hint,
        merge_itself,
        /// Heads the record that stays, and its values.
        merge_stays,
        /// Heads the one that is archived, and its values.
        merge_goes,
        merge_turn,
        merge_all_same,
        merge_now,
        merged_now,
        merge_archived_text,
        merged_text,
        open_it,
        the_server,
        newer_title,
        newer_text,
        compare,
        merge_title,
        merge_text,
        merge_same,
        mine,
        theirs,
        save_choice,
        correct_first,
        wrong_missing,
        wrong_unprintable,
        wrong_out_of_range,
        wrong_forbidden,
        wrong_fixed,
        wrong_taken,
        wrong_unknown_record,
        wrong_email,
        wrong_phone,
        wrong_time_zone,
        wrong_currency,
        wrong_gtin,
        wrong_iban,
        wrong_number,
        wrong_date,
        wrong_value,
        wrong_ambiguous,
        wrong_several_records,
        wrong_twice,
        wrong_archived,
        wrong_unreadable,
        wrong_id,
        /// Of a list of rows: another row says the same.
        wrong_twice_here,
        /// Of a list of rows, where many records are changed at once.
        wrong_one_by_one,
        row_take_back,
        /// Takes a list out as a file.
        export,
        /// The same, as a workbook.
        export_workbook,
        /// Brings many in out of a file.
        import,
        importing,
        import_text,
        import_choose,
        import_columns_text,
        import_left_out,
        /// The column that says which record a line is about.
        import_id,
        import_not_ready,
        import_try,
        import_tried,
        import_tried_text,
        import_tried_refused,
        import_done,
        import_done_refused,
        import_created,
        import_changed,
        import_unchanged,
        import_refused,
        import_alike,
        import_alike_text,
        import_same_as,
        import_line,
        import_why,
        /// The box in a list's head.
        choose_rows,
        /// The bar while rows are chosen.
        bulk,
        bulk_edit,
        bulk_title,
        bulk_text,
        bulk_field,
        bulk_empty,
        /// What is done with the tags that are typed.
        tags_how,
        tags_add,
        tags_remove,
        tags_set,
        bulk_try,
        bulk_asking,
        bulk_nothing,
        bulk_will,
        bulk_same,
        bulk_refused_text,
        bulk_done_but,
        bulk_stale,
        bulk_gone,
        bulk_out_of_reach,
        bulk_forbidden,
        bulk_other,
        back,
        close,
        /// Views of a list that somebody keeps.
        views,
        /// No view: the whole list.
        view_none,
        /// The list begins with it.
        view_begins,
        view_shared,
        view_save,
        view_begin,
        view_begin_no_more,
        view_share,
        view_unshare,
        view_remove,
        view_rename,
        rename,
        view_new,
        view_keep,
    }
    filled {
        wrong_too_long(most),
        /// So many tags, of so many characters each.
        wrong_tags_too_long(most, longest),
        /// More rows there may not be.
        rows_most(most),
        row_up(name),
        row_down(name),
        row_remove(name),
        row_removed(name),
        row_place(name, place, of),
        /// More than can be counted.
        more_than(count),
        remove_tag(tag),
        import_take(count),
        /// So many of the refused lines are shown.
        import_more(shown, of),
        /// Before: what both versions began with.
        it_was(value),
        became(before, after),
        alike_title(name),
        /// In which fields both say the same.
        alike_text(fields),
        merged_title(name),
        merge_archived(name),
        act_merge_from(name),
        act_merge_into(name),
        import_same_lines(lines),
        /// Who else has the record open.
        also_here(name),
        also_here_several(names),
        is_editing(name),
        are_editing(names),
        choose_row(name),
        /// All that the list finds, also what is not read yet.
        choose_all(count),
        choose_most(count),
        bulk_leave(name),
        bulk_restored_but(done, refused),
        /// A view, where the list shows something else by now.
        view_changed(name),
        view_kept(name),
        view_removed(name),
        view_name_wrong(most),
    }
    counted {
        count,
        chosen,
        bulk_change,
        bulk_archive,
        bulk_restore,
        bulk_changed,
        bulk_archived,
        bulk_restored,
    }
    said {
        /// Why nothing was saved, by the problem's code.
        not_saved,
        /// Why a file was not brought in, by the problem's code.
        not_imported,
        /// Why a view was not kept, by the problem's code.
        not_kept,
    }
}

/// Why nothing was saved.
pub fn not_saved(code: &str) -> (&'static str, &'static str) {
    t().not_saved(code).or_else(|| t().not_saved("other")).unwrap_or_default()
}

/// Why a file was not brought in.
pub fn not_imported(code: &str) -> (&'static str, &'static str) {
    t().not_imported(code).or_else(|| t().not_imported("other")).unwrap_or_default()
}

/// Why a view was not kept, and what to do.
pub fn not_kept(code: &str) -> String {
    let (title, text) = t().not_kept(code).or_else(|| t().not_kept("other")).unwrap_or_default();
    format!("{title}. {text}")
}
