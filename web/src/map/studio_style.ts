import type {
  ExpressionSpecification,
  GeoJSONSourceSpecification,
  LayerSpecification,
  LineLayerSpecification,
  StyleSpecification,
} from 'maplibre-gl';

import { backgroundLabels, backgroundLayers, backgroundSources } from './background_layers.ts';
import { citySources, dedicatedLayer, edgeLayers, groundLayers } from './base_layers.ts';
import type { BasemapStyle } from './basemap.ts';
import { labelLayers, labelSources } from './label_layers.ts';
import { ACCENT, DEDICATED, HALO, INK, QUIET_LABEL, REGULAR } from './paint.ts';
import { markLayers, MARK_SOURCES } from './studio_marks.ts';

/** Of the draft: its edges, each once; those in place of some of them since; the grids that the
 * tiles cannot show; their labels. */
export const EDGES = 'draft-edges';
export const EDGES_ANEW = 'draft-edges-anew';
export const GRIDS = 'draft-grids';
export const LABELS = 'draft-labels';
/** Layers drawn from tiles, in place of which the draft's own are drawn once they are there. */
export const TILED_EDGES = edgeLayers().map(({ id }) => id);
export const TILED_GRIDS = { dedicated: 'dedicated', labels: 'label-grid' } as const;

export const emptySource = (): GeoJSONSourceSpecification => ({
  type: 'geojson',
  data: { type: 'FeatureCollection', features: [] },
});

/** The whole style of the studio's map, bottom to top. */
export function studioStyle(origin: string, basemap: BasemapStyle): StyleSpecification {
  const [outside, ground] = groundLayers(basemap.under.length > 0);
  return {
    version: 8,
    sources: {
      ...basemap.sources,
      ...backgroundSources(origin),
      ...citySources(origin),
      ...labelSources(),
      [EDGES]: { ...emptySource(), promoteId: 'id' },
      [EDGES_ANEW]: emptySource(),
      [GRIDS]: emptySource(),
      [LABELS]: emptySource(),
      ...Object.fromEntries(MARK_SOURCES.map((name) => [name, emptySource()])),
    },
    layers: [
      outside,
      ...basemap.under,
      ground,
      dedicatedLayer(),
      ...draftFills(),
      ...backgroundLayers(),
      ...basemap.over,
      ...markLayers('under'),
      ...edgeLayers(),
      ...draftEdgeLayers(),
      ...anewEdgeLayers(),
      ...markLayers('over'),
      ...backgroundLabels(),
      ...labelLayers(),
      draftLabels(),
      ...markLayers('top'),
    ],
  };
}

/** Leaves out of a tiled layer the grids that the draft shows itself. */
export const without = (codes: readonly string[]): ExpressionSpecification => [
  '!',
  ['in', ['get', 'code'], ['literal', [...codes]]],
];

export const dedicatedWithout = (codes: readonly string[]): ExpressionSpecification => [
  'all',
  ['==', ['get', 'kind'], 'dedicated'],
  without(codes),
];

function draftFills(): LayerSpecification[] {
  return [
    {
      id: 'draft-dedicated',
      type: 'fill',
      source: GRIDS,
      minzoom: 10,
      filter: ['==', ['get', 'kind'], 'dedicated'],
      paint: { 'fill-color': DEDICATED, 'fill-antialias': false },
    },
    {
      id: 'draft-changed',
      type: 'fill',
      source: GRIDS,
      filter: ['==', ['get', 'changed'], true],
      paint: { 'fill-color': ACCENT, 'fill-opacity': 0.06, 'fill-antialias': false },
    },
  ];
}

const IS_GONE: ExpressionSpecification = ['boolean', ['feature-state', 'gone'], false];

/** The same lines as of the tiles, from the draft's own edges: all but those that are gone. */
const draftEdgeLayers = (): LayerSpecification[] =>
  edgeLayers().map((layer) => {
    const drawn = drawnFrom(EDGES, layer);
    const colour = drawn.paint?.['line-color'] as string;
    return {
      ...drawn,
      paint: { ...drawn.paint, 'line-color': ['case', IS_GONE, 'transparent', colour] },
    };
  });

const anewEdgeLayers = (): LayerSpecification[] =>
  edgeLayers().map((layer) => drawnFrom(EDGES_ANEW, layer));

function drawnFrom(source: string, layer: LayerSpecification): LineLayerSpecification {
  const { 'source-layer': _, ...rest } = layer as LayerSpecification & { 'source-layer': string };
  const drawn = { ...rest, id: `${source}-${layer.id}`, source } as LineLayerSpecification;
  // Two ends of the pale band on each other would show as a spot wherever three grids meet.
  if (layer.id === 'edges-township-band') drawn.layout = { ...drawn.layout, 'line-cap': 'butt' };
  return drawn;
}

const draftLabels = (): LayerSpecification => ({
  id: 'draft-label',
  type: 'symbol',
  source: LABELS,
  minzoom: 13.6,
  layout: {
    'text-field': ['coalesce', ['get', 'name'], ['get', 'code']],
    'text-font': REGULAR,
    'text-size': 12,
    'text-max-width': 10,
    'text-padding': 4,
    'text-variable-anchor': ['center', 'top', 'bottom'],
    'text-radial-offset': 1.2,
  },
  paint: {
    'text-color': ['case', ['get', 'changed'], INK, QUIET_LABEL],
    'text-halo-color': HALO,
    'text-halo-width': 1.2,
  },
});
