import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';

import { TOWNSHIP_LABEL_SOURCE } from './label_layers.ts';
import { type AreaPiece, visibleLabels } from './visible_labels.ts';

/** Put every township's name into the part of it that is in view; call when the map has stopped. */
export function placeTownshipLabels(map: MapLibreMap): void {
  const view = map.getBounds();
  const labels = visibleLabels(townshipPieces(map), [
    view.getWest(),
    view.getSouth(),
    view.getEast(),
    view.getNorth(),
  ]);
  const source = map.getSource(TOWNSHIP_LABEL_SOURCE) as GeoJSONSource;
  source.setData({
    type: 'FeatureCollection',
    features: labels.map(({ name, lng, lat }) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [lng, lat] },
      properties: { name },
    })),
  });
}

/** The townships as the loaded tiles hold them, cut at tile edges. */
function townshipPieces(map: MapLibreMap): AreaPiece[] {
  const features = map.querySourceFeatures('townships', { sourceLayer: 'townships' });
  return features.flatMap(({ geometry, properties }) => {
    const { code, name } = properties as { code: string; name: string };
    if (geometry.type === 'Polygon') return [{ code, name, rings: rings(geometry.coordinates) }];
    if (geometry.type !== 'MultiPolygon') return [];
    return geometry.coordinates.map((part) => ({ code, name, rings: rings(part) }));
  });
}

const rings = (coordinates: GeoJSON.Position[][]): AreaPiece['rings'] =>
  coordinates as [number, number][][];
