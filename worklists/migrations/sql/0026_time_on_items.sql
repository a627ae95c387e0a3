-- What a person said about their own time is added and never changed.
CREATE TRIGGER time_correction_guard BEFORE UPDATE OR DELETE ON worklists_timecorrection
    FOR EACH ROW EXECUTE FUNCTION append_only_guard();
ALTER TABLE worklists_timecorrection ENABLE ALWAYS TRIGGER time_correction_guard;
SELECT trail_take_back('worklists_timecorrection', 'UPDATE, DELETE, TRUNCATE');
