-- A delegation is never changed but to end it early, once.
CREATE FUNCTION delegation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
       OR NEW.ended_by_id IS NULL
       OR (to_jsonb(NEW) - 'ended_at' - 'ended_by_id')
          IS DISTINCT FROM (to_jsonb(OLD) - 'ended_at' - 'ended_by_id') THEN
        RAISE EXCEPTION 'a delegation is never changed but to end it, % is refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER delegation_guard BEFORE UPDATE OR DELETE ON worklists_reviewdelegation
    FOR EACH ROW EXECUTE FUNCTION delegation_guard();
ALTER TABLE worklists_reviewdelegation ENABLE ALWAYS TRIGGER delegation_guard;
SELECT trail_take_back('worklists_reviewdelegation', 'DELETE, TRUNCATE');

-- Who decides on behalf of another holds that one's authority at that moment, for an
-- item within it. The share lock lets an end of the delegation wait for the decision.
CREATE FUNCTION review_on_behalf_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.delegation_id IS NULL THEN
        RETURN NEW;
    END IF;
    PERFORM 1
       FROM worklists_reviewdelegation d, worklists_workitem i
      WHERE d.id = NEW.delegation_id AND i.id = NEW.item_id
        AND d.delegate_id = NEW.reviewer_id AND d.delegator_id = NEW.on_behalf_of_id
        AND d.ended_at IS NULL
        AND NEW.decided_at >= d.starts_at AND NEW.decided_at < d.ends_at
        AND i.amount <= d.amount_limit
        AND (cardinality(d.risk_classes) = 0 OR NEW.risk_classes <@ d.risk_classes)
        FOR SHARE OF d;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the delegation does not cover this decision'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_on_behalf_guard
    BEFORE INSERT OR UPDATE OF delegation_id, reviewer_id, on_behalf_of_id, decided_at
    ON worklists_review FOR EACH ROW EXECUTE FUNCTION review_on_behalf_guard();
ALTER TABLE worklists_review ENABLE ALWAYS TRIGGER review_on_behalf_guard;

ALTER FUNCTION delegation_guard() SET search_path = public, pg_temp;
ALTER FUNCTION review_on_behalf_guard() SET search_path = public, pg_temp;

-- What waits now is held to the same limits as what comes; the last statement, since
-- no table may be altered behind it.
UPDATE worklists_review r
   SET payer_id = i.payer_id,
       risk_classes = CASE WHEN i.risk_class = '' THEN '{}' ELSE ARRAY[i.risk_class] END
  FROM worklists_workitem i
 WHERE i.id = r.item_id AND r.decided_at IS NULL;
