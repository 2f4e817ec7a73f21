-- Whoever may not read all that records are found by has them sifted by what they may read. This tells which records may fit at all; it runs as the owner for the reason that
-- `search_records` does, and the app joins the records themselves, under their policy, before it tells one.

-- Loads what knows the parameter that the function sets.
select show_trgm('');

create function search_candidates(of_kind text, wanted text, phrase text, with_archived boolean, alike boolean) returns table (id uuid)
    language plpgsql stable security definer set search_path = public, pg_temp set pg_trgm.word_similarity_threshold = 0.5
as $$
#variable_conflict use_column
declare
    tenant uuid := nullif(current_setting('app.tid', true), '')::uuid;
    said text := fold(phrase);
    few text := array_to_string((string_to_array(said, ' '))[1:3], ' ');
begin
    if alike then
        return query select e.id from search_entries e where e.tid = tenant and e.kind = of_kind and few <% e.words and (with_archived or not e.archived);
    else
        return query
            select e.id from search_entries e
            where e.tid = tenant and e.kind = of_kind and e.title_key >= said and e.title_key < said || chr(1114111) and (with_archived or not e.archived)
            union
            select e.id from search_entries e
            where e.tid = tenant and e.kind = of_kind and e.lexemes @@ to_tsquery('simple', fold(wanted)) and (with_archived or not e.archived);
    end if;
end
$$;
revoke all on function search_candidates from public;
grant execute on function search_candidates to holdfast_app;
