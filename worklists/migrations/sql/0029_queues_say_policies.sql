-- A version of a queue says what the queue stands on: ladder, form and review policy.
-- Those in force and those that wait from before are given what they lack, as it is
-- today; nothing that they said is changed. What older ones stood on nobody wrote down.
ALTER TABLE worklists_ruleversion DISABLE TRIGGER rule_version_guard;
UPDATE worklists_ruleversion v
   SET content = jsonb_build_object('sla', s.slug, 'template', t.slug, 'review', p.slug)
                 || v.content
  FROM worklists_rule r
  JOIN worklists_queue q ON q.slug = r.slug
  JOIN worklists_slapolicy s ON s.id = q.sla_policy_id
  JOIN worklists_evidencetemplate t ON t.id = q.template_id
  JOIN worklists_reviewpolicy p ON p.id = q.review_policy_id
 WHERE v.rule_id = r.id
   AND r.kind = 'queue'
   AND v.state IN ('in_force', 'proposed', 'approved')
   AND NOT v.content ?& ARRAY['sla', 'template', 'review'];
ALTER TABLE worklists_ruleversion ENABLE ALWAYS TRIGGER rule_version_guard;
