import type { Problem } from '../../api/problem.ts';

/** A sentence of the service in both languages. */
export interface Told {
  zh: string;
  en: string;
}

export interface Named {
  code: string;
  name: string;
}

export type Step = 'day' | 'week' | 'month';

/** Why nothing can be told, e.g. `too_few_cases`; null where something can. */
export type Lack = string | null;

/** `GET /api/hotspots/series`: one cell, step by step. */
export interface SeriesTold {
  cell: string;
  resolution: number;
  step: Step;
  /** The first day of each step, `yyyy-mm-dd`. */
  starts: readonly string[];
  end: string | null;
  counts: readonly number[];
  /** What the cell would have had with its share of the city's cases, and the 95 % range of that. */
  usual: readonly number[];
  low: readonly number[];
  high: readonly number[];
  z: readonly (number | null)[];
  /** ±90, ±95, ±99 or 0. */
  bins: readonly number[];
  class: string | null;
  hot: number;
  cold: number;
  run: number;
  trend_z: number | null;
  trend_p: number | null;
  not_enough_data: Lack;
  withheld: readonly string[];
  told: Told;
}

/** `GET /api/hotspots/rhythm`: seven weekdays, Monday first, by 24 hours. */
export interface RhythmTold {
  counts: readonly (readonly number[])[];
  /** How many hours of the window each was. */
  hours: readonly (readonly number[])[];
  expected: readonly (readonly number[])[];
  /** 1 more than at other hours, -1 fewer, 0 open. */
  stands_out: readonly (readonly number[])[];
  total: number;
  not_enough_data: Lack;
  withheld: readonly string[];
}

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

export interface FindingTold {
  kind: string;
  category: string;
  lng: number;
  lat: number;
  reach_m: number;
  since: string | null;
  last: string;
  cases: number;
  expected: number;
  by_week: readonly number[];
  community: (Named & { township: string }) | null;
  told: Told;
}

/** `GET /api/hotspots/findings`. */
export interface FindingsTold {
  as_of: string;
  findings: readonly FindingTold[];
  not_enough_data: Lack;
  withheld: readonly string[];
}

/** Joined hot cells. */
export interface PlaceTold {
  peak: string;
  cells: readonly string[];
  lng: number;
  lat: number;
  community: Named | null;
  township: Named | null;
  count: number;
  before: number;
  ratio: number | null;
  low: number | null;
  high: number | null;
  z: number | null;
  q: number | null;
  bin: number;
  class: string | null;
  categories: readonly { code: string; count: number }[];
  starts: readonly string[];
  by_step: readonly number[];
}

/** `GET /api/hotspots/places`: strongest first. */
export interface PlacesTold {
  from: string;
  to: string;
  places: readonly PlaceTold[];
  not_enough_data: Lack;
  withheld: readonly string[];
}

/** `GET /api/hotspots/answering`: grids that share ground with the cells, most ground first. */
export interface AnsweringTold {
  grids: readonly {
    code: string;
    name: string;
    kind: string;
    community: Named;
    township: Named;
    /** Of the cells' ground, 0 to 1. */
    share: number;
    staff: { code: string; name: string; role: string } | null;
    staff_rule: number | null;
  }[];
}

/** A row of `GET /api/cases`, as far as the panel shows it. */
export interface CaseTold {
  number: number;
  state: string;
  urgency: string;
  category: string;
  occurred_at: string;
  grid: { code: string; name: string; community: string; township: string } | null;
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
