import 'maplibre-gl/dist/maplibre-gl.css';

import { AttributionControl, Map as MapLibreMap, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';

import type { Bounds } from './areas.ts';
import { askForBoundaries } from './base_layers.ts';
import { type SilhouetteLook, silhouetteStyle } from './silhouette_style.ts';

setWorkerUrl(workerUrl);

const LOOK: SilhouetteLook = {
  ground: '#0B1117',
  land: '#131C24',
  dedicated: '#1B2A31',
  grid: ['#5B6F7E', 0.4, 0.3],
  community: ['#6E8494', 0.6, 0.4],
  township: ['#A9B8C4', 1.2, 0.65],
  city: ['#E6EEF3', 1.8, 0.9],
};
const ROOM = { top: 30, right: 34, bottom: 46, left: 34 };

/** Where a township is on the screen: a point inside it, in pixels of the map's box. */
export interface TownshipPlace {
  code: string;
  x: number;
  y: number;
}

export interface WallDrawing {
  /** The city has other boundaries: show them. */
  showBoundaries: () => void;
  remove: () => void;
}

/**
 * The whole city on the dark ground, without controls. `onPlaces` is told where the townships are,
 * again when the size changes. Throws when the browser has no WebGL2.
 */
export function drawWallMap(
  container: HTMLElement,
  bounds: Bounds,
  onPlaces: (places: TownshipPlace[]) => void,
): WallDrawing {
  const map = new MapLibreMap({
    container,
    interactive: false,
    attributionControl: false,
    fadeDuration: 0,
    bounds: [...bounds],
    fitBoundsOptions: { padding: ROOM },
    style: silhouetteStyle(LOOK),
  });
  map.addControl(new AttributionControl({ compact: false, customAttribution: 'MapLibre' }));
  map.getCanvas().tabIndex = -1;
  map.on('resize', () => map.fitBounds([...bounds], { padding: ROOM, duration: 0 }));
  map.on('idle', () => {
    onPlaces(placesOf(map));
    container.dataset['ready'] = 'true';
  });
  return {
    showBoundaries: () => askForBoundaries(map, location.origin),
    remove: () => map.remove(),
  };
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
