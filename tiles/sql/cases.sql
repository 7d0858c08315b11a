-- One tile of spots: where they are, how many cases each holds, and of which states; a spot
-- of one case tells which.
SELECT ST_AsMVT(spot, 'cases', 4096, 'geom', 'id') AS tile
FROM (
    SELECT
        ST_MakePoint(x, y) AS geom,
        n,
        number AS id,
        number,
        state,
        urgency,
        category,
        township,
        CAST(n_by_state AS jsonb) AS n_by_state
    FROM unnest(
        CAST(:x AS integer[]),
        CAST(:y AS integer[]),
        CAST(:n AS bigint[]),
        CAST(:number AS bigint[]),
        CAST(:state AS text[]),
        CAST(:urgency AS text[]),
        CAST(:category AS text[]),
        CAST(:township AS text[]),
        CAST(:n_by_state AS text[])
    ) AS gathered (x, y, n, number, state, urgency, category, township, n_by_state)
) AS spot
