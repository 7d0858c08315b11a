import { expect, test } from 'vitest';

import { groupOfState, STATE_GROUPS, STATES_OF_GROUP } from '../src/state/case_states.ts';
import { isDefault, NO_FILTER, queryOf, toggled } from '../src/state/filters.ts';

const ANCHOR = { at: Date.parse('2026-11-22T00:00:00Z'), historic: false };
const query = (filter: Partial<typeof NO_FILTER>) =>
  queryOf({ ...NO_FILTER, time: { preset: 'all' }, ...filter }, ANCHOR, 'UTC');

test('every state of the loop is in exactly one group, and found there', () => {
  const states = STATE_GROUPS.flatMap((group) => [...STATES_OF_GROUP[group]]);
  expect(new Set(states).size).toBe(states.length);
  for (const group of STATE_GROUPS) {
    for (const state of STATES_OF_GROUP[group]) expect(groupOfState(state)).toBe(group);
  }
});

test('a state the page does not know asks nobody to act', () => {
  expect(groupOfState('of_next_year')).toBe('done');
});

test('a chosen group asks for its states', () => {
  expect(query({ groups: ['new', 'check'] }).state).toBe('received,registered,fed_back');
});

test('all groups, like none, ask for no state in particular', () => {
  expect(query({ groups: STATE_GROUPS })).toEqual(query({ groups: [] }));
});

test('the order of choosing does not change the request', () => {
  const one = query({ categories: ['noise', 'litter'] });
  expect(one).toEqual(query({ categories: ['litter', 'noise'] }));
  expect(one.category).toBe('litter,noise');
});

test('what is toggled twice is as before', () => {
  const chosen = ['a', 'b'];
  expect(toggled(toggled(chosen, 'c'), 'c')).toEqual(chosen);
  expect(toggled(chosen, 'a')).toEqual(['b']);
});

test('any choice at all is no longer the default', () => {
  expect(isDefault(NO_FILTER)).toBe(true);
  expect(isDefault({ ...NO_FILTER, groups: ['new'] })).toBe(false);
  expect(isDefault({ ...NO_FILTER, categories: ['noise'] })).toBe(false);
  expect(isDefault({ ...NO_FILTER, time: { preset: 'all' } })).toBe(false);
  expect(isDefault({ ...NO_FILTER, time: { days: { from: '2026-01-01', to: '' } } })).toBe(false);
});
