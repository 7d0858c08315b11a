import type {
  DataDrivenPropertyValueSpecification,
  GeoJSONSourceSpecification,
  LayerSpecification,
  StyleSpecification,
} from 'maplibre-gl';

import { citySources, edgeLayers, groundLayers } from './base_layers.ts';
import type { BasemapStyle } from './basemap.ts';
import { labelLayers, labelSources } from './label_layers.ts';
import { ACCENT, BOLD, INK, OUTSIDE } from './paint.ts';

export const CELLS = 'cells';
/** What is drawn from shapes that are made here, bottom to top. */
export const BEYOND = 'beyond';
export const MARKS = ['low', 'high', 'signs', 'inspected', 'chosen'] as const;
export type Mark = (typeof MARKS)[number];

/** Grids are finer than most cells; the band is not seen over them. */
const LEFT_OUT = ['edges-grid', 'edges-township-band'];
const CASING = '#FFFFFF';
export const LOW_EDGE = '#2F5785';
const TONES = 7;

export const hatchImage = (bin: number): string => `hatch-${Math.abs(bin)}`;

export const cellTiles = (origin: string, resolution: number, version: number): string =>
  `${origin}/tiles/cells/{z}/{x}/{y}.mvt?resolution=${resolution}&v=${version}`;

/** The city with its cells under its edges; nothing is painted until figures are told. */
export function cellStyle(origin: string, tiles: string, basemap: BasemapStyle): StyleSpecification {
  const [outside, ground] = groundLayers(basemap.under.length > 0);
  return {
    version: 8,
    sources: {
      ...basemap.sources,
      ...citySources(origin),
      // Painted by their codes, as the cells are by their names.
      communities: { type: 'vector', url: `${origin}/tiles/communities.json`, promoteId: 'code' },
      ...labelSources(),
      [BEYOND]: emptySource(),
      [CELLS]: { type: 'vector', tiles: [tiles], maxzoom: 13, promoteId: 'cell' },
      ...Object.fromEntries(MARKS.map((mark) => [mark, emptySource()])),
    },
    layers: [
      outside,
      ...basemap.under,
      ground,
      {
        id: 'areas',
        type: 'fill',
        source: 'communities',
        'source-layer': 'communities',
        paint: { 'fill-color': 'rgba(0,0,0,0)', 'fill-antialias': false },
      },
      {
        id: 'cells',
        type: 'fill',
        source: CELLS,
        'source-layer': CELLS,
        // Without antialiasing: with it every edge is a line of its own, and 200,000 cells stand still.
        paint: { 'fill-color': 'rgba(0,0,0,0)', 'fill-antialias': false },
      },
      {
        id: 'cell-gaps',
        type: 'line',
        source: CELLS,
        'source-layer': CELLS,
        paint: { 'line-color': CASING, 'line-width': 0.5, 'line-opacity': 0.9 },
      },
      {
        id: BEYOND,
        type: 'fill',
        source: BEYOND,
        paint: { 'fill-color': OUTSIDE, 'fill-antialias': false },
      },
      ...basemap.over,
      ...edgeLayers().filter(({ id }) => !LEFT_OUT.includes(id)),
      ...lowLayers(),
      ...highLayers(),
      ...signLayers(),
      ...labelLayers(),
      outline('inspected', INK, 1.6),
      outline('chosen', CASING, 5.4, 'chosen-casing'),
      outline('chosen', ACCENT, 3),
    ],
  };
}

/** Colour by the tone that is told of a feature; what none is told of stays as the ground. */
export function toneColour(
  colours: readonly string[],
): DataDrivenPropertyValueSpecification<string> {
  const cases = colours.slice(0, TONES).flatMap((colour, tone) => [tone, colour]);
  return [
    'match',
    ['coalesce', ['feature-state', 'tone'], -1],
    ...cases,
    'rgba(0,0,0,0)',
  ] as unknown as DataDrivenPropertyValueSpecification<string>;
}

/** Cold ones are hatched, the more certain the denser: it says so without a colour. */
function lowLayers(): LayerSpecification[] {
  return [
    {
      id: 'low',
      type: 'fill',
      source: 'low',
      paint: {
        'fill-pattern': ['concat', 'hatch-', ['to-string', ['abs', ['get', 'bin']]]],
      },
    },
    { id: 'low-edge', type: 'line', source: 'low', paint: { 'line-color': LOW_EDGE, 'line-width': 0.8 } },
  ];
}

/** Hot ones are outlined, the more certain the thicker; each line on a white casing. */
function highLayers(): LayerSpecification[] {
  const widths = [
    [90, 1.1],
    [95, 1.5],
    [99, 2.6],
  ] as const;
  return widths.flatMap(([bin, width]): LayerSpecification[] => [
    {
      id: `high-${bin}-casing`,
      type: 'line',
      source: 'high',
      filter: ['==', ['get', 'bin'], bin],
      layout: { 'line-join': 'round' },
      paint: { 'line-color': CASING, 'line-width': width + 1.8 },
    },
    {
      id: `high-${bin}`,
      type: 'line',
      source: 'high',
      filter: ['==', ['get', 'bin'], bin],
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': INK,
        'line-width': width,
        ...(bin === 90 ? { 'line-dasharray': [2.4, 1.8] } : {}),
      },
    },
  ]);
}

const signLayers = (): LayerSpecification[] => [
  {
    id: 'signs',
    type: 'symbol',
    source: 'signs',
    layout: {
      'text-field': ['get', 'sign'],
      'text-font': BOLD,
      'text-size': 13,
      'text-allow-overlap': true,
      'text-ignore-placement': true,
    },
    paint: {
      'text-color': ['case', ['get', 'isDark'], CASING, INK],
      'text-halo-color': ['case', ['get', 'isDark'], 'rgba(0,0,0,0)', 'rgba(255,255,255,0.8)'],
      'text-halo-width': 1,
    },
  },
];

const outline = (source: Mark, colour: string, width: number, id: string = source): LayerSpecification => ({
  id,
  type: 'line',
  source,
  layout: { 'line-join': 'round' },
  paint: { 'line-color': colour, 'line-width': width },
});

const emptySource = (): GeoJSONSourceSpecification => ({
  type: 'geojson',
  data: { type: 'FeatureCollection', features: [] },
});
