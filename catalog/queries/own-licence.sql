-- Released sets of weights whose own licence allows commercial use, free or with conditions: how many of them stand
-- below a licence that forbids it, on the way through their bases alone, or through training data only.
WITH
own AS (
  SELECT licence_links.id, variant, licence
    FROM licence_links LEFT JOIN variants USING (kind, id, variant)
   WHERE kind = 'models' AND distance = 0 AND part = 'weights' AND commercial_use IN ('yes', 'conditions')
     AND form IS NOT 'none'
),
above AS (
  SELECT variant,
         max(through = 'base' AND commercial_use = 'no') AS base,
         max(through = 'data' AND commercial_use = 'no') AS data,
         max(commercial_use = 'unknown') AS unknown
    FROM licence_links
   WHERE kind = 'models' AND distance > 0
   GROUP BY variant
)
SELECT licence,
       count(*) AS weights,
       sum(coalesce(base, 0)) AS forbidden_by_base,
       sum(coalesce(data AND NOT base, 0)) AS forbidden_by_data,
       sum(coalesce(unknown AND NOT data AND NOT base, 0)) AS unknown_above,
       sum(coalesce(NOT unknown AND NOT data AND NOT base, 1)) AS nothing_against_it
  FROM own LEFT JOIN above USING (variant)
 GROUP BY licence
 ORDER BY forbidden_by_base + forbidden_by_data DESC, weights DESC, licence;
