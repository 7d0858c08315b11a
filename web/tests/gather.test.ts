import { describe, expect, test } from 'vitest';

import { spotOf } from '../src/map/case_tiles.ts';
import { gather, type Spot } from '../src/map/gather.ts';
import { Plane } from '../src/map/plane.ts';
import { ringsByTownship } from '../src/map/township_rings.ts';
import { clusterDiameterPx } from '../src/symbols/cluster_symbol.ts';

/** A small generator with a seed (mulberry32), so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const STATES = ['received', 'handling', 'fed_back', 'suspended', 'closed', 'historic'];

function cases(count: number, seed: number): Spot[] {
  const next = random(seed);
  return Array.from({ length: count }, (_, number) =>
    spotOf(121 + next() * 0.4, 29.9 + next() * 0.3, {
      n: 1,
      number: number + 1,
      state: STATES[Math.floor(next() * STATES.length)] as string,
      urgency: 'normal',
    }),
  );
}

const sum = (spots: readonly Spot[]): number => spots.reduce((all, { n }) => all + n, 0);
const sumOfSplits = (spots: readonly Spot[]): number =>
  spots.flatMap(({ split }) => split).reduce((all, part) => all + part, 0);

describe.each([8, 9.5, 11, 12.5, 13, 15])('gathered at zoom %d', (zoom) => {
  const spots = cases(600, zoom * 10);
  const gathered = gather(spots, zoom);

  test('no case is lost or counted twice', () => {
    expect(sum(gathered)).toBe(spots.length);
    expect(sumOfSplits(gathered)).toBe(spots.length);
  });

  test('a single case keeps its own place and number', () => {
    const byNumber = new Map(spots.map((spot) => [spot.single?.number, spot]));
    for (const spot of gathered.filter(({ n }) => n === 1)) {
      const own = byNumber.get(spot.single?.number) as Spot;
      expect(spot.lng).toBeCloseTo(own.lng, 9);
      expect(spot.lat).toBeCloseTo(own.lat, 9);
    }
  });

  test('a cluster is nobody in particular', () => {
    for (const spot of gathered.filter(({ n }) => n > 1)) expect(spot.single).toBeNull();
  });

  test('a disc covers no other symbol by more than its rim', () => {
    const plane = new Plane(zoom);
    const drawn = gathered.map((spot) => ({ ...plane.pixel(spot.lng, spot.lat), n: spot.n }));
    drawn.forEach((a, i) => {
      drawn.slice(i + 1).forEach((b) => {
        if (a.n === 1 && b.n === 1) return;
        // Heaps move a little as they take others in, so discs may come to touch.
        const least =
          0.7 *
          ((a.n > 1 ? clusterDiameterPx(a.n) / 2 : 0) + (b.n > 1 ? clusterDiameterPx(b.n) / 2 : 0));
        expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(least);
      });
    });
  });

  test('the order of the tiles does not matter', () => {
    const places = (of: readonly Spot[]): string[] =>
      of.map(({ lng, lat, n }) => `${lng.toFixed(7)} ${lat.toFixed(7)} ${n}`).sort();
    expect(places(gather([...spots].reverse(), zoom))).toEqual(places(gathered));
  });
});

test('cases on one spot stay together however close one looks', () => {
  const stack = Array.from({ length: 5 }, () => cases(1, 3)[0] as Spot);
  expect(gather(stack, 18).map(({ n }) => n)).toEqual([5]);
});

test('the states of a gathered spot are read off its tile', () => {
  const spot = spotOf(0, 0, { n: 10, received: 1, registered: 2, handling: 3, closed: 4 });
  expect(spot.split).toEqual([3, 3, 0, 4]);
});

describe('one ring per township', () => {
  const square = (code: string, west: number): Parameters<typeof ringsByTownship>[1][number] => ({
    code,
    name: code,
    rings: [
      [
        [west, 29.9],
        [west + 0.2, 29.9],
        [west + 0.2, 30.2],
        [west, 30.2],
        [west, 29.9],
      ],
    ],
  });
  const pieces = [square('A', 121), square('B', 121.2)];
  const labels = [
    { code: 'A', name: 'A', lng: 121.1, lat: 30.05 },
    { code: 'B', name: 'B', lng: 121.3, lat: 30.05 },
  ];

  test('counts what lies in it, and leaves what lies in none', () => {
    const inside = cases(300, 5);
    const outside = cases(40, 6).map((spot) => ({ ...spot, lng: spot.lng + 1 }));
    const { rings, others } = ringsByTownship([...inside, ...outside], pieces, labels, 9);
    const inA = inside.filter(({ lng }) => lng < 121.2).length;
    expect(rings.map(({ cases: ring }) => ring?.n)).toEqual([inA, 300 - inA]);
    expect(sum(others)).toBe(40);
  });

  test('a spot goes to the township the service says, wherever its middle lies', () => {
    const inside = cases(300, 5).map((spot) => ({ ...spot, township: 'B' }));
    const { rings } = ringsByTownship(inside, pieces, labels, 9);
    expect(rings.map(({ cases: ring }) => ring?.n)).toEqual([undefined, 300]);
  });

  test('rings that would cover each other are pushed apart', () => {
    const close = labels.map((label, i) => ({ ...label, lng: 121.19 + i * 0.02 }));
    const { rings } = ringsByTownship(cases(300, 7), pieces, close, 9);
    const plane = new Plane(9);
    const [a, b] = rings.map(({ lng, lat }) => plane.pixel(lng, lat));
    expect(Math.hypot(a!.x - b!.x, a!.y - b!.y)).toBeGreaterThan(50);
  });

  test('a township without cases keeps its name and has no ring', () => {
    const { rings } = ringsByTownship([], pieces, labels, 9);
    expect(rings.map(({ name, cases: ring }) => [name, ring])).toEqual([
      ['A', null],
      ['B', null],
    ]);
  });
});
