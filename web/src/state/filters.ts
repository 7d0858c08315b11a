import {
  OPEN_GROUPS,
  sameGroups,
  STATE_GROUPS,
  STATES_OF_GROUP,
  type StateGroup,
} from './case_states.ts';
import { type Anchor, instantsOf, type TimeRange } from './time_range.ts';

/** What the list and the map show. An empty list of categories or groups means all of them. */
export interface CaseFilter {
  categories: readonly string[];
  groups: readonly StateGroup[];
  /** Null until somebody chooses: then the states decide, see `timeOf`. */
  time: TimeRange | null;
}

export const NO_FILTER: CaseFilter = { categories: [], groups: OPEN_GROUPS, time: null };

/** The part of a request that list and tiles have in common, as `GET /api/cases` names it. */
export interface FilterQuery {
  category?: string;
  state?: string;
  from?: string;
  to?: string;
}

export function queryOf(filter: CaseFilter, anchor: Anchor, timeZone: string): FilterQuery {
  return {
    ...(filter.categories.length > 0 ? { category: [...filter.categories].sort().join(',') } : {}),
    ...(showsAllStates(filter) ? {} : { state: statesOf(filter.groups).join(',') }),
    ...instantsOf(timeOf(filter), anchor, timeZone),
  };
}

/** An open case is shown however old it is: it waits. Of closed ones the last week is enough. */
export function timeOf({ groups, time }: CaseFilter): TimeRange {
  if (time) return time;
  return { preset: groups.length > 0 && !groups.includes('done') ? 'all' : '7d' };
}

/** Urgent cases come first among those that wait; what is closed is only looked back at. */
export const isUrgentFirst = ({ groups }: CaseFilter): boolean =>
  groups.length > 0 && !groups.includes('done');

export const showsAllStates = ({ groups }: CaseFilter): boolean =>
  groups.length === 0 || groups.length === STATE_GROUPS.length;

export const isDefault = ({ categories, groups, time }: CaseFilter): boolean =>
  categories.length === 0 && sameGroups(groups, OPEN_GROUPS) && time === null;

/** The same list with one value put in or taken out. */
export function toggled<T>(values: readonly T[], value: T): T[] {
  return values.includes(value) ? values.filter((kept) => kept !== value) : [...values, value];
}

const statesOf = (groups: readonly StateGroup[]): string[] =>
  STATE_GROUPS.filter((group) => groups.includes(group)).flatMap((group) => STATES_OF_GROUP[group]);
