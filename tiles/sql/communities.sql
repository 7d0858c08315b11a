-- One tile of the communities of one version: polygons, and the label points that lie in it.
-- Shapes too small to draw come as NULL, which ST_AsMVT leaves out.
SELECT
    (
        SELECT ST_AsMVT(shape, 'communities', 4096, 'geom', 'id')
        FROM (
            SELECT
                s.feature_id AS id,
                c.code,
                v.name,
                t.code AS township,
                tv.name AS township_name,
                ST_AsMVTGeom(s.geometry, ST_TileEnvelope(:z, :x, :y), 4096, 64) AS geom
            FROM tile_shapes AS s
            JOIN community_versions AS v
                ON v.version_id = s.version_id AND v.community_id = s.feature_id
            JOIN communities AS c ON c.id = s.feature_id
            JOIN township_versions AS tv
                ON tv.version_id = v.version_id AND tv.township_id = v.township_id
            JOIN townships AS t ON t.id = v.township_id
            WHERE s.version_id = :version_id
                AND s.layer = 'communities'
                AND s.zoom = :stored_zoom
                AND s.geometry && ST_TileEnvelope(:z, :x, :y, margin => 64.0 / 4096)
            ORDER BY s.feature_id
        ) AS shape
    )
    ||
    (
        SELECT ST_AsMVT(label, 'communities_labels', 4096, 'geom', 'id')
        FROM (
            SELECT
                v.community_id AS id,
                c.code,
                v.name,
                ST_AsMVTGeom(
                    ST_Transform(v.label, 3857), ST_TileEnvelope(:z, :x, :y), 4096, 0, false
                ) AS geom
            FROM community_versions AS v
            JOIN communities AS c ON c.id = v.community_id
            WHERE :z >= :labels_from_zoom
                AND v.version_id = :version_id
                AND v.label
                && ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 64.0 / 4096), 4326)
            ORDER BY v.community_id
            OFFSET 0  -- keeps the planner from computing each place four times
        ) AS label
        -- A renderer drops a symbol whose anchor is not in 0..4095, so the rounded place
        -- decides which of two neighbouring tiles holds the label.
        WHERE ST_X(geom) BETWEEN 0 AND 4095 AND ST_Y(geom) BETWEEN 0 AND 4095
    )
    AS tile
