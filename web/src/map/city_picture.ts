import 'maplibre-gl/dist/maplibre-gl.css';

import { Map as MapLibreMap, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';

import type { Bounds } from './areas.ts';
import { type SilhouetteLook, silhouetteStyle } from './silhouette_style.ts';

setWorkerUrl(workerUrl);

const LOOK: SilhouetteLook = {
  ground: '#0A3532',
  land: '#0B4A45',
  dedicated: '#146A61',
  grid: ['#5FA198', 0.6, 0.55],
  community: ['#A8CFC8', 0.9, 0.6],
  township: ['#E4F1EE', 1.7, 0.9],
  city: ['#FFFFFF', 2.4, 1],
};

/** The city's own grid in deep green, as the picture beside a form. Returns how to remove it. */
export function drawCityPicture(container: HTMLElement, bounds: Bounds): () => void {
  const map = new MapLibreMap({
    container,
    interactive: false,
    attributionControl: false,
    fadeDuration: 0,
    bounds: [...bounds],
    style: silhouetteStyle(LOOK),
  });
  // Closer than the whole city: running out of the frame, it shows how fine the grid is.
  const isStrip = container.clientWidth > 2 * container.clientHeight;
  map.jumpTo({ zoom: map.getZoom() + (isStrip ? 2.6 : 1) });
  // A decoration: what does not come is missed by nobody, and the form says what is wrong.
  map.on('error', () => undefined);
  map.on('idle', () => (container.dataset['ready'] = 'true'));
  return () => map.remove();
}
