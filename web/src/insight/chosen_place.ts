import type { CellIndex } from './cell_figures.ts';
import type { AnsweringTold, PlacesTold } from './panel/answers.ts';
import type { ChosenPlace } from './panel/panel.ts';

/**
 * The place a cell belongs to: of joined hot cells where it is one of them, else the cell alone,
 * whose `middle` is told.
 */
export function chosenPlace(
  cell: string | null,
  told: PlacesTold | null,
  index: CellIndex | null,
  answering: AnsweringTold | null,
  middle: readonly [lng: number, lat: number] | null,
): ChosenPlace | null {
  if (!cell) return null;
  const place = told?.places.find(({ cells }) => cells.includes(cell));
  if (place) {
    const { peak, cells, lng, lat, community, township, count } = place;
    return { peak, cells, lng, lat, community, township, count };
  }
  // Most of its ground lies in the first of the grids that share it.
  const [grid] = answering?.grids ?? [];
  return {
    peak: cell,
    cells: [cell],
    lng: middle?.[0] ?? null,
    lat: middle?.[1] ?? null,
    community: grid?.community ?? null,
    township: grid?.township ?? null,
    count: index?.of(cell, null)?.count ?? null,
  };
}
