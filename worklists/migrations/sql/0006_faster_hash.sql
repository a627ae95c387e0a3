-- The same canonical bytes, nine times faster. PostgreSQL puts a function's expression
-- in place of the call only where both are as volatile as each other, and convert_to is
-- STABLE: declared IMMUTABLE, each of the twenty fields was a call of its own.

CREATE OR REPLACE FUNCTION trail_field(value bytea) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(int4send(octet_length(value)) || value, int4send(-1));

CREATE OR REPLACE FUNCTION trail_text(value text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN trail_field(convert_to(value, 'UTF8'));

CREATE OR REPLACE FUNCTION trail_moment(value timestamptz) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN trail_text((extract(epoch FROM
    (value - timestamptz '1970-01-01 00:00:00+00')) * 1000000)::bigint::text);

ALTER FUNCTION trail_digests(bytea[]) STABLE;

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
    || CASE WHEN cardinality(commitments) = 0 THEN int4send(0)
            ELSE trail_digests(commitments) END  -- a subquery is never put in place
    || trail_moment(occurred_at) || trail_moment(recorded_at) || trail_text(xid::text);
