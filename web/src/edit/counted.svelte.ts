import { Problem } from '../api/problem.ts';
import { Paced } from '../live/paced.ts';

import type { Grid } from './coverage.ts';
import { type Counts, fetchFigures, type Limits } from './drafts.ts';
import { type Area, polygonsOf, type Position } from './shapes.ts';

/** Asked for again this long after an answer at the soonest, while something is drawn. */
const REST_MS = 60;
const GRIDS_REST_MS = 120;
/** As many as the service tells at once. */
const MOST = 24;
/** An address longer than this some proxies refuse. */
const LONGEST = 6_000;

/**
 * What was counted on the draft's grids, and on what the hand is drawing: households, people, and
 * the reports of a year. The service counts; the page knows no building and no report.
 */
class Counted {
  /** By the grid as it is: one that changes is another object. */
  #grids = $state.raw<ReadonlyMap<Grid, Counts>>(new Map());
  /** Of what is drawn, in its order: the last that were told. */
  areas = $state.raw<readonly Counts[]>([]);
  limits = $state.raw<Limits | null>(null);

  #draft: number | null = null;
  readonly #wanted = new Set<Grid>();
  #shapes: readonly Area[] = [];
  #isAsking = false;
  readonly #askGrids = new Paced(() => void this.#readGrids(), GRIDS_REST_MS);
  readonly #askAreas = new Paced(() => void this.#readAreas(), REST_MS);

  /** From now on of another draft. */
  of(draft: number | null): void {
    if (draft === this.#draft) return;
    this.#draft = draft;
    this.#wanted.clear();
    [this.#grids, this.areas, this.limits] = [new Map(), [], null];
  }

  /** What lies in a grid, if it was told already. */
  in(grid: Grid): Counts | undefined {
    return this.#grids.get(grid);
  }

  /** Have these grids counted. */
  want(grids: readonly Grid[]): void {
    for (const grid of grids) if (!this.#grids.has(grid)) this.#wanted.add(grid);
    if (this.#wanted.size > 0) this.#askGrids.ask();
  }

  /** Have these areas counted; the last that were asked for are the ones that are told. */
  draw(shapes: readonly Area[]): void {
    this.#shapes = shapes;
    if (shapes.length === 0) this.areas = [];
    else this.#askAreas.ask();
  }

  async #readGrids(): Promise<void> {
    const draft = this.#draft;
    // The last that were wanted are those that are looked at.
    const grids = [...this.#wanted].slice(-MOST);
    this.#wanted.clear();
    if (draft === null || grids.length === 0) return;
    const told = await ask(draft, grids.map(({ code }) => code), []);
    if (!told || draft !== this.#draft) return;
    const known = new Map(this.#grids);
    for (const grid of grids) {
      const counts = told.grids[grid.code];
      if (counts) known.set(grid, counts);
    }
    [this.#grids, this.limits] = [known, told.limits];
  }

  async #readAreas(): Promise<void> {
    const draft = this.#draft;
    if (draft === null || this.#isAsking || this.#shapes.length === 0) return;
    const shapes = this.#shapes;
    const words = shapes.map(wktOf);
    if (words.join('').length > LONGEST) return;
    this.#isAsking = true;
    const told = await ask(draft, [], words);
    this.#isAsking = false;
    if (told && this.#shapes.length > 0) [this.areas, this.limits] = [told.areas, told.limits];
    if (this.#shapes !== shapes) this.#askAreas.ask();
  }
}

async function ask(
  draft: number,
  grids: string[],
  areas: string[],
): Promise<Awaited<ReturnType<typeof fetchFigures>> | null> {
  try {
    return await fetchFigures(draft, grids, areas);
  } catch (error) {
    // Figures that do not come are not shown; what is drawn goes on.
    if (error instanceof Problem) return null;
    throw error;
  }
}

/** A decimetre is enough to count by. */
const DIGITS = 6;

function wktOf(area: Area): string {
  const place = ([lng, lat]: Position): string => `${lng.toFixed(DIGITS)} ${lat.toFixed(DIGITS)}`;
  const polygons = polygonsOf(area).map(
    (rings) => `(${rings.map((ring) => `(${ring.map(place).join()})`).join()})`,
  );
  return `MULTIPOLYGON(${polygons.join()})`;
}

export const counted = new Counted();
