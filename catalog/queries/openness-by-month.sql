-- How many of the models released in each month have open weights, open training code, open data, and all three.
-- `data` is the tuning data, or the pre-training data where nothing was tuned. The last row has no month: models
-- whose date of release is not known to the month.
SELECT CASE WHEN released GLOB '20[0-9][0-9]-[0-1][0-9]*' AND released NOT LIKE '% to %'
            THEN substr(released, 1, 7) END AS month,
       count(*) AS models,
       sum(weights = 'open') AS weights,
       sum(code.level = 'open') AS training_code,
       sum(data = 'open') AS data,
       sum(weights = 'open' AND code.level = 'open' AND data = 'open') AS all_three
  FROM models
  JOIN openness AS code ON code.kind = 'models' AND code.id = models.id AND code.component = 'training_code'
 GROUP BY month
 ORDER BY month IS NULL, month;
