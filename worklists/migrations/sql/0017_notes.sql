-- Notes are words beside the trail: added, redacted once, never changed or deleted.
CREATE TRIGGER note_guard BEFORE UPDATE OR DELETE ON worklists_note
    FOR EACH ROW EXECUTE FUNCTION committed_guard();
CREATE TRIGGER note_withdrawal_guard BEFORE UPDATE OR DELETE ON worklists_notewithdrawal
    FOR EACH ROW EXECUTE FUNCTION append_only_guard();
ALTER TABLE worklists_note ENABLE ALWAYS TRIGGER note_guard;
ALTER TABLE worklists_notewithdrawal ENABLE ALWAYS TRIGGER note_withdrawal_guard;
SELECT trail_take_back('worklists_note', 'DELETE, TRUNCATE');
SELECT trail_take_back('worklists_notewithdrawal', 'UPDATE, DELETE, TRUNCATE');
