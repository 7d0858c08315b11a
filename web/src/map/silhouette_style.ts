import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';

import { citySources } from './base_layers.ts';

/** A line of the silhouette: its colour, its width in pixels and its opacity from 0 to 1. */
export type EdgeLook = readonly [colour: string, width: number, opacity: number];

/** What the silhouette is drawn with. */
export interface SilhouetteLook {
  ground: string;
  land: string;
  dedicated: string;
  grid: EdgeLook;
  community: EdgeLook;
  township: EdgeLook;
  city: EdgeLook;
}

/** The city by its land and edges alone, without names or cases: beside a form, on the wall. */
export function silhouetteStyle(look: SilhouetteLook): StyleSpecification {
  const { townships, grids, edges } = citySources(location.origin);
  return {
    version: 8,
    sources: { townships: townships!, grids: grids!, edges: edges! },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': look.ground } },
      {
        id: 'land',
        type: 'fill',
        source: 'townships',
        'source-layer': 'townships',
        paint: { 'fill-color': look.land, 'fill-antialias': false },
      },
      {
        id: 'dedicated',
        type: 'fill',
        source: 'grids',
        'source-layer': 'grids',
        filter: ['==', ['get', 'kind'], 'dedicated'],
        paint: { 'fill-color': look.dedicated, 'fill-antialias': false },
      },
      ...(['grid', 'community', 'township', 'city'] as const).map((level) =>
        edge(level, look[level]),
      ),
    ],
  };
}

const edge = (level: string, [colour, width, opacity]: EdgeLook): LayerSpecification => ({
  id: `edge-${level}`,
  type: 'line',
  source: 'edges',
  'source-layer': 'edges',
  filter: ['==', ['get', 'level'], level],
  layout: { 'line-join': 'round', 'line-cap': 'round' },
  paint: { 'line-color': colour, 'line-width': width, 'line-opacity': opacity },
});
