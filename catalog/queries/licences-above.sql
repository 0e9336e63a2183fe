-- The entries behind the two columns `forbidden_...` of own-licence.sql: what each permits itself, and the licences
-- above it that forbid commercial use, with what carries them. One row an entry, own licence and form of its weights.
WITH
own AS (
  SELECT licence_links.id, variant, licence, form
    FROM licence_links LEFT JOIN variants USING (kind, id, variant)
   WHERE kind = 'models' AND distance = 0 AND part = 'weights' AND commercial_use IN ('yes', 'conditions')
     AND form IS NOT 'none'
),
above AS (
  SELECT variant, through, link, licence AS above
    FROM licence_links
   WHERE kind = 'models' AND distance > 0 AND commercial_use = 'no'
)
SELECT own.id,
       count(DISTINCT variant) AS weights,
       coalesce(form, 'unknown') AS form,
       licence,
       min(through) AS through,
       (SELECT group_concat(link || ' (' || above || ')', '; ')
          FROM (SELECT DISTINCT link, above FROM above
                 WHERE variant IN (SELECT variant FROM own AS same WHERE (same.id, same.licence) = (own.id, own.licence)
                                      AND same.form IS own.form)
                 ORDER BY link)) AS forbidding
  FROM own JOIN above USING (variant)
 GROUP BY own.id, licence, form
 ORDER BY through, own.id, licence, form;
