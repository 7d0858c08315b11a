import 'maplibre-gl/dist/maplibre-gl.css';

import { type LayerSpecification, Map as MapLibreMap, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';

import type { Bounds } from './areas.ts';
import { citySources } from './base_layers.ts';

setWorkerUrl(workerUrl);

const OUTSIDE = '#0A3532';
const LAND = '#0B4A45';
const DEDICATED = '#146A61';
const GRID_EDGE = '#5FA198';
const COMMUNITY_EDGE = '#A8CFC8';
const TOWNSHIP_EDGE = '#E4F1EE';

/** The city's own grid in deep green, as the picture beside a form. Returns how to remove it. */
export function drawCityPicture(container: HTMLElement, bounds: Bounds): () => void {
  const { townships, grids, edges } = citySources(location.origin);
  const map = new MapLibreMap({
    container,
    interactive: false,
    attributionControl: false,
    fadeDuration: 0,
    bounds: [...bounds],
    style: {
      version: 8,
      sources: { townships: townships!, grids: grids!, edges: edges! },
      layers: pictureLayers(),
    },
  });
  // Closer than the whole city: running out of the frame, it shows how fine the grid is.
  const isStrip = container.clientWidth > 2 * container.clientHeight;
  map.jumpTo({ zoom: map.getZoom() + (isStrip ? 2.6 : 1) });
  // A decoration: what does not come is missed by nobody, and the form says what is wrong.
  map.on('error', () => undefined);
  map.on('idle', () => (container.dataset['ready'] = 'true'));
  return () => map.remove();
}

function pictureLayers(): LayerSpecification[] {
  return [
    { id: 'outside', type: 'background', paint: { 'background-color': OUTSIDE } },
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
    edge('grid', GRID_EDGE, 0.6, 0.55),
    edge('community', COMMUNITY_EDGE, 0.9, 0.6),
    edge('township', TOWNSHIP_EDGE, 1.7, 0.9),
    edge('city', '#FFFFFF', 2.4, 1),
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
