-- Seals, keys, copies and verdicts are rows that are added and never touched again.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['audits_seal', 'audits_sealkey', 'audits_sealkeyend',
                                'audits_sealcopy', 'audits_verification'] LOOP
        EXECUTE format('CREATE TRIGGER trail_no_change BEFORE UPDATE OR DELETE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION append_only_guard()', name);
        EXECUTE format('CREATE TRIGGER trail_no_truncate BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION append_only_guard()', name);
        -- An ordinary trigger is passed by in replica mode; ALWAYS is not.
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER trail_no_change', name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER trail_no_truncate', name);
        PERFORM trail_take_back(name, 'UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER');
    END LOOP;
END $$;

-- Which seal holds an event: few seals span any one id.
CREATE INDEX seal_spans ON audits_seal
    USING gist (int8range(first_event, last_event, '[]'));
