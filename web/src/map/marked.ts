/** Cells and how certain each stands out: 90, 95, 99 where it is hot, below zero where cold. */
export interface Marked {
  cells: readonly string[];
  bins: readonly number[];
}

/** More would take a second to join; they are told when the map is nearer. */
export const MOST_MARKED = 20_000;

/** How many cells stand out on either side. */
export const markedCount = ({ bins }: Marked): number => bins.filter((bin) => bin !== 0).length;
