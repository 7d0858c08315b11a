import type { Answer, Case } from '../../api/client.ts';
import type { Problem } from '../../api/problem.ts';

/** Why nothing can be told, e.g. `too_few_cases`; null where something can. */
export type Lack = string | null;

/** One cell, step by step. */
export type SeriesTold = Answer<'/api/hotspots/series'>;
export type Step = SeriesTold['step'];

/** Seven weekdays, Monday first, by 24 hours. */
export type RhythmTold = Answer<'/api/hotspots/rhythm'>;

/** Joined hot cells, strongest first. */
export type PlacesTold = Answer<'/api/hotspots/places'>;
export type PlaceTold = PlacesTold['places'][number];

/** What is getting worse, the least likely first. */
export type FindingsTold = Answer<'/api/hotspots/findings'>;
export type FindingTold = FindingsTold['findings'][number];

/** Grids that share ground with the cells, most ground first, and who answers there now. */
export type AnsweringTold = Answer<'/api/hotspots/answering'>;

/** A community or township. */
export type Named = NonNullable<PlaceTold['community']>;

/** A sentence of the service in both languages. */
export type Told = SeriesTold['told'];

export type CaseTold = Case;

/** The days of a period. */
export interface PeriodTold {
  from: string;
  to: string;
  days: number;
}

/** `GET /api/hotspots/change`: rates of two periods, of the whole filter or by a key. */
export interface ChangeTold {
  by: string;
  before: PeriodTold;
  after: PeriodTold;
  keys: readonly string[];
  before_counts: readonly number[];
  after_counts: readonly number[];
  ratio: readonly (number | null)[];
  low: readonly (number | null)[];
  /** Null where there is no upper bound. */
  high: readonly (number | null)[];
  p: readonly (number | null)[];
  q: readonly (number | null)[];
  not_enough_data: readonly Lack[];
  /** Of `by=all`. */
  told?: Told | null;
  withheld: readonly string[];
}

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

export const NOT_ASKED: Asked<never> = { value: null, problem: null, isLoading: false };
