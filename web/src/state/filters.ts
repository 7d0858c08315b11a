import { STATE_GROUPS, STATES_OF_GROUP, type StateGroup } from './case_states.ts';
import { type Anchor, DEFAULT_TIME, instantsOf, type TimeRange } from './time_range.ts';

/** What the list and the map show. An empty list of categories or groups means all of them. */
export interface CaseFilter {
  categories: readonly string[];
  groups: readonly StateGroup[];
  time: TimeRange;
}

export const NO_FILTER: CaseFilter = { categories: [], groups: [], time: DEFAULT_TIME };

/** The part of a request that list and tiles have in common, as `GET /api/cases` names it. */
export interface FilterQuery {
  category?: string;
  state?: string;
  from?: string;
  to?: string;
}

export function queryOf(filter: CaseFilter, anchor: Anchor, timeZone: string): FilterQuery {
  const all = filter.groups.length === 0 || filter.groups.length === STATE_GROUPS.length;
  return {
    ...(filter.categories.length > 0 ? { category: [...filter.categories].sort().join(',') } : {}),
    ...(all ? {} : { state: filter.groups.flatMap((group) => STATES_OF_GROUP[group]).join(',') }),
    ...instantsOf(filter.time, anchor, timeZone),
  };
}

export function isDefault(filter: CaseFilter): boolean {
  return (
    filter.categories.length === 0 &&
    filter.groups.length === 0 &&
    'preset' in filter.time &&
    'preset' in DEFAULT_TIME &&
    filter.time.preset === DEFAULT_TIME.preset
  );
}

/** The same list with one value put in or taken out. */
export function toggled<T>(values: readonly T[], value: T): T[] {
  return values.includes(value) ? values.filter((kept) => kept !== value) : [...values, value];
}
