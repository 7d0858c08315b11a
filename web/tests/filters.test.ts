import { expect, test } from 'vitest';

import {
  GROUPS_OF_TAB,
  groupOfState,
  OPEN_GROUPS,
  STATE_GROUPS,
  STATES_OF_GROUP,
  tabOf,
  TABS,
} from '../src/state/case_states.ts';
import { isDefault, isUrgentFirst, NO_FILTER, queryOf, timeOf, toggled } from '../src/state/filters.ts';

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
  const states = 'received,registered,fed_back,verified,evaluated';
  expect(query({ groups: ['new', 'check'] }).state).toBe(states);
  expect(query({ groups: ['check', 'new'] }).state).toBe(states);
});

test('all groups, like none, ask for no state in particular', () => {
  expect(query({ groups: STATE_GROUPS })).toEqual(query({ groups: [] }));
});

test('the tabs show every state but none twice, the first one all that are open', () => {
  const parts = TABS.filter((tab) => tab !== 'open').flatMap((tab) => [...GROUPS_OF_TAB[tab]]);
  expect([...parts].sort()).toEqual([...STATE_GROUPS].sort());
  expect(OPEN_GROUPS).toEqual(STATE_GROUPS.filter((group) => group !== 'done'));
});

test('a tab is known by its groups in any order, another choice is no tab', () => {
  for (const tab of TABS) expect(tabOf([...GROUPS_OF_TAB[tab]].reverse())).toBe(tab);
  expect(tabOf(['new', 'check'])).toBeUndefined();
  expect(tabOf([])).toBeUndefined();
});

test('an open case is shown however old it is, of closed ones the last week', () => {
  expect(timeOf(NO_FILTER)).toEqual({ preset: 'all' });
  expect(timeOf({ ...NO_FILTER, groups: ['new'] })).toEqual({ preset: 'all' });
  expect(timeOf({ ...NO_FILTER, groups: ['done'] })).toEqual({ preset: '7d' });
  expect(timeOf({ ...NO_FILTER, groups: [] })).toEqual({ preset: '7d' });
  expect(timeOf({ ...NO_FILTER, time: { preset: '24h' } })).toEqual({ preset: '24h' });
});

test('urgent cases come first among those that wait', () => {
  expect(isUrgentFirst(NO_FILTER)).toBe(true);
  expect(isUrgentFirst({ ...NO_FILTER, groups: ['done'] })).toBe(false);
  expect(isUrgentFirst({ ...NO_FILTER, groups: [] })).toBe(false);
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
