import type { GeoJSONSource, LayerSpecification, Map as MapLibreMap } from 'maplibre-gl';
import type { SourceSpecification } from 'maplibre-gl';

import { ACCENT } from './paint.ts';
import { caseImage } from './symbol_images.ts';

const GRID = 'selected-grid';
const POINT = 'selected-point';
const HOVER = 'hovered-point';

export interface MarkedPoint {
  lng: number;
  lat: number;
  /** Of a case: it is drawn again on top. Absent for a bare place. */
  state?: string;
  urgency?: string;
}

export function selectionSources(): Record<string, SourceSpecification> {
  const empty: SourceSpecification = {
    type: 'geojson',
    data: { type: 'FeatureCollection', features: [] },
  };
  return { [GRID]: empty, [POINT]: empty, [HOVER]: empty };
}

/** Under the edges, so that the lines of the grid stay what they are. */
export function selectionFill(): LayerSpecification {
  return {
    id: 'selected-grid-fill',
    type: 'fill',
    source: GRID,
    paint: { 'fill-color': ACCENT, 'fill-opacity': 0.16 },
  };
}

/** Above edges, below labels. */
export function selectionOutline(): LayerSpecification[] {
  return [
    outline('selected-grid-casing', '#FFFFFF', 5),
    outline('selected-grid-line', ACCENT, 2.6),
  ];
}

/** Above everything: what the pointer is on, and what is chosen. */
export function selectionMarks(): LayerSpecification[] {
  return [
    {
      id: 'hovered-ring',
      type: 'circle',
      source: HOVER,
      paint: {
        'circle-radius': 15,
        'circle-opacity': 0,
        'circle-stroke-color': ACCENT,
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'selected-disc',
      type: 'circle',
      source: POINT,
      filter: ['has', 'image'],
      paint: {
        'circle-radius': 19,
        'circle-color': '#FFFFFF',
        'circle-opacity': 0.75,
        'circle-stroke-color': ACCENT,
        'circle-stroke-width': 2.6,
      },
    },
    {
      id: 'selected-case',
      type: 'symbol',
      source: POINT,
      filter: ['has', 'image'],
      layout: { 'icon-image': ['get', 'image'], 'icon-allow-overlap': true },
    },
    {
      id: 'selected-place',
      type: 'circle',
      source: POINT,
      filter: ['!', ['has', 'image']],
      paint: {
        'circle-radius': 10,
        'circle-color': '#FFFFFF',
        'circle-opacity': 0.75,
        'circle-stroke-color': ACCENT,
        'circle-stroke-width': 2.6,
      },
    },
    {
      id: 'selected-place-point',
      type: 'circle',
      source: POINT,
      filter: ['!', ['has', 'image']],
      paint: { 'circle-radius': 3, 'circle-color': ACCENT },
    },
  ];
}

export const showSelectedGrid = (map: MapLibreMap, geometry: GeoJSON.Geometry | null): void =>
  setFeature(map, GRID, geometry, {});

export function showSelectedPoint(map: MapLibreMap, point: MarkedPoint | null): void {
  const image = point?.state === undefined ? null : caseImage(point.state, point.urgency ?? '');
  setFeature(map, POINT, pointOf(point), image ? { image } : {});
}

export const showHovered = (map: MapLibreMap, point: MarkedPoint | null): void =>
  setFeature(map, HOVER, pointOf(point), {});

function pointOf(point: MarkedPoint | null): GeoJSON.Point | null {
  return point && { type: 'Point', coordinates: [point.lng, point.lat] };
}

function setFeature(
  map: MapLibreMap,
  source: string,
  geometry: GeoJSON.Geometry | null,
  properties: Record<string, string>,
): void {
  const features: GeoJSON.Feature[] = geometry ? [{ type: 'Feature', geometry, properties }] : [];
  (map.getSource(source) as GeoJSONSource).setData({ type: 'FeatureCollection', features });
}

function outline(id: string, colour: string, width: number): LayerSpecification {
  return {
    id,
    type: 'line',
    source: GRID,
    layout: { 'line-join': 'round' },
    paint: { 'line-color': colour, 'line-width': width },
  };
}
