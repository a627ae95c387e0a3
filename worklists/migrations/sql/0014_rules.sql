-- What a version of a rule says, and who wrote it, never changes; only how it stands.
CREATE FUNCTION rule_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND OLD.rule_id = NEW.rule_id AND OLD.number = NEW.number
       AND OLD.content = NEW.content AND OLD.alone = NEW.alone
       AND OLD.effective_from IS NOT DISTINCT FROM NEW.effective_from
       AND OLD.proposed_by_id IS NOT DISTINCT FROM NEW.proposed_by_id
       AND OLD.proposed_at IS NOT DISTINCT FROM NEW.proposed_at
       AND (OLD.state = NEW.state OR (OLD.state, NEW.state) IN (
            ('proposed', 'approved'), ('proposed', 'in_force'), ('proposed', 'sent_back'),
            ('proposed', 'withdrawn'), ('approved', 'in_force'), ('approved', 'withdrawn'),
            ('in_force', 'superseded'))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'version % of a rule is %, % is refused; propose a new version',
        OLD.number, OLD.state, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER rule_version_guard BEFORE UPDATE OR DELETE ON worklists_ruleversion
    FOR EACH ROW EXECUTE FUNCTION rule_version_guard();
CREATE TRIGGER rule_words_guard BEFORE UPDATE OR DELETE ON worklists_rulewords
    FOR EACH ROW EXECUTE FUNCTION committed_guard();
ALTER TABLE worklists_ruleversion ENABLE ALWAYS TRIGGER rule_version_guard;
ALTER TABLE worklists_rulewords ENABLE ALWAYS TRIGGER rule_words_guard;
