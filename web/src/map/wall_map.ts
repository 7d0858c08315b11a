import 'maplibre-gl/dist/maplibre-gl.css';

import {
  AttributionControl,
  type LayerSpecification,
  Map as MapLibreMap,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';

import type { Bounds } from './areas.ts';
import { citySources } from './base_layers.ts';

setWorkerUrl(workerUrl);

const GROUND = '#0B1117';
const LAND = '#131C24';
const DEDICATED = '#1B2A31';
const GRID_EDGE = '#5B6F7E';
const COMMUNITY_EDGE = '#6E8494';
const TOWNSHIP_EDGE = '#A9B8C4';
const CITY_EDGE = '#E6EEF3';
const ROOM = { top: 30, right: 34, bottom: 46, left: 34 };

/** Where a township is on the screen: a point inside it, in pixels of the map's box. */
export interface TownshipPlace {
  code: string;
  x: number;
  y: number;
}

/**
 * The whole city on the dark ground, without controls. `onPlaces` is told where the townships are,
 * again when the size changes. Returns how to remove it; throws when the browser has no WebGL2.
 */
export function drawWallMap(
  container: HTMLElement,
  bounds: Bounds,
  onPlaces: (places: TownshipPlace[]) => void,
): () => void {
  const { townships, grids, edges } = citySources(location.origin);
  const map = new MapLibreMap({
    container,
    interactive: false,
    attributionControl: false,
    fadeDuration: 0,
    bounds: [...bounds],
    fitBoundsOptions: { padding: ROOM },
    style: {
      version: 8,
      sources: { townships: townships!, grids: grids!, edges: edges! },
      layers: wallLayers(),
    },
  });
  map.addControl(new AttributionControl({ compact: false, customAttribution: 'MapLibre' }));
  map.getCanvas().tabIndex = -1;
  map.on('resize', () => map.fitBounds([...bounds], { padding: ROOM, duration: 0 }));
  map.on('idle', () => {
    onPlaces(placesOf(map));
    container.dataset['ready'] = 'true';
  });
  return () => map.remove();
}

/** A township that lies in several tiles has its point in one of them. */
function placesOf(map: MapLibreMap): TownshipPlace[] {
  const found = new Map<string, TownshipPlace>();
  for (const { geometry, properties } of map.querySourceFeatures('townships', {
    sourceLayer: 'townships_labels',
  })) {
    if (geometry.type !== 'Point') continue;
    const { code } = properties as { code: string };
    const { x, y } = map.project(geometry.coordinates as [number, number]);
    found.set(code, { code, x, y });
  }
  return [...found.values()].sort((a, b) => a.code.localeCompare(b.code));
}

function wallLayers(): LayerSpecification[] {
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': GROUND } },
    {
      id: 'land',
      type: 'fill',
      source: 'townships',
      'source-layer': 'townships',
      paint: { 'fill-color': LAND, 'fill-antialias': false },
    },
    {
      id: 'dedicated',
      type: 'fill',
      source: 'grids',
      'source-layer': 'grids',
      filter: ['==', ['get', 'kind'], 'dedicated'],
      paint: { 'fill-color': DEDICATED, 'fill-antialias': false },
    },
    edge('grid', GRID_EDGE, 0.4, 0.3),
    edge('community', COMMUNITY_EDGE, 0.6, 0.4),
    edge('township', TOWNSHIP_EDGE, 1.2, 0.65),
    edge('city', CITY_EDGE, 1.8, 0.9),
  ];
}

const edge = (level: string, colour: string, width: number, opacity: number): LayerSpecification => ({
  id: `edge-${level}`,
  type: 'line',
  source: 'edges',
  'source-layer': 'edges',
  filter: ['==', ['get', 'level'], level],
  layout: { 'line-join': 'round', 'line-cap': 'round' },
  paint: { 'line-color': colour, 'line-width': width, 'line-opacity': opacity },
});
