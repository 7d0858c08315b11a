import type { Map as MapLibreMap } from 'maplibre-gl';

import { groupOfState, STATES_OF_GROUP } from '../state/case_states.ts';
import type { StateSplit } from '../symbols/cluster_symbol.ts';

import type { Spot } from './gather.ts';

export const CASE_TILES = 'case-tiles';

const SPLIT_INDEX = { new: 0, hand: 1, check: 2, hold: 3, done: 3 } as const;
const STATES = Object.values(STATES_OF_GROUP).flat();

/** The spots of the tiles now loaded. Tiles have no buffer, so each case is in one of them. */
export function loadedSpots(map: MapLibreMap): Spot[] {
  const features = map.querySourceFeatures(CASE_TILES, { sourceLayer: 'cases' });
  return features.flatMap(({ geometry, properties }) => {
    if (geometry.type !== 'Point') return [];
    const [lng, lat] = geometry.coordinates as [number, number];
    return [spotOf(lng, lat, properties)];
  });
}

/** A feature of the tiles: `n` and, of several, how many are in each state; of one, which it is. */
export function spotOf(lng: number, lat: number, properties: Record<string, unknown>): Spot {
  const { n, number, state, urgency, township = null } = properties as {
    n: number;
    township?: string;
    number?: number;
    state?: string;
    urgency?: string;
  };
  if (n === 1 && number !== undefined && state !== undefined) {
    const single = { number, state, urgency: urgency ?? 'normal' };
    return { lng, lat, n, split: splitOf({ [state]: 1 }), township, single };
  }
  const counts = Object.fromEntries(STATES.map((name) => [name, Number(properties[name] ?? 0)]));
  return { lng, lat, n, split: splitOf(counts), township, single: null };
}

function splitOf(countOfState: Record<string, number>): StateSplit {
  const split: [number, number, number, number] = [0, 0, 0, 0];
  for (const [state, count] of Object.entries(countOfState)) {
    split[SPLIT_INDEX[groupOfState(state)]] += count;
  }
  return split;
}
