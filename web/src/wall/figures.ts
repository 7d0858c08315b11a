import type { components } from '../api/schema.gen.ts';
import { OPEN_GROUPS, STATES_OF_GROUP, type StateGroup } from '../state/case_states.ts';

export type DeskFigures = components['schemas']['DeskOut'];
export type OpenGroup = (typeof OPEN_GROUPS)[number];

/** How many open cases wait for what, and how many of them are urgent. */
export function ofGroup(figures: DeskFigures, group: StateGroup): { n: number; urgent: number } {
  let [n, urgent] = [0, 0];
  for (const state of STATES_OF_GROUP[group]) {
    const counts = figures.open[state];
    n += (counts?.normal ?? 0) + (counts?.urgent ?? 0);
    urgent += counts?.urgent ?? 0;
  }
  return { n, urgent };
}

/** The counts of a place by group, in the order of `OPEN_GROUPS`. */
export const splitOf = (byState: Readonly<Record<string, number>>): number[] =>
  OPEN_GROUPS.map((group) =>
    (STATES_OF_GROUP[group] as readonly string[]).reduce(
      (sum, state) => sum + (byState[state] ?? 0),
      0,
    ),
  );

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
