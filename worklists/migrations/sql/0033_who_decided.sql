-- Who decided a version of a rule is written with the decision and never after it.
CREATE OR REPLACE FUNCTION rule_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND OLD.rule_id = NEW.rule_id AND OLD.number = NEW.number
       AND OLD.content = NEW.content AND OLD.alone = NEW.alone
       AND OLD.effective_from IS NOT DISTINCT FROM NEW.effective_from
       AND OLD.proposed_by_id IS NOT DISTINCT FROM NEW.proposed_by_id
       AND OLD.proposed_at IS NOT DISTINCT FROM NEW.proposed_at
       AND (OLD.state = 'proposed' AND NEW.state <> 'proposed'
            OR OLD.decided_by_id IS NOT DISTINCT FROM NEW.decided_by_id
               AND OLD.decided_at IS NOT DISTINCT FROM NEW.decided_at)
       AND (OLD.state = NEW.state OR (OLD.state, NEW.state) IN (
            ('proposed', 'approved'), ('proposed', 'in_force'), ('proposed', 'sent_back'),
            ('proposed', 'withdrawn'), ('approved', 'in_force'), ('approved', 'withdrawn'),
            ('in_force', 'superseded'))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'version % of a rule is %, % is refused; propose a new version',
        OLD.number, OLD.state, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
