import type {
  ExpressionSpecification,
  GeoJSONSource,
  LayerSpecification,
  Map as MapLibreMap,
  SymbolLayerSpecification,
} from 'maplibre-gl';

import { HANDS_RAMP } from './hands_ramp.ts';
import { ACCENT, BOLD, INK, MEDIUM, REGULAR } from './paint.ts';

/** What is marked over the draft's grids; each a source of its own. */
export const MARK_SOURCES = [
  'mark-impact',
  'mark-impact-figures',
  'mark-selected',
  'mark-figures',
  'mark-removed',
  'mark-moved',
  'mark-sketch',
  'mark-corners',
  'mark-place',
] as const;
export type Mark = (typeof MARK_SOURCES)[number];

const INDIGO = '#2F5785';
const CARMINE = '#9E1030';
const WHITE = '#FFFFFF';
/** The image of a node that three or more grids share; see `nodeImage`. */
export const NODE_IMAGE = 'corner-node';

/** The first piece malachite, the second indigo, as in the panel beside the map. */
const byTint: ExpressionSpecification = ['match', ['get', 'tint'], 'b', INDIGO, ACCENT];

const NO_HANDS = '#7E8B97';

const byHands: ExpressionSpecification = [
  'step',
  ['get', 'hands'],
  NO_HANDS,
  ...HANDS_RAMP.flatMap(({ from, colour }) => [from, colour]),
] as unknown as ExpressionSpecification;

/** Layers of marks: under the edges, over them, and above all names. */
export function markLayers(height: 'under' | 'over' | 'top'): LayerSpecification[] {
  if (height === 'under') {
    return [
      {
        id: 'impact-fill',
        type: 'fill',
        source: 'mark-impact',
        paint: {
          'fill-color': byHands,
          'fill-opacity': ['case', ['>', ['get', 'hands'], 0], 0.55, 0.16],
        },
      },
      {
        id: 'selected-fill',
        type: 'fill',
        source: 'mark-selected',
        paint: { 'fill-color': byTint, 'fill-opacity': 0.18 },
      },
      {
        id: 'place-fill',
        type: 'fill',
        source: 'mark-place',
        filter: ofShape('Polygon'),
        paint: { 'fill-color': CARMINE, 'fill-opacity': 0.2 },
      },
    ];
  }
  if (height === 'over') {
    return [
      line('impact-line', 'mark-impact', ['case', ['>', ['get', 'hands'], 0], '#865600', INK], 1.4),
      line('removed-line', 'mark-removed', CARMINE, 1.8, [0.5, 2.2]),
      line('moved-casing', 'mark-moved', WHITE, 5),
      line('moved-line', 'mark-moved', ACCENT, 2.6),
      line('selected-line', 'mark-selected', INK, 2.4),
      {
        id: 'sketch-fill',
        type: 'fill',
        source: 'mark-sketch',
        filter: ofShape('Polygon'),
        paint: { 'fill-color': ACCENT, 'fill-opacity': 0.14 },
      },
      line('sketch-casing', 'mark-sketch', WHITE, 5.6),
      line('sketch-line', 'mark-sketch', ACCENT, 3.2, [2.4, 1.2]),
      line('place-casing', 'mark-place', WHITE, 6),
      line('place-line', 'mark-place', CARMINE, 3),
    ];
  }
  return [
    {
      id: 'impact-figures',
      type: 'symbol',
      source: 'mark-impact-figures',
      layout: { 'text-field': ['get', 'words'], 'text-font': MEDIUM, 'text-size': 13 },
      paint: { 'text-color': INK, 'text-halo-color': WHITE, 'text-halo-width': 1.8 },
    },
    figures('figure-words', INK, {
      'text-field': ['get', 'words'],
      'text-font': REGULAR,
      'text-size': 13,
      'text-max-width': 12,
      'text-anchor': 'top',
      'text-offset': [0, 1.35],
    }),
    figures('figures', ['match', ['get', 'tint'], 'b', '#244770', '#07544C'], {
      'text-field': ['get', 'figure'],
      'text-font': BOLD,
      'text-size': 20,
      'text-allow-overlap': true,
    }),
    {
      id: 'corners',
      type: 'circle',
      source: 'mark-corners',
      filter: ['!=', ['get', 'node'], true],
      paint: {
        'circle-radius': ['case', ['get', 'chosen'], 6, 3.5],
        'circle-color': ['case', ['get', 'chosen'], ACCENT, WHITE],
        'circle-stroke-color': ['case', ['get', 'fixed'], '#7B8794', ACCENT],
        'circle-stroke-width': 1.6,
      },
    },
    {
      id: 'corner-nodes',
      type: 'symbol',
      source: 'mark-corners',
      filter: ['==', ['get', 'node'], true],
      layout: { 'icon-image': NODE_IMAGE, 'icon-allow-overlap': true },
    },
    {
      id: 'corner-chosen',
      type: 'circle',
      source: 'mark-corners',
      filter: ['==', ['get', 'chosen'], true],
      paint: {
        'circle-radius': 9,
        'circle-opacity': 0,
        'circle-stroke-color': ACCENT,
        'circle-stroke-width': 2.6,
      },
    },
    {
      id: 'place-ring',
      type: 'circle',
      source: 'mark-place',
      filter: ofShape('Point'),
      paint: {
        'circle-radius': 12,
        'circle-color': CARMINE,
        'circle-opacity': 0.16,
        'circle-stroke-color': CARMINE,
        'circle-stroke-width': 2.4,
      },
    },
  ];
}

/** Put features into a mark; the map's style is there already. */
export function setMark(map: MapLibreMap, mark: Mark, features: GeoJSON.Feature[]): void {
  (map.getSource(mark) as GeoJSONSource).setData({ type: 'FeatureCollection', features });
}

/** A hollow square of 9 px, at twice its size. */
export function nodeImage(): ImageData {
  const [size, edge] = [22, 3];
  const context = Object.assign(document.createElement('canvas'), {
    width: size,
    height: size,
  }).getContext('2d') as CanvasRenderingContext2D;
  context.fillStyle = WHITE;
  context.fillRect(edge / 2, edge / 2, size - edge, size - edge);
  context.strokeStyle = INK;
  context.lineWidth = edge;
  context.strokeRect(edge / 2 + 0.5, edge / 2 + 0.5, size - edge - 1, size - edge - 1);
  return context.getImageData(0, 0, size, size);
}

const ofShape = (shape: 'Polygon' | 'Point'): ExpressionSpecification => [
  '==',
  ['geometry-type'],
  shape,
];

/** Placed from the last on: the figures all, the words under them where they have room. */
const figures = (
  id: string,
  colour: string | ExpressionSpecification,
  layout: SymbolLayerSpecification['layout'],
): LayerSpecification => ({
  id,
  type: 'symbol',
  source: 'mark-figures',
  ...(layout ? { layout } : {}),
  paint: {
    'text-color': colour,
    'text-halo-color': WHITE,
    'text-halo-width': 2,
  },
});

function line(
  id: string,
  source: Mark,
  colour: string | ExpressionSpecification,
  width: number,
  dash?: [number, number],
): LayerSpecification {
  return {
    id,
    type: 'line',
    source,
    filter: ['!=', ['geometry-type'], 'Point'],
    layout: { 'line-join': 'round', 'line-cap': dash ? 'butt' : 'round' },
    paint: {
      'line-color': colour,
      'line-width': width,
      ...(dash ? { 'line-dasharray': dash } : {}),
    },
  };
}
