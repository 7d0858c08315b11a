import { joinedCells, middleOfCell } from './h3_cells.ts';
import { type Marked, markedCount, MOST_MARKED } from './marked.ts';

const LEVELS = [90, 95, 99] as const;

/** Around all that is hot at 90 %, within it around what is hot at 95, within that at 99. */
export function highShapes(marked: Marked): GeoJSON.Feature[] {
  if (markedCount(marked) > MOST_MARKED) return [];
  return LEVELS.map((level) => shape(cellsWith(marked, (bin) => bin >= level), level)).filter(isShape);
}

/** Each cold cell belongs to one hatch. */
export function lowShapes(marked: Marked): GeoJSON.Feature[] {
  if (markedCount(marked) > MOST_MARKED) return [];
  return LEVELS.map((level) => shape(cellsWith(marked, (bin) => bin === -level), -level)).filter(isShape);
}

export function signPoints(
  signs: ReadonlyMap<string, { sign: string; isDark: boolean }>,
): GeoJSON.Feature[] {
  return [...signs].map(([cell, properties]) => ({
    type: 'Feature',
    properties,
    geometry: { type: 'Point', coordinates: middleOfCell(cell) },
  }));
}

const cellsWith = ({ cells, bins }: Marked, isMeant: (bin: number) => boolean): string[] =>
  cells.filter((_, index) => isMeant(bins[index] as number));

const shape = (cells: readonly string[], bin: number): GeoJSON.Feature | null =>
  cells.length > 0 ? { type: 'Feature', properties: { bin }, geometry: joinedCells(cells) } : null;

const isShape = (feature: GeoJSON.Feature | null): feature is GeoJSON.Feature => feature !== null;
