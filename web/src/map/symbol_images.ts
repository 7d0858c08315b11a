import type { Map as MapLibreMap } from 'maplibre-gl';

import { groupOfState, STATE_GROUPS, type StateGroup } from '../state/case_states.ts';
import { caseSymbol, SYMBOL_BOX_PX } from '../symbols/case_symbol.ts';
import { clusterSymbol, type StateSplit } from '../symbols/cluster_symbol.ts';

/** Symbols are drawn at twice their size, so that they stay sharp on fine screens. */
const PIXEL_RATIO = 2;
/** A ring is split in twelfths: finer is not seen at 42 px, and the images stay few. */
const RING_PARTS = 12;

export const caseImage = (state: string, urgency: string): string =>
  imageOf(groupOfState(state), urgency === 'urgent');

const imageOf = (group: StateGroup, urgent: boolean): string =>
  `case-${group}${urgent ? '-urgent' : ''}`;

/** Put the symbols of single cases on the map. */
export async function addCaseImages(map: MapLibreMap): Promise<void> {
  await Promise.all(
    STATE_GROUPS.flatMap((group) =>
      [false, true].map((urgent) =>
        addImage(
          map,
          imageOf(group, urgent),
          caseSymbol(group, urgent, SYMBOL_BOX_PX * PIXEL_RATIO),
        ),
      ),
    ),
  );
}

/** Make sure the ring of a cluster is on the map; its image's name. */
export async function clusterImage(
  map: MapLibreMap,
  diameterPx: number,
  split: StateSplit,
): Promise<string> {
  const parts = inTwelfths(split);
  const name = `cluster-${diameterPx}-${parts.join('-')}`;
  await addImage(map, name, clusterSymbol(diameterPx, parts, PIXEL_RATIO));
  return name;
}

/** Shares in twelfths; whatever is there at all keeps at least one. */
function inTwelfths(split: StateSplit): StateSplit {
  const total = split.reduce((sum, part) => sum + part, 0);
  return split.map(
    (part) => Math.ceil((RING_PARTS * part) / total - 0.5) || +(part > 0),
  ) as unknown as StateSplit;
}

const pending = new WeakMap<MapLibreMap, Map<string, Promise<void>>>();

/** Add an image once; callers that come while it is decoded wait for the same one. */
function addImage(map: MapLibreMap, name: string, svg: string): Promise<void> {
  const images = pending.get(map) ?? new Map<string, Promise<void>>();
  pending.set(map, images);
  const known = images.get(name);
  if (known) return known;
  const added = decode(svg).then((image) => {
    map.addImage(name, image, { pixelRatio: PIXEL_RATIO });
  });
  images.set(name, added);
  return added;
}

async function decode(svg: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  return image;
}
