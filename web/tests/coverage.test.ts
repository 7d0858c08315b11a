import { describe, expect, test } from 'vitest';

import { areaM2, metresPerDegree } from '../src/edit/area.ts';
import { changesOf } from '../src/edit/changes.ts';
import { cornersOf, withCornerMoved } from '../src/edit/corners.ts';
import { Coverage, type GridFeature } from '../src/edit/coverage.ts';
import { edgesNotIn, edgesOf, neighboursOf, type SharedEdge } from '../src/edit/edges.ts';
import { figuresOf, operationOf } from '../src/edit/gestures.ts';
import { holds, insidePlace, type Position, ringsOf } from '../src/edit/shapes.ts';
import { rounded, snap } from '../src/edit/snapping.ts';
import { splitPreview } from '../src/edit/split_preview.ts';

const [WEST, SOUTH, STEP] = [121, 30, 0.01];
/** The service measures in a projection, by which all is somewhat larger. */
const STRETCH = 1.0003;

/** Three by three squares, two communities: the left column, and the others in another township. */
function square(column: number, row: number): GridFeature {
  const at = (x: number, y: number): Position =>
    rounded([WEST + (column + x) * STEP, SOUTH + (row + y) * STEP]);
  const ring = [at(0, 0), at(1, 0), at(1, 1), at(0, 1), at(0, 0)];
  const geometry = { type: 'Polygon' as const, coordinates: [ring.map(([x, y]) => [x, y])] };
  return {
    type: 'Feature',
    properties: {
      code: `g${column}${row}`,
      name: '',
      kind: 'base',
      community: column === 0 ? 'c0' : `c1${row}`,
      township: column === 0 ? 't0' : 't1',
      area_m2: STRETCH * areaM2(geometry),
    },
    geometry,
  };
}

const NINE = [0, 1, 2].flatMap((column) => [0, 1, 2].map((row) => square(column, row)));
const city = Coverage.of(NINE, [], []);
const grid = (code: string) => city.grids.get(code)!;
const all = [...city.grids.values()];
const collection = (features: GridFeature[]) => ({ type: 'FeatureCollection' as const, features });

/** An edge whichever way its lines run. */
const undirected = ({ codes, level, lines }: SharedEdge) => ({
  codes,
  level,
  stretches: lines.flatMap(stretchesOf).sort(),
});

const stretchesOf = (line: readonly Position[]): string[] =>
  line.slice(1).map((to, i) => [line[i]!.join(), to.join()].sort().join(' '));

describe('edges', () => {
  const edges = edgesOf(all, all);

  test('each stretch is told once', () => {
    const stretches = edges.flatMap(({ lines }) => lines.flatMap(stretchesOf));
    expect(new Set(stretches).size).toBe(stretches.length);
    // Three by three squares: 24 sides.
    expect(stretches).toHaveLength(24);
  });

  test('an edge has the highest level it belongs to', () => {
    const level = (a: string, b: string) =>
      edges.find(({ codes }) => codes[0] === a && codes[1] === b)?.level;
    expect(level('g00', '')).toBe('city');
    expect(level('g00', 'g10')).toBe('township');
    expect(level('g00', 'g01')).toBe('grid');
    expect(level('g10', 'g11')).toBe('community');
    expect(level('g00', 'g11')).toBeUndefined();
  });

  test('the edges of a few grids are the same lines as in the whole', () => {
    const some = edgesOf([grid('g11')], city.meeting(grid('g11').box));
    const whole = edges.map(undirected);
    for (const edge of some) expect(whole).toContainEqual(undirected(edge));
    expect(some).toHaveLength(4);
  });

  test('neighbours share an edge; a common corner is not enough', () => {
    expect(neighboursOf(city, grid('g11')).map(({ code }) => code)).toEqual([
      'g01',
      'g10',
      'g12',
      'g21',
    ]);
  });

  test('an edge that only got a corner more is no other edge', () => {
    const middle = rounded([WEST + 1.5 * STEP, SOUTH + STEP]);
    const bent = withCornerMoved(grid('g11'), middle, middle);
    expect(ringsOf(bent.geometry)[0]).toHaveLength(6);
    expect(edgesNotIn([bent], [grid('g11')])).toEqual([]);
  });
});

describe('after an operation', () => {
  const moved = withCornerMoved(
    grid('g00'),
    rounded([WEST + STEP, SOUTH + STEP]),
    rounded([WEST + 1.1 * STEP, SOUTH + STEP]),
  );
  const area_m2 = STRETCH * areaM2(moved.geometry);
  const feature: GridFeature = {
    ...square(0, 0),
    properties: { ...square(0, 0).properties, area_m2 },
    geometry: moved.geometry,
  };
  const made: GridFeature = {
    ...square(2, 2),
    properties: { ...square(2, 2).properties, code: 'new' },
  };
  const after = city.after({ grids: collection([feature, made]), retired: ['g22'] });

  test('what changed is told beside what was', () => {
    expect([...after.changed].sort()).toEqual(['g00', 'new']);
    expect([...after.before.keys()].sort()).toEqual(['g00', 'g22']);
    expect(after.retired).toEqual(['g22']);
    const kinds = changesOf(after).map(({ code, kind }) => [code, kind]);
    expect(kinds).toEqual([
      ['g00', 'shape'],
      ['g22', 'gone'],
      ['new', 'new'],
    ]);
  });

  test('its base is the coverage before', () => {
    expect([...after.base.grids.keys()]).toEqual([...city.grids.keys()]);
    for (const [code, was] of after.base.grids) expect(was.geometry).toEqual(grid(code).geometry);
  });

  test('what is undone is as in the base again', () => {
    const undone = after.after({ grids: collection([square(0, 0), square(2, 2)]), retired: ['new'] });
    expect(undone.changed.size).toBe(0);
    expect(undone.before.size).toBe(0);
    expect([...undone.grids.keys()]).toEqual([...city.grids.keys()]);
  });

  test('the coverage it came from stays as it was', () => {
    expect(city.grids.has('g22')).toBe(true);
    expect(city.changed.size).toBe(0);
  });
});

test('a node is shared by three and more, a corner of the outline is fixed', () => {
  const corners = cornersOf(city, grid('g11'));
  expect(corners).toHaveLength(4);
  for (const { codes, isFixed } of corners) {
    expect(codes).toHaveLength(4);
    expect(isFixed).toBe(false);
  }
  expect(cornersOf(city, grid('g00')).filter(({ isFixed }) => isFixed)).toHaveLength(3);
});

describe('snapping', () => {
  test('a place has the nine decimals of the service', () => {
    for (const [lng, lat] of [...all].flatMap(({ geometry }) => ringsOf(geometry).flat())) {
      expect(String(lng)).toMatch(/^\d+(\.\d{1,9})?$/);
      expect(String(lat)).toMatch(/^\d+(\.\d{1,9})?$/);
    }
  });

  test('a corner draws before the edge that is nearer', () => {
    const near: Position = [WEST + STEP + 0.00008, SOUTH + STEP + 0.00001];
    const found = snap(all, near, 10);
    expect(found?.kind).toBe('corner');
    expect(found?.at).toEqual(rounded([WEST + STEP, SOUTH + STEP]));
    expect([...(found?.codes ?? [])].sort()).toEqual(['g00', 'g01', 'g10', 'g11']);
  });

  test('an edge gives its nearest place, and both grids that have it', () => {
    const found = snap(all, [WEST + 0.5 * STEP, SOUTH + STEP + 0.00005], 10);
    expect(found?.kind).toBe('edge');
    expect(found?.at[1]).toBeCloseTo(SOUTH + STEP, 9);
    expect(found?.codes).toEqual(['g00', 'g01']);
  });

  test('beyond its reach there is nothing', () => {
    expect(snap(all, [WEST + 0.5 * STEP, SOUTH + 0.5 * STEP], 10)).toBeNull();
  });
});

describe('measures', () => {
  test('an area on the ellipsoid is that of the degrees it spans', () => {
    const [lngM, latM] = metresPerDegree(SOUTH + STEP / 2);
    expect(areaM2(grid('g00').geometry) / (lngM * STEP * latM * STEP)).toBeCloseTo(1, 7);
  });

  test('the whole earth has its known area', () => {
    const ring = [-180, -90, 0, 90, 180].map((lng) => [lng, -90]);
    const back = [180, 90, 0, -90, -180].map((lng) => [lng, 90]);
    const earth = { type: 'Polygon' as const, coordinates: [[...ring, ...back, ring[0]!]] };
    expect(areaM2(earth) / 510_065_621.724e6).toBeCloseTo(1, 9);
  });

  test('a name stands inside its area, also in a horseshoe', () => {
    const horseshoe: GeoJSON.Polygon = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [10, 0],
          [10, 10],
          [7, 10],
          [7, 2],
          [3, 2],
          [3, 10],
          [0, 10],
          [0, 0],
        ],
      ],
    };
    expect(holds(horseshoe, insidePlace(horseshoe))).toBe(true);
  });
});

describe('a line across a grid', () => {
  const line: Position[] = [
    rounded([WEST, SOUTH + 0.3 * STEP]),
    rounded([WEST + 0.4 * STEP, SOUTH + 0.6 * STEP]),
    rounded([WEST + STEP, SOUTH + 0.3 * STEP]),
  ];

  test('shows two pieces that are the grid together', () => {
    for (const drawn of [line, [...line].reverse()]) {
      const pieces = splitPreview(grid('g00'), drawn)!;
      const sizes = pieces.map(areaM2);
      expect(sizes[0]! + sizes[1]!).toBeCloseTo(areaM2(grid('g00').geometry), 3);
      expect(Math.min(...sizes)).toBeGreaterThan(0);
    }
  });

  test('shows nothing while its end is inside', () => {
    expect(splitPreview(grid('g00'), line.slice(0, 2))).toBeNull();
  });

  const drawn = { type: 'LineString' as const, coordinates: line.map(([x, y]) => [x, y]) };

  test('splits the grid it lies in, whichever is selected', () => {
    for (const chosen of [[], [grid('g00')], [grid('g22')]]) {
      expect(operationOf('split', drawn, city, chosen)).toMatchObject({ op: 'split', grid: 'g00' });
    }
    const figures = figuresOf('split', drawn, city, []);
    expect(figures).toHaveLength(2);
    const together = figures.reduce((sum, { after }) => sum + after, 0);
    expect(together / grid('g00').area_m2).toBeCloseTo(1, 9);
  });

  test('moves an edge with the other tool', () => {
    expect(operationOf('stretch', drawn, city, [])).toEqual({ op: 'move_boundary', line: drawn });
  });
});

test('an area goes to the one grid selected, and to none of several', () => {
  const area = square(1, 1).geometry as GeoJSON.Polygon;
  expect(operationOf('transfer', area, city, [grid('g00')])).toEqual({
    op: 'transfer',
    to: 'g00',
    area,
  });
  expect(operationOf('redraw', area, city, [grid('g00')])).toMatchObject({ op: 'redraw' });
  expect(operationOf('transfer', area, city, [grid('g00'), grid('g01')])).toBeNull();
  // A carved grid waits for its name.
  expect(operationOf('carve', area, city, [grid('g00')])).toBeNull();
});
