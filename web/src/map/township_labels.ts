import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';

import { clusterDiameterPx } from '../symbols/cluster_symbol.ts';

import type { AreaPiece } from './areas.ts';
import { TOWNSHIP_LABEL_SOURCE } from './label_layers.ts';
import type { TownshipRing } from './township_rings.ts';

/** The townships as the loaded tiles hold them, cut at tile edges. */
export function townshipPieces(map: MapLibreMap): AreaPiece[] {
  const features = map.querySourceFeatures('townships', { sourceLayer: 'townships' });
  return features.flatMap(({ geometry, properties }) => {
    const { code, name } = properties as { code: string; name: string };
    if (geometry.type === 'Polygon') return [{ code, name, rings: rings(geometry.coordinates) }];
    if (geometry.type !== 'MultiPolygon') return [];
    return geometry.coordinates.map((part) => ({ code, name, rings: rings(part) }));
  });
}

/** Write the names; the name of a ring stands beside it. */
export function labelTownships(map: MapLibreMap, townships: readonly TownshipRing[]): void {
  (map.getSource(TOWNSHIP_LABEL_SOURCE) as GeoJSONSource).setData({
    type: 'FeatureCollection',
    features: townships.map(({ name, lng, lat, cases }) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [lng, lat] },
      properties: { name, reach_px: cases ? reachPx(cases.n) : 0 },
    })),
  });
}

/** From the middle of a ring or a single symbol to where its name begins, clear of its image. */
const reachPx = (n: number): number => (n === 1 ? 19 : clusterDiameterPx(n) / 2 + 9);

const rings = (coordinates: GeoJSON.Position[][]): AreaPiece['rings'] =>
  coordinates as [number, number][][];
