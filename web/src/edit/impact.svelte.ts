import { Loaded } from '../state/loaded.svelte.ts';

import type { Coverage, Grid } from './coverage.ts';
import type { Impact } from './drafts.ts';
import type { Area } from './shapes.ts';

export type Figures = Impact['after'][number];
type Move = Impact['moves'][number];

/** What publishing would do to one grid; one side is missing of a grid that comes or goes. */
export interface GridImpact {
  code: string;
  name: string;
  before: Figures | undefined;
  after: Figures | undefined;
  /** Where its ground came from, or goes to: the largest share first. */
  others: { code: string; share: number }[];
  /** Cases, assignments and duties in it that go to somebody else. */
  hands: number;
}

/** Things of one kind that go from one person to another; null is nobody. */
export interface Handing {
  holder: string;
  from: Move['person_from'];
  to: Move['person_to'];
  moves: Move[];
}

/** A grid got no more than a corner of its neighbour's new edge. */
const SAME_M2 = 0.5;
/** Less of it than this is the width of a line. */
const LEAST_SHARE = 0.005;

export const isHanded = ({ person_from, person_to }: Move): boolean =>
  person_from?.code !== person_to?.code;

/** The grids that a draft changes, as publishing would: a grid that only got a corner is none. */
export function gridsOf({ before, after, lineage, moves }: Impact): GridImpact[] {
  const was = new Map(before.map((grid) => [grid.code, grid]));
  const becomes = new Map(after.map((grid) => [grid.code, grid]));
  const handed = moves.filter(isHanded);
  const codes = [...new Set([...becomes.keys(), ...was.keys()])].sort();
  return codes.flatMap((code) => {
    const [old, now] = [was.get(code), becomes.get(code)];
    const hands = handed.filter((move) => (now ? move.grid_to : move.grid_from) === code).length;
    if (old && now && hands === 0 && isSame(old, now)) return [];
    const others = lineage
      .filter((row) => (now ? row.new === code && row.old !== code : row.old === code))
      .map((row) => ({
        code: now ? row.old : row.new,
        share: row.households_share ?? row.area_share,
      }))
      .filter(({ share }) => share >= LEAST_SHARE)
      .sort((a, b) => b.share - a.share);
    return [{ code, name: (now ?? old)?.name ?? '', before: old, after: now, others, hands }];
  });
}

const isSame = (a: Figures, b: Figures): boolean =>
  Math.abs(a.area_m2 - b.area_m2) < SAME_M2 && a.name === b.name && a.community === b.community;

/** What goes to somebody else, by person: the most first. */
export function handings({ moves }: Impact): Handing[] {
  const found = new Map<string, Handing>();
  for (const move of moves.filter(isHanded)) {
    const { holder, person_from: from, person_to: to } = move;
    const key = [holder, from?.code ?? '', to?.code ?? ''].join('\n');
    const known = found.get(key);
    if (known) known.moves.push(move);
    else found.set(key, { holder, from, to, moves: [move] });
  }
  return [...found.values()].sort((a, b) => b.moves.length - a.moves.length);
}

/** A grid on the map of the impact. */
export interface Shaded {
  code: string;
  area: Area;
  figures: Figures;
  hands: number;
}

/** The impact of the draft in hand, and what of it the map shows. */
class ImpactInHand {
  readonly told = new Loaded<Impact>();
  /** Which side the map shows; null while the impact is not looked at. */
  side = $state<'before' | 'after' | null>(null);
  /** What goes from one person to another, when that is looked at: its grids alone are shaded. */
  handing = $state.raw<Handing | null>(null);

  grids: GridImpact[] = $derived(this.told.value ? gridsOf(this.told.value) : []);
  handings: Handing[] = $derived(this.told.value ? handings(this.told.value) : []);
  /** What stays with the same person under another grid's code. */
  kept: Move[] = $derived(this.told.value?.moves.filter((move) => !isHanded(move)) ?? []);

  /** The grids of the side that is shown, with how much of each goes to somebody else. */
  shaded(coverage: Coverage): Shaded[] {
    const { side, told, handing } = this;
    if (!side || !told.value) return [];
    const moves = handing ? handing.moves : told.value.moves.filter(isHanded);
    const codeOf = (move: Move): string | null => (side === 'after' ? move.grid_to : move.grid_from);
    return this.grids.flatMap(({ code, [side]: figures }) => {
      const hands = moves.filter((move) => codeOf(move) === code).length;
      const grid = gridOn(side, code, coverage);
      if (!grid || !figures || (handing && hands === 0)) return [];
      return [{ code, area: grid.geometry, figures, hands }];
    });
  }
}

const gridOn = (side: 'before' | 'after', code: string, coverage: Coverage): Grid | undefined =>
  side === 'before'
    ? (coverage.before.get(code) ?? coverage.grids.get(code))
    : coverage.grids.get(code);

export const impact = new ImpactInHand();
