import type { Answer, Case } from '../../api/client.ts';
import type { Problem } from '../../api/problem.ts';

/** One cell, step by step. */
export type SeriesTold = Answer<'/api/hotspots/series'>;
export type Step = SeriesTold['step'];

/** Seven weekdays, Monday first, by 24 hours. */
export type RhythmTold = Answer<'/api/hotspots/rhythm'>;

/** Joined hot cells, strongest first. */
export type RepeatsTold = Answer<'/api/hotspots/near-repeats'>;
export type PlacesTold = Answer<'/api/hotspots/places'>;
export type PlaceTold = PlacesTold['places'][number];

/** What is getting worse, the least likely first. */
export type FindingsTold = Answer<'/api/hotspots/findings'>;
export type FindingTold = FindingsTold['findings'][number];

/** Grids that share ground with the cells, most ground first, and who answers there now. */
export type AnsweringTold = Answer<'/api/hotspots/answering'>;

/** A community or township. */
export type Named = NonNullable<PlaceTold['community']>;

export type CaseTold = Case;

/** Rates of two periods, of the whole filter or by a key. */
export type ChangeTold = Answer<'/api/hotspots/change'>;

/** The cases behind a count: what has been loaded of them. */
export interface CasesTold {
  rows: readonly CaseTold[];
  total: number;
  capped: boolean;
  hasMore: boolean;
}

/** What the page asked the service: awaited, there, or refused. */
export interface Asked<T> {
  value: T | null;
  problem: Problem | null;
  isLoading: boolean;
}
