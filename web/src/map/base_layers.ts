import type {
  LayerSpecification,
  LineLayerSpecification,
  Map as MapLibreMap,
  SourceSpecification,
  VectorTileSource,
} from 'maplibre-gl';

import {
  byZoom,
  CITY_EDGE,
  COMMUNITY_EDGE,
  DEDICATED,
  GRID_EDGE,
  GROUND,
  OUTSIDE,
  TOWNSHIP_EDGE,
} from './paint.ts';

const CITY_LAYERS = ['townships', 'communities', 'grids', 'edges'] as const;

const described = (origin: string, layer: string): string => `${origin}/tiles/${layer}.json`;

/** The coverage of the city as the service tiles it. */
export const citySources = (origin: string): Record<string, SourceSpecification> =>
  Object.fromEntries(
    CITY_LAYERS.map((layer) => [layer, { type: 'vector', url: described(origin, layer) }]),
  );

/** Ask which tiles show the city now; those that are shown stay until the new ones are there. */
export function askForBoundaries(map: MapLibreMap, origin: string): void {
  for (const layer of CITY_LAYERS) {
    (map.getSource(layer) as VectorTileSource | undefined)?.setUrl(described(origin, layer));
  }
}

/** The desk the sheet lies on, and the sheet: the city's own ground. */
export function groundLayers(
  hasBasemap: boolean,
): [outside: LayerSpecification, ground: LayerSpecification] {
  return [
    { id: 'outside', type: 'background', paint: { 'background-color': OUTSIDE } },
    {
      id: 'ground',
      type: 'fill',
      source: 'townships',
      'source-layer': 'townships',
      // Without antialiasing there is no hairline where two tiles or two townships meet.
      paint: {
        'fill-color': GROUND,
        'fill-antialias': false,
        'fill-opacity': hasBasemap ? 0.55 : 1,
      },
    },
  ];
}

/** Dedicated grids show their kind by tone; the label says what each is. */
export function dedicatedLayer(): LayerSpecification {
  return {
    id: 'dedicated',
    type: 'fill',
    source: 'grids',
    'source-layer': 'grids',
    minzoom: 10,
    filter: ['==', ['get', 'kind'], 'dedicated'],
    paint: { 'fill-color': DEDICATED, 'fill-antialias': false },
  };
}

/** Every edge once, at its highest level; a soft band under the townships gives rank without weight. */
export function edgeLayers(): LayerSpecification[] {
  return [
    edge('edges-grid', 'grid', {
      'line-color': GRID_EDGE,
      'line-opacity': byZoom(0.28, 0.42, 0.55),
      'line-width': byZoom(0.3, 0.7, 1.1),
    }),
    edge('edges-community', 'community', {
      'line-color': COMMUNITY_EDGE,
      'line-opacity': byZoom(0.35, 0.55, 0.75),
      'line-width': byZoom(0.4, 1.15, 1.9),
    }),
    edge('edges-township-band', 'township', {
      'line-color': TOWNSHIP_EDGE,
      'line-opacity': 0.07,
      'line-width': byZoom(3, 9, 16),
    }),
    edge('edges-township', 'township', {
      'line-color': TOWNSHIP_EDGE,
      'line-opacity': 0.85,
      'line-width': byZoom(0.9, 1.8, 2.8),
    }),
    edge('edges-city', 'city', {
      'line-color': CITY_EDGE,
      'line-width': byZoom(1.4, 2.6, 3),
    }),
  ];
}

function edge(
  id: string,
  level: 'city' | 'township' | 'community' | 'grid',
  paint: LineLayerSpecification['paint'],
): LayerSpecification {
  return {
    id,
    type: 'line',
    source: 'edges',
    'source-layer': 'edges',
    filter: ['==', ['get', 'level'], level],
    layout: { 'line-join': 'round', 'line-cap': 'round' },
    ...(paint ? { paint } : {}),
  };
}
