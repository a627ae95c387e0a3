-- The trail's table, its partitions and its protection. See worklists/trail.py for
-- the format. Partitioned by quarter of recorded_at, decided once: retention
-- detaches whole quarters, and an item's chain is read from few partitions.

CREATE TABLE trail_event (
    id            bigint GENERATED ALWAYS AS IDENTITY,
    format        smallint NOT NULL DEFAULT 1,
    subject_kind  varchar(16) NOT NULL,
    subject_id    bigint NOT NULL,
    seq           integer NOT NULL CHECK (seq > 0),
    prev_hash     bytea CHECK (octet_length(prev_hash) = 32),
    hash          bytea NOT NULL CHECK (octet_length(hash) = 32),
    action        varchar(48) NOT NULL,
    actor_id      bigint,
    actor_name    varchar(150) NOT NULL,
    actor_role    varchar(120) NOT NULL,
    source        varchar(10) NOT NULL,
    request_id    varchar(64) NOT NULL,
    object_kind   varchar(16),
    object_id     bigint,
    facility_id   bigint,
    queue_id      bigint,
    from_state    varchar(16),
    to_state      varchar(16),
    facts         text NOT NULL CHECK (jsonb_typeof(facts::jsonb) = 'object'),
    commitments   bytea[] NOT NULL,
    occurred_at   timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL DEFAULT statement_timestamp(),
    xid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (id, recorded_at),
    CHECK ((seq = 1) = (prev_hash IS NULL))
) PARTITION BY RANGE (recorded_at);

CREATE INDEX trail_event_subject ON trail_event (subject_kind, subject_id, seq);
CREATE INDEX trail_event_object ON trail_event (object_kind, object_id, id)
    WHERE object_kind IS NOT NULL;
CREATE INDEX trail_event_actor ON trail_event (actor_id, id);
CREATE INDEX trail_event_action ON trail_event (action, id);
CREATE INDEX trail_event_recorded ON trail_event (recorded_at);

-- One field: its length as int4 and its bytes; NULL is the length -1.
CREATE FUNCTION trail_field(value bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value IS NULL THEN int4send(-1)
            ELSE int4send(octet_length(value)) || value END;

CREATE FUNCTION trail_text(value text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN trail_field(convert_to(value, 'UTF8'));

CREATE FUNCTION trail_moment(value timestamptz) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN trail_field(convert_to(trunc(extract(epoch FROM
    (value - timestamptz '1970-01-01 00:00:00+00')) * 1000000)::bigint::text, 'UTF8'));

CREATE FUNCTION trail_digests(value bytea[]) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN trail_field(COALESCE((SELECT string_agg(d, ''::bytea ORDER BY n)
                               FROM unnest(value) WITH ORDINALITY AS t(d, n)), ''::bytea));

CREATE FUNCTION trail_canonical(
    subject_kind text, subject_id bigint, seq integer, prev_hash bytea, action text,
    actor_id bigint, actor_name text, actor_role text, source text, request_id text,
    object_kind text, object_id bigint, facility_id bigint, queue_id bigint,
    from_state text, to_state text, facts text, commitments bytea[],
    occurred_at timestamptz, recorded_at timestamptz, xid xid8
) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'codetrail-event-1'::bytea
    || trail_text(subject_kind) || trail_text(subject_id::text) || trail_text(seq::text)
    || trail_field(prev_hash) || trail_text(action)
    || trail_text(actor_id::text) || trail_text(actor_name) || trail_text(actor_role)
    || trail_text(source) || trail_text(request_id)
    || trail_text(object_kind) || trail_text(object_id::text)
    || trail_text(facility_id::text) || trail_text(queue_id::text)
    || trail_text(from_state) || trail_text(to_state) || trail_text(facts)
    || trail_digests(commitments)
    || trail_moment(occurred_at) || trail_moment(recorded_at) || trail_text(xid::text);

-- recorded_at, xid and hash are the database's own: whatever was handed in is
-- replaced, and a row handed in for another quarter is refused by the partition.
CREATE FUNCTION trail_seal_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.format := 1;
    NEW.recorded_at := statement_timestamp();
    NEW.xid := pg_current_xact_id();
    IF NEW.occurred_at NOT BETWEEN NEW.recorded_at - interval '1 day'
                               AND NEW.recorded_at + interval '5 minutes'
       AND NOT EXISTS (SELECT FROM public.worklists_installation
                        WHERE purpose IN ('demo', 'test')) THEN
        RAISE EXCEPTION 'the trail takes an injected clock in demo and test databases only'
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.hash := sha256(trail_canonical(
        NEW.subject_kind, NEW.subject_id, NEW.seq, NEW.prev_hash, NEW.action,
        NEW.actor_id, NEW.actor_name, NEW.actor_role, NEW.source, NEW.request_id,
        NEW.object_kind, NEW.object_id, NEW.facility_id, NEW.queue_id,
        NEW.from_state, NEW.to_state, NEW.facts, NEW.commitments,
        NEW.occurred_at, NEW.recorded_at, NEW.xid));
    RETURN NEW;
END $$;

CREATE TRIGGER trail_seal_row BEFORE INSERT ON trail_event
    FOR EACH ROW EXECUTE FUNCTION trail_seal_row();

CREATE FUNCTION trail_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trail is append-only: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER trail_no_change BEFORE UPDATE OR DELETE ON trail_event
    FOR EACH ROW EXECUTE FUNCTION trail_refuse();
CREATE TRIGGER trail_no_truncate BEFORE TRUNCATE ON trail_event
    FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse();

-- An ordinary trigger is passed by in replica mode; ALWAYS is not.
ALTER TABLE trail_event ENABLE ALWAYS TRIGGER trail_seal_row;
ALTER TABLE trail_event ENABLE ALWAYS TRIGGER trail_no_change;
ALTER TABLE trail_event ENABLE ALWAYS TRIGGER trail_no_truncate;

-- Makes the partitions from this quarter on; a beat task calls it daily. The default
-- partition keeps what comes when it was not called, so nothing is ever refused.
CREATE FUNCTION trail_make_partitions(quarters integer DEFAULT 8) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    start_at date := date_trunc('quarter', (statement_timestamp() AT TIME ZONE 'UTC'))::date;
    name text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('trail_make_partitions'));
    FOR n IN 0 .. quarters LOOP
        name := format('trail_event_%sq%s', to_char(start_at, 'YYYY'), to_char(start_at, 'Q'));
        IF to_regclass(name) IS NULL THEN
            BEGIN
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF trail_event FOR VALUES FROM (%L) TO (%L)',
                    name, start_at::text || ' 00:00:00+00',
                    (start_at + interval '3 months')::date::text || ' 00:00:00+00');
                PERFORM trail_protect(name);
                made := made + 1;
            EXCEPTION WHEN check_violation THEN
                -- Rows of this quarter lie in the default partition and stay there.
                RAISE WARNING '% was not made: its rows are in trail_event_default', name;
            END;
        END IF;
        start_at := (start_at + interval '3 months')::date;
    END LOOP;
    RETURN made;
END $$;

-- Row triggers are inherited by a partition; TRUNCATE triggers and ALWAYS are not.
CREATE FUNCTION trail_protect(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER trail_no_truncate BEFORE TRUNCATE ON %I '
                   'FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse()', name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER trail_no_truncate', name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER trail_no_change', name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER trail_seal_row', name);
    PERFORM trail_take_back(name, 'UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER');
END $$;
REVOKE ALL ON FUNCTION trail_protect(text) FROM PUBLIC;

-- Privileges come by default when a table is made (prepare_database). Everybody but
-- the owner loses these again, whatever the product's role is called.
CREATE FUNCTION trail_take_back(name text, privileges text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    holder text;
BEGIN
    FOR holder IN
        SELECT DISTINCT pg_get_userbyid(a.grantee)
          FROM pg_class c, aclexplode(c.relacl) AS a
         WHERE c.oid = to_regclass(name) AND a.grantee NOT IN (0, c.relowner)
    LOOP
        EXECUTE format('REVOKE %s ON %I FROM %I', privileges, name, holder);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION trail_take_back(text, text) FROM PUBLIC;

CREATE TABLE trail_event_default PARTITION OF trail_event DEFAULT;
SELECT trail_protect('trail_event_default');
SELECT trail_make_partitions();

-- Words outside the trail: rows may be added, and redacted once (content and salt
-- to null, redacted_at set, nothing else). They are never deleted.
CREATE FUNCTION committed_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb;
    after jsonb;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := to_jsonb(OLD) - 'content' - 'salt' - 'redacted_at';
        after := to_jsonb(NEW) - 'content' - 'salt' - 'redacted_at';
        IF before = after AND NEW.content IS NULL AND NEW.salt IS NULL
           AND OLD.redacted_at IS NULL AND NEW.redacted_at IS NOT NULL THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '%: rows are append-only, % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION append_only_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: rows are append-only, % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER answer_guard BEFORE UPDATE OR DELETE ON worklists_answer
    FOR EACH ROW EXECUTE FUNCTION committed_guard();
CREATE TRIGGER reason_guard BEFORE UPDATE OR DELETE ON worklists_reason
    FOR EACH ROW EXECUTE FUNCTION committed_guard();
CREATE TRIGGER defect_guard BEFORE UPDATE OR DELETE ON worklists_defect
    FOR EACH ROW EXECUTE FUNCTION append_only_guard();
ALTER TABLE worklists_answer ENABLE ALWAYS TRIGGER answer_guard;
ALTER TABLE worklists_reason ENABLE ALWAYS TRIGGER reason_guard;
ALTER TABLE worklists_defect ENABLE ALWAYS TRIGGER defect_guard;

-- A decided review stays as it was decided.
CREATE FUNCTION review_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.decided_at IS NOT NULL THEN
        RAISE EXCEPTION 'a decided review is never changed, % is refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT (OLD.workers <@ NEW.workers) THEN
        RAISE EXCEPTION 'nobody is taken off the workers of a review'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_guard BEFORE UPDATE OR DELETE ON worklists_review
    FOR EACH ROW EXECUTE FUNCTION review_guard();
ALTER TABLE worklists_review ENABLE ALWAYS TRIGGER review_guard;

SELECT trail_take_back('trail_event', 'UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER');
SELECT trail_take_back('worklists_answer', 'DELETE, TRUNCATE');
SELECT trail_take_back('worklists_reason', 'DELETE, TRUNCATE');
SELECT trail_take_back('worklists_review', 'DELETE, TRUNCATE');
SELECT trail_take_back('worklists_defect', 'UPDATE, DELETE, TRUNCATE');

-- What a database is for is the owner's word: it decides whether time may be injected.
-- Its name may change.
SELECT trail_take_back('worklists_installation', 'INSERT, UPDATE, DELETE, TRUNCATE');
DO $$
DECLARE
    holder text;
BEGIN
    FOR holder IN
        SELECT DISTINCT pg_get_userbyid(a.grantee)
          FROM pg_class c, aclexplode(c.relacl) AS a
         WHERE c.oid = 'worklists_installation'::regclass
           AND a.grantee NOT IN (0, c.relowner)
    LOOP
        EXECUTE format('GRANT UPDATE (name) ON worklists_installation TO %I', holder);
    END LOOP;
END $$;

-- A type or a table of the caller's own temporary schema stands for nothing in here.
ALTER FUNCTION trail_seal_row() SET search_path = public, pg_temp;
ALTER FUNCTION trail_refuse() SET search_path = public, pg_temp;
ALTER FUNCTION trail_take_back(text, text) SET search_path = public, pg_temp;
ALTER FUNCTION committed_guard() SET search_path = public, pg_temp;
ALTER FUNCTION append_only_guard() SET search_path = public, pg_temp;
ALTER FUNCTION review_guard() SET search_path = public, pg_temp;
