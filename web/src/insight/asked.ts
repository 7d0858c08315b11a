import { type Answer, answer, client } from '../api/client.ts';
import type { paths } from '../api/schema.gen.ts';

import type { Variant } from './address.ts';

/** The filter of a question, as the service names its parts. */
export type CasesMeant = Pick<
  NonNullable<paths['/api/hotspots/cells']['get']['parameters']['query']>,
  'category' | 'channel' | 'from' | 'to' | 'cell'
>;

export type CellsTold = Answer<'/api/hotspots/cells'>;
export type EmergingTold = Answer<'/api/hotspots/emerging'>;
export type CountsTold = Answer<'/api/hotspots/counts'>;

export const fetchCells = (
  query: CasesMeant & { resolution: number },
  signal?: AbortSignal,
): Promise<CellsTold> =>
  answer(client.GET('/api/hotspots/cells', { params: { query }, ...(signal ? { signal } : {}) }));

export const fetchEmerging = (
  query: CasesMeant & { resolution: number; variant: Variant },
  signal: AbortSignal,
): Promise<EmergingTold> =>
  answer(client.GET('/api/hotspots/emerging', { params: { query }, signal }));

/** Cases of each day there are. */
export const fetchDays = (query: CasesMeant, signal: AbortSignal): Promise<CountsTold> =>
  answer(
    client.GET('/api/hotspots/counts', { params: { query: { ...query, by: 'day' } }, signal }),
  );

/** Cases for a household of each community. */
export const fetchRates = (query: CasesMeant, signal: AbortSignal): Promise<CountsTold> =>
  answer(
    client.GET('/api/hotspots/counts', {
      params: { query: { ...query, by: 'community', per: 'households' } },
      signal,
    }),
  );
