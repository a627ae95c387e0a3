-- The same canonical bytes; an event with one commitment is hashed as fast as one with
-- none.

CREATE OR REPLACE FUNCTION trail_canonical(
    subject_kind text, subject_id bigint, seq integer, prev_hash bytea, action text,
    actor_id bigint, actor_name text, actor_role text, source text, request_id text,
    object_kind text, object_id bigint, facility_id bigint, queue_id bigint,
    from_state text, to_state text, facts text, commitments bytea[],
    occurred_at timestamptz, recorded_at timestamptz, xid xid8
) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN 'codetrail-event-1'::bytea
    || trail_text(subject_kind) || trail_text(subject_id::text) || trail_text(seq::text)
    || trail_field(prev_hash) || trail_text(action)
    || trail_text(actor_id::text) || trail_text(actor_name) || trail_text(actor_role)
    || trail_text(source) || trail_text(request_id)
    || trail_text(object_kind) || trail_text(object_id::text)
    || trail_text(facility_id::text) || trail_text(queue_id::text)
    || trail_text(from_state) || trail_text(to_state) || trail_text(facts)
    -- A subquery is never put in place, and most events bind no words or one reason.
    || CASE WHEN cardinality(commitments) = 0 THEN int4send(0)
            WHEN cardinality(commitments) = 1 AND array_ndims(commitments) = 1
            THEN trail_field(COALESCE(
                commitments[array_lower(commitments, 1)], ''::bytea))
            ELSE trail_digests(commitments) END
    || trail_moment(occurred_at) || trail_moment(recorded_at) || trail_text(xid::text);
