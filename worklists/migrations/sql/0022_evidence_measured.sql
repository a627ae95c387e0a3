-- What a source said in a version is added and never changed: answers cite it.
CREATE TRIGGER guidance_version_guard BEFORE UPDATE OR DELETE ON worklists_guidanceversion
    FOR EACH ROW EXECUTE FUNCTION append_only_guard();
ALTER TABLE worklists_guidanceversion ENABLE ALWAYS TRIGGER guidance_version_guard;
SELECT trail_take_back('worklists_guidanceversion', 'UPDATE, DELETE, TRUNCATE');

-- What stopped a submit is added and never changed: the measure counts it.
CREATE TRIGGER submit_try_guard BEFORE UPDATE OR DELETE ON worklists_submittry
    FOR EACH ROW EXECUTE FUNCTION append_only_guard();
ALTER TABLE worklists_submittry ENABLE ALWAYS TRIGGER submit_try_guard;
SELECT trail_take_back('worklists_submittry', 'UPDATE, DELETE, TRUNCATE');
