import type { CellsTold, EmergingTold } from './asked.ts';

/** What is told of a cell at the pointer. */
export interface CellFigures {
  cell: string;
  count: number;
  /** How much of the cell lies within the city, 0 to 1. */
  share: number;
  z: number | null;
  q: number | null;
  bin: number;
  /** Its class in time as the service names it; null where none is asked for. */
  word: string | null;
}

/** The figures of cells by their names; made once an answer, asked at each move of the pointer. */
export class CellIndex {
  readonly #told: CellsTold;
  readonly #at: Map<string, number>;

  constructor(told: CellsTold) {
    this.#told = told;
    this.#at = new Map(told.keys.map((key, index) => [String(key), index]));
  }

  of(cell: string, classes: ReadonlyMap<string, string> | null): CellFigures | null {
    const index = this.#at.get(cell);
    if (index === undefined) return null;
    const { counts, shares, z, q, bin } = this.#told;
    return {
      cell,
      count: counts[index] ?? 0,
      share: shares[index] ?? 1,
      z: z[index] ?? null,
      q: q[index] ?? null,
      bin: bin[index] ?? 0,
      word: classes?.get(cell) ?? null,
    };
  }
}

export const classesByCell = ({ keys, classes }: EmergingTold): ReadonlyMap<string, string> =>
  new Map(keys.map((key, index) => [key, classes[index] ?? 'none']));
