-- One tile of the grids of one version: polygons, and the label points that lie in it.
-- Shapes too small to draw come as NULL, which ST_AsMVT leaves out.
SELECT
    (
        SELECT ST_AsMVT(shape, 'grids', 4096, 'geom', 'id')
        FROM (
            SELECT
                s.feature_id AS id,
                g.code,
                v.name,
                v.kind,
                c.code AS community,
                cv.name AS community_name,
                t.code AS township,
                tv.name AS township_name,
                ST_AsMVTGeom(s.geometry, ST_TileEnvelope(:z, :x, :y), 4096, 64) AS geom
            FROM tile_shapes AS s
            JOIN grid_versions AS v
                ON v.version_id = s.version_id AND v.grid_id = s.feature_id
            JOIN grids AS g ON g.id = s.feature_id
            JOIN community_versions AS cv
                ON cv.version_id = v.version_id AND cv.community_id = v.community_id
            JOIN communities AS c ON c.id = v.community_id
            JOIN township_versions AS tv
                ON tv.version_id = v.version_id AND tv.township_id = cv.township_id
            JOIN townships AS t ON t.id = cv.township_id
            WHERE s.version_id = :version_id
                AND s.layer = 'grids'
                AND s.zoom = :stored_zoom
                AND s.geometry && ST_TileEnvelope(:z, :x, :y, margin => 64.0 / 4096)
            ORDER BY s.feature_id
        ) AS shape
    )
    ||
    (
        SELECT ST_AsMVT(label, 'grids_labels', 4096, 'geom', 'id')
        FROM (
            SELECT
                v.grid_id AS id,
                g.code,
                v.name,
                ST_AsMVTGeom(
                    ST_Transform(v.label, 3857), ST_TileEnvelope(:z, :x, :y), 4096, 0, false
                ) AS geom
            FROM grid_versions AS v
            JOIN grids AS g ON g.id = v.grid_id
            WHERE :z >= :labels_from_zoom
                AND v.version_id = :version_id
                -- The label lies in its grid: the index on the grids finds it.
                AND v.geometry
                && ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 64.0 / 4096), 4326)
                AND v.label
                && ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 64.0 / 4096), 4326)
            ORDER BY v.grid_id
            OFFSET 0  -- keeps the planner from computing each place four times
        ) AS label
        -- A renderer drops a symbol whose anchor is not in 0..4095, so the rounded place
        -- decides which of two neighbouring tiles holds the label.
        WHERE ST_X(geom) BETWEEN 0 AND 4095 AND ST_Y(geom) BETWEEN 0 AND 4095
    )
    AS tile
