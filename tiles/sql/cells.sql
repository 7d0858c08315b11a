-- One tile of H3 cells that are given, in Web Mercator. They are not clipped: a cell is small.
SELECT ST_AsMVT(shape, 'cells', 4096, 'geom') AS tile
FROM (
    SELECT
        given.cell,
        ST_AsMVTGeom(
            ST_SetSRID(ST_GeomFromWKB(given.wkb), 3857),
            ST_TileEnvelope(:z, :x, :y),
            4096,
            64,
            FALSE
        ) AS geom
    FROM unnest(CAST(:cells AS text []), CAST(:wkbs AS bytea [])) AS given (cell, wkb)
) AS shape
