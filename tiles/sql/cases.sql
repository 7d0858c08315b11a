-- One tile of the cases that pass the filters, gathered into spots.
--
-- Places are counted in tile units of the whole world (4096 to a tile, x east, y south) and
-- rounded down, so each case is in exactly one tile, and the counts of a tile are those of
-- its four children. A spot is a cell of 128 units (1/32 of a tile) where points are
-- gathered, else one unit. Without a buffer on purpose: renderers draw the icons of a
-- neighbour's points across the border, and skip points outside the tile.
-- NOT MATERIALIZED: only zooms with few cases in a tile read them twice.
WITH placed AS NOT MATERIALIZED (
    SELECT *
    FROM (
        SELECT
            number,
            state,
            urgency,
            category,
            CAST(
                floor((ST_X(point) + 180) / 360 * :world_units) - :west_units AS integer
            ) AS px,
            CAST(
                floor((1 - asinh(tan(radians(ST_Y(point)))) / pi()) / 2 * :world_units)
                - :north_units AS integer
            ) AS py
        FROM cases
        WHERE point && ST_Transform(ST_TileEnvelope(:z, :x, :y), 4326)
            AND (
                CAST(:occurred_from AS timestamptz) IS NULL OR occurred_at >= :occurred_from
            )
            AND (CAST(:occurred_to AS timestamptz) IS NULL OR occurred_at < :occurred_to)
            AND (CAST(:categories AS text[]) IS NULL OR category = ANY(:categories))
            AND category <> ALL(CAST(:hidden AS text[]))
            AND (CAST(:states AS text[]) IS NULL OR state = ANY(:states))
            AND (CAST(:kinds AS text[]) IS NULL OR kind = ANY(:kinds))
            AND (
                CAST(:grid AS text) IS NULL
                OR grid_id = (SELECT id FROM grids WHERE code = :grid)
            )
            AND (CAST(:within_grids AS int[]) IS NULL OR today_grid_id = ANY(:within_grids))
            AND (
                CAST(:only_categories AS text[]) IS NULL OR category = ANY(:only_categories)
            )
            AND (CAST(:held AS boolean) OR held_at IS NULL)
        OFFSET 0  -- keeps the planner from computing each place four times
    ) AS near
    -- The index compares boxes in single precision, so it also finds close neighbours.
    -- Two BETWEENs would say the same, but the planner takes them for 1 row in 40,000.
    WHERE least(px, py) >= 0 AND greatest(px, py) <= 4095
),

cell AS MATERIALIZED (
    SELECT
        CASE
            WHEN :gathered THEN 128
            WHEN (SELECT count(*) FROM (SELECT DISTINCT px, py FROM placed) AS place)
                > :most_spots THEN 128
            ELSE 1
        END AS units
),

by_state AS (
    SELECT
        -- One number, not row and column: the planner then expects fewer groups, and hashes.
        py / units * 4096 + px / units AS cell_number,
        state,
        count(*) AS n,
        sum(px) AS sum_px,
        sum(py) AS sum_py,
        min(number) AS number,
        min(urgency) AS urgency,
        min(category) AS category
    FROM placed, cell
    GROUP BY cell_number, state
),

spots AS (
    SELECT
        ST_MakePoint(floor(sum(sum_px) / sum(n)), floor(sum(sum_py) / sum(n))) AS geom,
        sum(n)::bigint AS n,
        min(number) AS number,
        min(state) AS state,
        min(urgency) AS urgency,
        min(category) AS category,
        jsonb_object_agg(state, n) AS n_by_state
    FROM by_state
    GROUP BY cell_number
    ORDER BY cell_number
)

SELECT ST_AsMVT(spot, 'cases', 4096, 'geom', 'id') AS tile
FROM (
    SELECT
        geom,
        n,
        CASE WHEN n = 1 THEN number END AS id,
        CASE WHEN n = 1 THEN number END AS number,
        CASE WHEN n = 1 THEN state END AS state,
        CASE WHEN n = 1 THEN urgency END AS urgency,
        CASE WHEN n = 1 THEN category END AS category,
        CASE WHEN n > 1 THEN n_by_state END AS n_by_state
    FROM spots
) AS spot
