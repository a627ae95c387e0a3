-- Who had an account in hand is put on and moved forward, never taken off.
SELECT trail_take_back('worklists_setupby', 'DELETE, TRUNCATE');

-- What the trail says of the last 30 days counts from the start.
INSERT INTO worklists_setupby (user_id, by_id, at)
SELECT person, actor_id, max(occurred_at)
  FROM (SELECT e.object_id AS person, e.actor_id, e.occurred_at
          FROM trail_event e
         WHERE e.subject_kind = 'user' AND e.object_kind = 'user'
           AND (e.action = 'setup.added' OR (
                    e.action = 'setup.changed'
                    AND (e.facts::jsonb -> 'fields') ?| ARRAY['groups', 'tier']))
           AND e.occurred_at > now() - interval '30 days'
        UNION ALL
        SELECT e.subject_id, e.actor_id, e.occurred_at
          FROM trail_event e
         WHERE e.subject_kind = 'user' AND e.action = 'password.changed'
           AND e.occurred_at > now() - interval '30 days') acts
 WHERE actor_id <> person
   AND EXISTS (SELECT 1 FROM worklists_user u WHERE u.id = person)
 GROUP BY person, actor_id
ON CONFLICT (user_id, by_id) DO NOTHING;
