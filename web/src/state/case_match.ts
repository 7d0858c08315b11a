import type { Case } from '../api/client.ts';
import type { Bounds } from '../map/areas.ts';

import type { FilterQuery } from './filters.ts';

/** What a list asked the service for: its filter, and the view it lies in. */
export interface ListQuery extends FilterQuery {
  bbox: string;
}

/** Whether a list that asked for this would hold the case; the service filters by the same rules. */
export function matches(query: ListQuery, found: Case): boolean {
  const at = Date.parse(found.occurred_at);
  return (
    isOneOf(query.state, found.state) &&
    isOneOf(query.category, found.category) &&
    (query.from === undefined || at >= Date.parse(query.from)) &&
    (query.to === undefined || at < Date.parse(query.to)) &&
    lies(found, query.bbox.split(',').map(Number) as unknown as Bounds)
  );
}

const isOneOf = (words: string | undefined, word: string): boolean =>
  words === undefined || words.split(',').includes(word);

/** A case whose place is kept back could lie anywhere; only the service can tell. */
function lies({ lng, lat }: Case, [west, south, east, north]: Bounds): boolean {
  if (lng === null || lat === null) return false;
  return lng >= west && lng <= east && lat >= south && lat <= north;
}
