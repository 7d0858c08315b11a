import type { PlaceTold } from './answers.ts';

export const ORDERS = ['rank', 'count', 'ratio', 'z'] as const;
export type Order = (typeof ORDERS)[number];

export interface Ranked {
  place: PlaceTold;
  /** From 1, as the service ranks. */
  rank: number;
}

/**
 * Places in the order asked for, the most first; what cannot be compared comes last, and equals
 * stay in the order of the service. A place with nothing before is above every ratio.
 */
export function placesBy(places: readonly PlaceTold[], order: Order): Ranked[] {
  const ranked = places.map((place, i) => ({ place, rank: i + 1 }));
  if (order === 'rank') return ranked;
  const worth = (place: PlaceTold): number => {
    if (order === 'count') return place.count;
    if (order === 'z') return place.z ?? -Infinity;
    return place.ratio ?? (place.low === null ? -Infinity : Infinity);
  };
  return ranked.sort((a, b) => {
    const [one, other] = [worth(a.place), worth(b.place)];
    return one === other ? a.rank - b.rank : other - one;
  });
}

/** What most of the cases of a place are about. */
export const mainCategory = ({ categories }: PlaceTold): string | null =>
  categories.reduce<{ code: string; count: number } | null>(
    (most, next) => (most === null || next.count > most.count ? next : most),
    null,
  )?.code ?? null;
