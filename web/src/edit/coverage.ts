import type { Bounds } from '../map/areas.ts';

import { type Area, boxesMeet, boxOf, holds, isIn, type Position } from './shapes.ts';

/** A grid of a draft as the page holds it. */
export interface Grid {
  code: string;
  name: string;
  kind: string;
  community: string;
  township: string;
  /** As the service measures it. */
  area_m2: number;
  geometry: Area;
  box: Bounds;
}

export type GridProperties = Omit<Grid, 'geometry' | 'box'>;
export type GridFeature = GeoJSON.Feature<Area, GridProperties>;

/** What a change of a draft came to. */
export interface StepAnswer {
  revision: number;
  grids: GeoJSON.FeatureCollection<Area, GridProperties>;
  retired: string[];
}

export const gridOf = ({ geometry, properties }: GridFeature): Grid => ({
  ...properties,
  geometry,
  box: boxOf(geometry) ?? [0, 0, 0, 0],
});

/** All grids of a draft, and how the grids it changes were before. It never changes itself. */
export class Coverage {
  /** By code, in the order of codes. */
  readonly grids: ReadonlyMap<string, Grid>;
  /** The base's grids that the draft changes or retires. */
  readonly before: ReadonlyMap<string, Grid>;
  /** The draft's grids that are not as in the base. */
  readonly changed: ReadonlySet<string>;

  constructor(
    grids: ReadonlyMap<string, Grid>,
    before: ReadonlyMap<string, Grid>,
    changed: ReadonlySet<string>,
  ) {
    [this.grids, this.before, this.changed] = [grids, before, changed];
  }

  /** `grids` may hold only the changed ones, while the rest is on its way. */
  static of(
    grids: readonly GridFeature[],
    before: readonly GridFeature[],
    changed: Iterable<string>,
  ): Coverage {
    return new Coverage(byCode(grids.map(gridOf)), byCode(before.map(gridOf)), new Set(changed));
  }

  /** The coverage after an operation, told by its own answer. */
  after({ grids: { features }, retired }: Pick<StepAnswer, 'grids' | 'retired'>): Coverage {
    const grids = new Map(this.grids);
    const before = new Map(this.before);
    const changed = new Set(this.changed);
    const keep = (code: string): void => {
      const grid = grids.get(code);
      // As it is before the first change of it, it is as in the base.
      if (grid && !changed.has(code) && !before.has(code)) before.set(code, grid);
    };
    for (const code of retired) {
      keep(code);
      grids.delete(code);
      changed.delete(code);
    }
    for (const feature of features) {
      const grid = gridOf(feature);
      keep(grid.code);
      grids.set(grid.code, grid);
      const was = before.get(grid.code);
      if (was && isSame(was, grid)) {
        before.delete(grid.code);
        changed.delete(grid.code);
      } else changed.add(grid.code);
    }
    return new Coverage(byCode(grids.values()), before, changed);
  }

  /** The base's codes that the draft does not have any more. */
  get retired(): string[] {
    return [...this.before.keys()].filter((code) => !this.grids.has(code));
  }

  /** The coverage of the base version. */
  get base(): Coverage {
    const kept = [...this.grids.values()].filter(({ code }) => !this.changed.has(code));
    return new Coverage(byCode([...kept, ...this.before.values()]), new Map(), new Set());
  }

  /** The grid a place lies in. */
  at(place: Position): Grid | null {
    for (const grid of this.grids.values()) {
      if (isIn(place, grid.box) && holds(grid.geometry, place)) return grid;
    }
    return null;
  }

  /** The grids whose box meets a box. */
  meeting(box: Bounds): Grid[] {
    return [...this.grids.values()].filter((grid) => boxesMeet(grid.box, box));
  }
}

/** Whether two grids are told alike: the service writes a shape that did not change alike. */
export const isSame = (a: Grid, b: Grid): boolean =>
  a.name === b.name &&
  a.kind === b.kind &&
  a.community === b.community &&
  JSON.stringify(a.geometry) === JSON.stringify(b.geometry);

const byCode = (grids: Iterable<Grid>): Map<string, Grid> =>
  new Map(
    [...grids].sort((a, b) => (a.code < b.code ? -1 : 1)).map((grid) => [grid.code, grid] as const),
  );
