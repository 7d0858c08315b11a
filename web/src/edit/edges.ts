import type { Coverage, Grid } from './coverage.ts';
import { type Position, type Ring, ringsOf } from './shapes.ts';
import { snap } from './snapping.ts';

export type Level = 'city' | 'township' | 'community' | 'grid';

/** The edge between two grids, or of one and the outside, in as few lines as it has pieces. */
export interface SharedEdge {
  /** The two codes, the lower first; the second is empty at the outline. */
  codes: readonly [string, string];
  level: Level;
  lines: Position[][];
}

export const edgeId = ([a, b]: SharedEdge['codes']): string => `${a}|${b}`;

const NONE: readonly Grid[] = [];

/** Who has which stretch between two corners: a coverage shares its edges corner for corner. */
export class Stretches {
  readonly #corners = new Map<string, number>();
  readonly #owners = new Map<number, Grid[]>();

  constructor(grids: Iterable<Grid>) {
    for (const grid of grids) {
      for (const ring of ringsOf(grid.geometry)) {
        for (let i = 0; i + 1 < ring.length; i += 1) {
          const key = this.#key(ring[i] as Position, ring[i + 1] as Position, true);
          const owners = this.#owners.get(key);
          if (owners) owners.push(grid);
          else this.#owners.set(key, [grid]);
        }
      }
    }
  }

  /** The grids that have the stretch between two corners. */
  owners(from: Position, to: Position): readonly Grid[] {
    return this.#owners.get(this.#key(from, to, false)) ?? NONE;
  }

  #key(from: Position, to: Position, isNew: boolean): number {
    const [a, b] = [this.#corner(from, isNew), this.#corner(to, isNew)];
    // Two numbers of 26 bits in one: 67 million corners.
    return a < 0 || b < 0 ? -1 : Math.min(a, b) * 2 ** 26 + Math.max(a, b);
  }

  #corner([lng, lat]: Position, isNew: boolean): number {
    const name = `${lng},${lat}`;
    const known = this.#corners.get(name);
    if (known !== undefined) return known;
    if (!isNew) return -1;
    this.#corners.set(name, this.#corners.size);
    return this.#corners.size - 1;
  }
}

/**
 * Each edge of these grids once, with the highest level it belongs to.
 *
 * `around` holds at least all grids that share an edge with them.
 */
export function edgesOf(grids: readonly Grid[], around: Iterable<Grid>): SharedEdge[] {
  const stretches = new Stretches(around);
  const edges = new Map<string, SharedEdge>();
  const asked = new Set(grids.map(({ code }) => code));
  for (const grid of grids) {
    for (const ring of ringsOf(grid.geometry)) {
      for (const { other, line } of runs(grid, ring, stretches)) {
        // What two of the asked grids share is told by the lower of them.
        if (other && asked.has(other.code) && other.code < grid.code) continue;
        const codes = pairOf(grid, other);
        const edge = edges.get(edgeId(codes));
        if (edge) edge.lines.push(line);
        else edges.set(edgeId(codes), { codes, level: levelOf(grid, other), lines: [line] });
      }
    }
  }
  return [...edges.values()];
}

/** The grids that share an edge with one. */
export function neighboursOf(coverage: Coverage, grid: Grid): Grid[] {
  const around = coverage.meeting(grid.box);
  const codes = new Set(
    edgesOf([grid], around).flatMap(({ codes }) => codes.filter((code) => code !== grid.code)),
  );
  return around.filter(({ code }) => codes.has(code));
}

/** How far beside an edge its own corner may be by rounding. */
const ON_EDGE_M = 0.01;

/** The stretches of these grids' edges that lie on no edge of the others. */
export function edgesNotIn(grids: readonly Grid[], others: readonly Grid[]): Position[][] {
  const stretches = new Stretches(others);
  const seen = new Set<string>();
  const lines: Position[][] = [];
  for (const grid of grids) {
    for (const ring of ringsOf(grid.geometry)) {
      let line: Position[] = [];
      for (let i = 0; i + 1 < ring.length; i += 1) {
        const [from, to] = [ring[i] as Position, ring[i + 1] as Position];
        const name = [from.join(), to.join()].sort().join(' ');
        const middle: Position = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
        // An edge that only got a corner more is still the same line.
        const isThere =
          stretches.owners(from, to).length > 0 || snap(others, middle, ON_EDGE_M) !== null;
        if (isThere || seen.has(name)) {
          if (line.length > 0) lines.push(line);
          line = [];
          continue;
        }
        seen.add(name);
        if (line.length === 0) line.push(from);
        line.push(to);
      }
      if (line.length > 0) lines.push(line);
    }
  }
  return lines;
}

/** Walk around a ring: the stretches with the same grid on the other side, joined. */
function runs(
  grid: Grid,
  ring: Ring,
  stretches: Stretches,
): { other: Grid | null; line: Position[] }[] {
  const count = ring.length - 1;
  const others = Array.from({ length: count }, (_, i) => {
    const owners = stretches.owners(ring[i] as Position, ring[i + 1] as Position);
    return owners.find(({ code }) => code !== grid.code) ?? null;
  });
  const start = others.findIndex((other, i) => other !== others[(i - 1 + count) % count]);
  const from = Math.max(start, 0);
  const found: { other: Grid | null; line: Position[] }[] = [];
  for (let step = 0; step < count; step += 1) {
    const i = (from + step) % count;
    const other = others[i] ?? null;
    const last = found.at(-1);
    if (last && last.other === other) last.line.push(ring[i + 1] as Position);
    else found.push({ other, line: [ring[i] as Position, ring[i + 1] as Position] });
  }
  return found;
}

function levelOf(grid: Grid, other: Grid | null): Level {
  if (!other) return 'city';
  if (grid.township !== other.township) return 'township';
  return grid.community === other.community ? 'grid' : 'community';
}

function pairOf(grid: Grid, other: Grid | null): [string, string] {
  if (!other) return [grid.code, ''];
  return grid.code < other.code ? [grid.code, other.code] : [other.code, grid.code];
}
