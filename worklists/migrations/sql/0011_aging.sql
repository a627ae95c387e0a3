-- What was counted on a day is never counted again, and nobody rewrites it.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['worklists_agingday', 'worklists_agingcount'] LOOP
        EXECUTE format('CREATE TRIGGER aging_no_change BEFORE UPDATE OR DELETE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION append_only_guard()', name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER aging_no_change', name);
        PERFORM trail_take_back(name, 'UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER');
    END LOOP;
END $$;
