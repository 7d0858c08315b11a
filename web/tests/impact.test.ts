import { describe, expect, it } from 'vitest';

import { curveOf, CURVE } from '../src/edit/curve.ts';
import { type Figures, gridsOf, handings } from '../src/edit/impact.svelte.ts';
import type { Impact } from '../src/edit/drafts.ts';

const figures = (code: string, area_m2: number): Figures => ({
  code,
  name: `Grid ${code}`,
  kind: 'base',
  community: 'c',
  township: 't',
  area_m2,
  households: null,
  population: null,
  load: 0,
  staff: 0,
});
const person = (code: string) => ({ code, name: code });
const move = (from: string | null, to: string | null, grids: [string, string], row_id = 1) => ({
  holder: 'cases',
  row_id,
  person_from: from ? person(from) : null,
  person_to: to ? person(to) : null,
  role: null,
  grid_from: grids[0],
  grid_to: grids[1],
  start: null,
  stop: null,
});
const split: Impact = {
  at: '2026-01-01T00:00:00Z',
  before: [figures('a', 100), figures('n', 50)],
  after: [figures('a1', 60), figures('a2', 40), figures('n', 50.1)],
  lineage: [
    { old: 'a', new: 'a1', area_m2: 60, area_share: 0.6, households: null, households_share: null },
    { old: 'a', new: 'a2', area_m2: 40, area_share: 0.4, households: null, households_share: null },
  ],
  moves: [
    move('p', 'p', ['a', 'a1'], 1),
    move('p', 'q', ['a', 'a2'], 2),
    move('p', 'q', ['a', 'a2'], 3),
    move('p', null, ['a', 'a2'], 4),
  ],
  by_person: [],
} as unknown as Impact;

describe('the impact of a draft', () => {
  it('leaves out a grid that only got a corner of the new edge', () => {
    expect(gridsOf(split).map(({ code }) => code)).toEqual(['a', 'a1', 'a2']);
  });

  it('says where the ground of a gone grid goes, and where that of a new one came from', () => {
    const [gone, first] = gridsOf(split);
    expect(gone?.others.map(({ code, share }) => [code, share])).toEqual([
      ['a1', 0.6],
      ['a2', 0.4],
    ]);
    expect(first?.others.map(({ code }) => code)).toEqual(['a']);
  });

  it('counts only what goes to somebody else, with nobody as one', () => {
    expect(gridsOf(split).map(({ hands }) => hands)).toEqual([3, 0, 3]);
    expect(handings(split).map(({ to, moves }) => [to?.code ?? '', moves.length])).toEqual([
      ['q', 2],
      ['', 1],
    ]);
  });

  it('tells of a grid that stays as it is when something in it goes to somebody else', () => {
    const moves = [...split.moves, ...([move('p', 'q', ['n', 'n'], 5)] as Impact['moves'])];
    expect(gridsOf({ ...split, moves }).map(({ code }) => code)).toContain('n');
  });
});

describe('the curve of what moves for how even', () => {
  const plans = [
    { moved: 0, deviation: 0.4 },
    { moved: 50, deviation: 0.1 },
    { moved: 200, deviation: 0.02 },
  ];

  it('begins at the head of its axis and ends at the far side', () => {
    const { at } = curveOf(plans);
    expect(at(plans[0]!)).toEqual([CURVE.left, CURVE.top]);
    expect(at(plans[2]!)[0]).toBe(CURVE.width - CURVE.right);
  });

  it('goes down in steps, for between two plans there is none', () => {
    const places = curveOf(plans).line.split(' ').map((place) => place.split(',').map(Number));
    for (const [i, [x, y]] of places.entries()) {
      const [before, height] = places[i - 1] ?? [x, y];
      expect(x === before || y === height).toBe(true);
      expect(y!).toBeGreaterThanOrEqual(height!);
    }
  });
});
