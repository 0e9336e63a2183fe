-- How many models say on what hardware and for how long they were trained, by the method of their released runs.
-- A model counts once under each method it used; the three kinds of LoRA are one method here, and the reward model
-- belongs to RLHF. The row `all` counts every model once.
WITH
told AS (
  SELECT id,
         CASE WHEN method IN ('lora', 'lora-8bit', 'qlora') THEN 'lora'
              WHEN method = 'reward-model' THEN 'rlhf'
              ELSE coalesce(method, 'unknown') END AS method,
         hardware_status = 'stated' AS hardware,
         duration_status = 'stated' OR gpu_hours_status = 'stated' AS time,
         'not-disclosed' IN (hardware_status, duration_status, gpu_hours_status) AS looked
    FROM runs
   WHERE kind = 'models' AND role = 'released'
),
counted AS (
  SELECT id, method, max(hardware IS 1) AS hardware, max(time IS 1) AS time, max(looked IS 1) AS looked
    FROM told
   GROUP BY id, method
   UNION ALL
  SELECT models.id, 'all', max(told.hardware IS 1), max(told.time IS 1), max(told.looked IS 1)
    FROM models LEFT JOIN told USING (id)
   GROUP BY models.id
)
SELECT method,
       count(*) AS models,
       sum(hardware AND time) AS both,
       sum(hardware AND NOT time) AS hardware_only,
       sum(time AND NOT hardware) AS time_only,
       sum(looked AND NOT hardware AND NOT time) AS not_disclosed,
       sum(NOT looked AND NOT hardware AND NOT time) AS unknown
  FROM counted
 GROUP BY method
 ORDER BY method = 'all', method = 'unknown', models DESC, method;
