-- A search by period walks the trail by when things happened. Nearly every event is the
-- latest there is, so this index grows at its right end alone.
CREATE INDEX trail_event_occurred ON trail_event (occurred_at, id);
