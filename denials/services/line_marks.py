"""How a service line is recognised when it comes again in another file."""

# By its control number where that names one line only, else by code, date and rank
# among the same. Put a list or a query of remittance claims behind it.
MARKED_LINES = """
SELECT l.id, l.remittance_claim_id, l.number,
       CASE WHEN count(*) OVER (PARTITION BY l.remittance_claim_id, l.control) = 1
            THEN l.control ELSE '' END AS control,
       concat_ws('|', coalesce(nullif(l.code, ''), l.revenue_code),
                 coalesce(l.service_from, c.service_from),
                 row_number() OVER (
                     PARTITION BY l.remittance_claim_id,
                                  coalesce(nullif(l.code, ''), l.revenue_code),
                                  coalesce(l.service_from, c.service_from)
                         ORDER BY l.number)) AS mark
  FROM denials_remittanceline l
  JOIN denials_remittanceclaim c ON c.id = l.remittance_claim_id
 WHERE l.remittance_claim_id IN
"""
