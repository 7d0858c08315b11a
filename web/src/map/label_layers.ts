import type {
  FilterSpecification,
  GeoJSONSourceSpecification,
  LayerSpecification,
  SymbolLayerSpecification,
} from 'maplibre-gl';

import { BOLD, HALO, MEDIUM, QUIET_LABEL, REGULAR, TOWNSHIP_LABEL } from './paint.ts';

/** Townships are labelled in their visible part, so their points are computed here, not tiled. */
export const TOWNSHIP_LABEL_SOURCE = 'township-labels';

export function labelSources(): Record<string, GeoJSONSourceSpecification> {
  return {
    [TOWNSHIP_LABEL_SOURCE]: {
      type: 'geojson',
      data: { type: 'FeatureCollection', features: [] },
    },
  };
}

/** Grid, community and township names; the later a layer, the earlier it gets its place. */
export function labelLayers(): LayerSpecification[] {
  return [
    {
      id: 'label-grid',
      type: 'symbol',
      source: 'grids',
      'source-layer': 'grids_labels',
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
      paint: { 'text-color': QUIET_LABEL, 'text-halo-color': HALO, 'text-halo-width': 1.2 },
    },
    {
      id: 'label-community',
      type: 'symbol',
      source: 'communities',
      'source-layer': 'communities_labels',
      minzoom: 12.4,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': MEDIUM,
        'text-size': ['interpolate', ['linear'], ['zoom'], 12, 12, 14, 13],
        'text-max-width': 8,
        'text-padding': 6,
        'text-variable-anchor': ['center', 'top', 'bottom', 'left', 'right'],
        'text-radial-offset': 0.8,
      },
      paint: { 'text-color': QUIET_LABEL, 'text-halo-color': HALO, 'text-halo-width': 1.6 },
    },
    townshipLabels('label-township', ['==', ['get', 'reach_px'], 0], {
      'text-variable-anchor': ['center', 'top', 'bottom', 'left', 'right'],
      'text-radial-offset': 1.6,
    }),
    townshipLabels('label-township-ring', ['>', ['get', 'reach_px'], 0], {
      'text-variable-anchor': ['top', 'bottom', 'right', 'left'],
      'text-radial-offset': ['/', ['get', 'reach_px'], 12],
    }),
  ];
}

function townshipLabels(
  id: string,
  filter: FilterSpecification,
  placement: SymbolLayerSpecification['layout'],
): LayerSpecification {
  return {
    id,
    type: 'symbol',
    source: TOWNSHIP_LABEL_SOURCE,
    filter,
    minzoom: 8.6,
    layout: {
      'text-field': ['get', 'name'],
      'text-font': BOLD,
      'text-size': ['interpolate', ['linear'], ['zoom'], 9, 12, 12, 15, 14, 18],
      'text-letter-spacing': 0.08,
      'text-max-width': 9,
      'text-padding': 1,
      ...placement,
    },
    paint: { 'text-color': TOWNSHIP_LABEL, 'text-halo-color': HALO, 'text-halo-width': 2 },
  };
}
