/** West, south, east, north in degrees. */
export type Bounds = readonly [west: number, south: number, east: number, north: number];

/** One piece of a named area: rings in degrees; holes are rings too (even-odd rule). */
export interface AreaPiece {
  code: string;
  name: string;
  rings: readonly (readonly (readonly [number, number])[])[];
}

/** Where the rings cross a parallel, from west to east. */
export function crossingsAt(rings: AreaPiece['rings'], lat: number): number[] {
  const crossings: number[] = [];
  for (const ring of rings) {
    for (let i = 0; i + 1 < ring.length; i += 1) {
      const [x1, y1] = ring[i] as readonly [number, number];
      const [x2, y2] = ring[i + 1] as readonly [number, number];
      if (y1 > lat !== y2 > lat) crossings.push(x1 + ((lat - y1) / (y2 - y1)) * (x2 - x1));
    }
  }
  return crossings.sort((a, b) => a - b);
}

/** Finds the area a point lies in; pieces are looked at only where their boxes hold the point. */
export class AreaFinder {
  readonly #boxed: { piece: AreaPiece; box: Bounds }[];

  constructor(pieces: readonly AreaPiece[]) {
    this.#boxed = pieces.map((piece) => ({ piece, box: boxOf(piece.rings) }));
  }

  /** The code of the first area that holds the point; null when it lies in none. */
  codeAt(lng: number, lat: number): string | null {
    const found = this.#boxed.find(
      ({ piece, box: [west, south, east, north] }) =>
        lng >= west &&
        lng <= east &&
        lat >= south &&
        lat <= north &&
        crossingsAt(piece.rings, lat).filter((crossing) => crossing <= lng).length % 2 === 1,
    );
    return found?.piece.code ?? null;
  }
}

function boxOf(rings: AreaPiece['rings']): Bounds {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lng, lat] of rings.flat()) {
    west = Math.min(west, lng);
    south = Math.min(south, lat);
    east = Math.max(east, lng);
    north = Math.max(north, lat);
  }
  return [west, south, east, north];
}
