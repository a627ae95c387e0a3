-- The same row sealed in two thirds of the time. A condition that holds a query is
-- planned and run as a query for every row; alone, the comparison of moments is an
-- expression, and the query is asked only for a clock that stands elsewhere.

CREATE OR REPLACE FUNCTION trail_seal_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.format := 1;
    NEW.recorded_at := statement_timestamp();
    NEW.xid := pg_current_xact_id();
    IF NEW.occurred_at NOT BETWEEN NEW.recorded_at - interval '1 day'
                               AND NEW.recorded_at + interval '5 minutes' THEN
        IF NOT EXISTS (SELECT FROM public.worklists_installation
                        WHERE purpose IN ('demo', 'test')) THEN
            RAISE EXCEPTION
                'the trail takes an injected clock in demo and test databases only'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    NEW.hash := sha256(trail_canonical(
        NEW.subject_kind, NEW.subject_id, NEW.seq, NEW.prev_hash, NEW.action,
        NEW.actor_id, NEW.actor_name, NEW.actor_role, NEW.source, NEW.request_id,
        NEW.object_kind, NEW.object_id, NEW.facility_id, NEW.queue_id,
        NEW.from_state, NEW.to_state, NEW.facts, NEW.commitments,
        NEW.occurred_at, NEW.recorded_at, NEW.xid));
    RETURN NEW;
END $$;
