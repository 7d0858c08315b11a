import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl';

import { byZoom, HALO, HILL, MEDIUM, ROAD, ROAD_EDGE, WATER, WATER_LABEL } from './paint.ts';

const SOURCE = 'background';

/** The city's own water, hills and roads, where it has them; drawn beneath its grids. */
export const backgroundSources = (origin: string): Record<string, SourceSpecification> => ({
  [SOURCE]: { type: 'geojson', data: `${origin}/api/background` },
});

/** A reference only: paler than any edge, and the map stands without it. */
export function backgroundLayers(): LayerSpecification[] {
  return [
    area('background-hill', ['hill'], HILL),
    area('background-water', ['water', 'river'], WATER),
    line('background-stream', 'stream', WATER, byZoom(0.5, 1.2, 2.4)),
    line('background-river', 'river', WATER, byZoom(1.6, 5, 12)),
    line('background-road-edge', 'road', ROAD_EDGE, byZoom(0, 1.6, 4)),
    line('background-main-road-edge', 'main_road', ROAD_EDGE, byZoom(1.2, 4.4, 10.2)),
    line('background-road', 'road', ROAD, byZoom(0.2, 1, 2.8)),
    line('background-main-road', 'main_road', ROAD, byZoom(0.8, 3.4, 8.6)),
  ];
}

/** Names of waters, along what is long and in the middle of lakes; the later, the earlier placed. */
export const backgroundLabels = (): LayerSpecification[] => [
  waterNames('background-stream-label', ['stream'], 13, ALONG),
  waterNames('background-lake-label', ['water'], 11),
  waterNames('background-river-label', ['river'], 11, ALONG),
];

/** Of a river that is an area: along its banks. */
const ALONG = { 'symbol-placement': 'line', 'symbol-spacing': 420 } as const;

const waterNames = (
  id: string,
  kinds: string[],
  minzoom: number,
  placement: Partial<typeof ALONG> = {},
): LayerSpecification => ({
  id,
  type: 'symbol',
  source: SOURCE,
  minzoom,
  filter: ofKind(kinds),
  layout: {
    'text-field': ['get', 'name_zh'],
    'text-font': MEDIUM,
    'text-size': 12,
    'text-letter-spacing': 0.2,
    ...placement,
  },
  paint: { 'text-color': WATER_LABEL, 'text-halo-color': HALO, 'text-halo-width': 1.2 },
});

const ofKind = (kinds: string[]): ExpressionSpecification => [
  'in',
  ['get', 'kind'],
  ['literal', kinds],
];

const ofShape = (shape: 'Polygon' | 'LineString'): ExpressionSpecification => [
  '==',
  ['geometry-type'],
  shape,
];

const area = (id: string, kinds: string[], colour: string): LayerSpecification => ({
  id,
  type: 'fill',
  source: SOURCE,
  filter: ['all', ofShape('Polygon'), ofKind(kinds)],
  paint: { 'fill-color': colour },
});

const line = (
  id: string,
  kind: string,
  colour: string,
  width: ReturnType<typeof byZoom>,
): LayerSpecification => ({
  id,
  type: 'line',
  source: SOURCE,
  filter: ['all', ofShape('LineString'), ofKind([kind])],
  layout: { 'line-cap': 'round', 'line-join': 'round' },
  paint: { 'line-color': colour, 'line-width': width },
});
