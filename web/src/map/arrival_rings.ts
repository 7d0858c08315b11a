import { type Map as MapLibreMap, Marker } from 'maplibre-gl';

/** As long as the ring grows; the same as in the page's style. */
const RING_MS = 900;
/** A burst says no more with fifty rings than with these. */
const MOST_RINGS = 12;

let rings = 0;

/** One ring that grows once where a case came in; drawn as HTML, so that the map is not drawn anew. */
export function showArrival(map: MapLibreMap, lng: number, lat: number): void {
  if (rings >= MOST_RINGS) return;
  const element = document.createElement('div');
  element.className = 'arrival-ring';
  element.setAttribute('aria-hidden', 'true');
  element.append(document.createElement('i'));
  const marker = new Marker({ element }).setLngLat([lng, lat]).addTo(map);
  // A marker can be pointed at and is announced; this one is only seen.
  element.removeAttribute('tabindex');
  element.removeAttribute('role');
  element.removeAttribute('aria-label');
  rings += 1;
  setTimeout(() => {
    marker.remove();
    rings -= 1;
  }, RING_MS);
}
