import type { Map as MapLibreMap } from 'maplibre-gl';

import { labelTownships, townshipPieces } from './township_labels.ts';
import { visibleLabels } from './visible_labels.ts';

/** Names keep this far from the rim of the map, so that none is cut. */
const RIM_PX = 44;

/** Of the view: a whole city in a wide map leaves each township less than a hundredth of it. */
const LEAST_SHARE = 0.002;

const named = new WeakMap<MapLibreMap, string>();

/** Write the name of each township into its visible part; false when they are there already. */
export function nameTownships(map: MapLibreMap): boolean {
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const pieces = townshipPieces(map);
  const key = `${map.getCenter().toString()}/${map.getZoom()}/${width}x${height}/${pieces.length}`;
  if (named.get(map) === key) return false;
  named.set(map, key);
  const southWest = map.unproject([RIM_PX, height - RIM_PX / 2]);
  const northEast = map.unproject([width - RIM_PX, RIM_PX / 2]);
  const view = [southWest.lng, southWest.lat, northEast.lng, northEast.lat] as const;
  labelTownships(
    map,
    visibleLabels(pieces, view, { leastShare: LEAST_SHARE }).map((label) => ({ ...label, cases: null })),
  );
  return true;
}
