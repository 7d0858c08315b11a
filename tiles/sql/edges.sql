-- One tile of the edges of one version, each once, with the highest level it bounds.
-- Which levels a zoom has was settled when the shapes were stored.
SELECT ST_AsMVT(edge, 'edges', 4096, 'geom') AS tile
FROM (
    SELECT
        (ARRAY['city', 'township', 'community', 'grid'])[s.feature_id + 1] AS level,
        ST_AsMVTGeom(s.geometry, ST_TileEnvelope(:z, :x, :y), 4096, 64) AS geom
    FROM tile_shapes AS s
    WHERE s.version_id = :version_id
        AND s.layer = 'edges'
        AND s.zoom = :stored_zoom
        AND s.geometry && ST_TileEnvelope(:z, :x, :y, margin => 64.0 / 4096)
    -- Finest first: a renderer draws in this order, so the city outline ends on top.
    ORDER BY s.feature_id DESC, s.id
) AS edge
