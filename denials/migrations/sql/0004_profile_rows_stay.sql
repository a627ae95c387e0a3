-- A version is written as a draft. Proposed, in force or past, its rows and what it
-- says stay as they were; only who checked a row, and when, goes on.

CREATE FUNCTION profile_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state = 'draft' THEN
            RETURN OLD;
        END IF;
    ELSIF OLD.state IN ('draft', 'proposed') THEN
        RETURN NEW;
    ELSIF to_jsonb(OLD) - 'state' = to_jsonb(NEW) - 'state'
          AND (OLD.state = NEW.state
               OR (OLD.state = 'in_force' AND NEW.state = 'superseded')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'version % of a payer profile is %, % is refused',
        OLD.number, OLD.state, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION profile_row_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stands text;
    version bigint;
BEGIN
    IF TG_TABLE_NAME = 'denials_appeallevel' THEN
        version := CASE TG_OP WHEN 'DELETE' THEN OLD.version_id ELSE NEW.version_id END;
    ELSE
        SELECT l.version_id INTO version FROM denials_appeallevel l
         WHERE l.id = CASE TG_OP WHEN 'DELETE' THEN OLD.level_id ELSE NEW.level_id END;
    END IF;
    SELECT v.state INTO stands FROM denials_profileversion v WHERE v.id = version;
    IF stands = 'draft' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'verified_on' - 'verified_by'
                          = to_jsonb(NEW) - 'verified_on' - 'verified_by' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '%: its version is %, % is refused; propose a new version',
        TG_TABLE_NAME, stands, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER profile_version_guard BEFORE UPDATE OR DELETE ON denials_profileversion
    FOR EACH ROW EXECUTE FUNCTION profile_version_guard();
CREATE TRIGGER appeal_level_guard BEFORE INSERT OR UPDATE OR DELETE ON denials_appeallevel
    FOR EACH ROW EXECUTE FUNCTION profile_row_guard();
CREATE TRIGGER money_floor_guard BEFORE INSERT OR UPDATE OR DELETE ON denials_moneyfloor
    FOR EACH ROW EXECUTE FUNCTION profile_row_guard();
CREATE TRIGGER verification_guard BEFORE UPDATE OR DELETE ON denials_verification
    FOR EACH ROW EXECUTE FUNCTION append_only_guard();
CREATE TRIGGER version_words_guard BEFORE UPDATE OR DELETE ON denials_versionwords
    FOR EACH ROW EXECUTE FUNCTION committed_guard();
ALTER TABLE denials_profileversion ENABLE ALWAYS TRIGGER profile_version_guard;
ALTER TABLE denials_appeallevel ENABLE ALWAYS TRIGGER appeal_level_guard;
ALTER TABLE denials_moneyfloor ENABLE ALWAYS TRIGGER money_floor_guard;
ALTER TABLE denials_verification ENABLE ALWAYS TRIGGER verification_guard;
ALTER TABLE denials_versionwords ENABLE ALWAYS TRIGGER version_words_guard;
