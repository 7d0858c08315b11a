import type { Coverage, Grid } from './coverage.ts';

/** What the draft does to one grid. */
export interface Change {
  code: string;
  name: string;
  community: string;
  kind: 'new' | 'gone' | 'shape' | 'words';
  /** Square metres; null of a grid that is not there. */
  before: number | null;
  after: number | null;
}

/** Below this a shape is the same: it only got the corner of a neighbour's new edge. */
const SAME_M2 = 0.05;

/** The grids that the draft changes; those that only got a corner more are left out. */
export function changesOf(coverage: Coverage): Change[] {
  const changes: Change[] = [];
  for (const code of coverage.changed) {
    const grid = coverage.grids.get(code);
    if (!grid) continue;
    const was = coverage.before.get(code);
    const after = grid.area_m2;
    const before = was ? was.area_m2 : null;
    const kind = was === undefined ? 'new' : kindOf(was, grid, Math.abs(after - (before ?? 0)));
    if (kind) changes.push({ ...told(grid), kind, before, after });
  }
  for (const code of coverage.retired) {
    const grid = coverage.before.get(code);
    if (grid) changes.push({ ...told(grid), kind: 'gone', before: grid.area_m2, after: null });
  }
  return changes.sort((a, b) => (a.code < b.code ? -1 : 1));
}

function kindOf(was: Grid, grid: Grid, awayM2: number): Change['kind'] | null {
  if (awayM2 > SAME_M2) return 'shape';
  const isSame = was.name === grid.name && was.kind === grid.kind && was.community === grid.community;
  return isSame ? null : 'words';
}

const told = ({ code, name, community }: Grid): Pick<Change, 'code' | 'name' | 'community'> => ({
  code,
  name,
  community,
});
