import type {
  CircleLayerSpecification,
  LayerSpecification,
  SourceSpecification,
  VectorSourceSpecification,
} from 'maplibre-gl';

import { CASE_TILES } from './case_tiles.ts';
import { BOLD, INK } from './paint.ts';

export const CASE_SOURCE = 'cases';
/** Layers a click or a pointer can meet a case in, uppermost first. */
export const CASE_LAYERS = ['case-singles', 'case-clusters'];

export function caseSources(tiles: string): Record<string, SourceSpecification> {
  return {
    [CASE_TILES]: caseTileSource(tiles),
    [CASE_SOURCE]: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
  };
}

/** Zooms as the service's TileJSON says; its address of tiles has no place for a filter. */
export const caseTileSource = (tiles: string): VectorSourceSpecification => ({
  type: 'vector',
  tiles: [tiles],
  minzoom: 0,
  maxzoom: 16,
});

/** Draws nothing: it makes the map load the tiles that are gathered here. */
export const caseTileLayer = (): CircleLayerSpecification => ({
  id: 'case-tiles',
  type: 'circle',
  source: CASE_TILES,
  'source-layer': 'cases',
  paint: { 'circle-radius': 0, 'circle-opacity': 0 },
});

export function caseLayers(): LayerSpecification[] {
  return [
    caseTileLayer(),
    {
      id: 'case-clusters',
      type: 'symbol',
      source: CASE_SOURCE,
      filter: ['>', ['get', 'n'], 1],
      layout: {
        'icon-image': ['get', 'image'],
        // Drawn over each other rather than dropped, yet labels below keep clear of them.
        'icon-allow-overlap': true,
        'text-field': ['get', 'label'],
        'text-font': BOLD,
        'text-size': ['case', ['>', ['length', ['get', 'label']], 4], 12, 13],
        'text-allow-overlap': true,
      },
      paint: { 'text-color': INK },
    },
    {
      id: 'case-singles',
      type: 'symbol',
      source: CASE_SOURCE,
      filter: ['==', ['get', 'n'], 1],
      layout: {
        'icon-image': ['get', 'image'],
        'icon-allow-overlap': true,
        'symbol-sort-key': ['get', 'rank'],
      },
    },
  ];
}
