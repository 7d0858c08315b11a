import { desk } from '../state/desk.svelte.ts';
import type { MapView } from '../state/address.ts';
import { Loaded } from '../state/loaded.svelte.ts';
import { dayOf, dayPlus } from '../state/time_range.ts';

import type { InsightAddress, Metric, Variant } from './address.ts';
import {
  type CasesMeant,
  type CellsTold,
  type CountsTold,
  type EmergingTold,
  fetchCells,
  fetchDays,
  fetchEmerging,
  fetchRates,
} from './asked.ts';
import { CellIndex } from './cell_figures.ts';
import { type Resolution, resolutionAt, resolutionOf } from './cell_resolution.ts';
import { KeptAnswers } from './kept_answers.ts';
import {
  instantsOfPeriod,
  lengthOf,
  type Period,
  periodBefore,
  USUAL_WEEKS,
  WEEK_DAYS,
  type Week,
  weeksOf,
  weeksUntil,
} from './period.ts';

/** Classes in time are told of so many weeks up to the end of the period, or of all of it. */
const COURSE_WEEKS = 12;
/** More steps the service does not tell of places. */
const MOST_WEEKS = 60;
const KEPT = 40;
const KEPT_MS = 300_000;

/** What the page of hotspots shows: what was chosen, what follows from it, what was answered. */
class Insight {
  metric = $state<Metric>('count');
  variant = $state<Variant>('esri-new');
  categories = $state.raw<readonly string[]>([]);
  channels = $state.raw<readonly string[]>([]);
  #chosenPeriod = $state.raw<Period | null>(null);
  isPair = $state(false);
  pinned = $state<Resolution | null>(null);
  view = $state.raw<MapView | null>(null);
  /** The cell in hand, and the cells that make one place with it. */
  cell = $state<string | null>(null);
  hovered = $state<string | null>(null);
  isPlaying = $state(false);
  /** Whether the first map stands, or there is none to wait for. */
  isDrawn = $state(false);
  /** About what the whole city is shown at, before the map tells. */
  firstZoom = $state(9);

  readonly days = new Loaded<CountsTold>();
  readonly now = new Loaded<CellsTold>();
  readonly before = new Loaded<CellsTold>();
  readonly emerging = new Loaded<EmergingTold>();
  readonly rates = new Loaded<CountsTold>();
  readonly ratesBefore = new Loaded<CountsTold>();

  readonly #cells = new KeptAnswers(
    (query: CasesMeant & { resolution: number }) => fetchCells(query),
    KEPT,
    KEPT_MS,
  );

  /** The last whole day there are cases of. */
  horizon: string = $derived.by(() => {
    const day = dayOf(desk.anchor.at, desk.timeZone);
    return desk.anchor.historic ? day : dayPlus(day, -1);
  });
  period: Period = $derived(this.#chosenPeriod ?? weeksUntil(this.horizon, USUAL_WEEKS));
  former: Period = $derived(periodBefore(this.period));
  /** The weeks that classes in time are told of, on the map, in the table and of a place. */
  courseWeeks: number = $derived(
    Math.min(Math.max(Math.floor(lengthOf(this.period) / WEEK_DAYS), COURSE_WEEKS), MOST_WEEKS),
  );
  course: Period = $derived(weeksUntil(this.period.to, this.courseWeeks));
  resolution: Resolution = $derived(this.pinned ?? resolutionAt(this.view?.zoom ?? this.firstZoom));
  /** Whose cases are meant, at any time. */
  who: CasesMeant = $derived({
    ...(this.categories.length > 0 ? { category: [...this.categories].sort().join(',') } : {}),
    ...(this.channels.length > 0 ? { channel: [...this.channels].sort().join(',') } : {}),
  });
  meant: CasesMeant = $derived({ ...this.who, ...instantsOfPeriod(this.period) });
  meantBefore: CasesMeant = $derived({ ...this.who, ...instantsOfPeriod(this.former) });
  weeks: readonly Week[] = $derived.by(() => {
    const told = this.days.value;
    return told ? weeksOf(told.keys.map(String), told.counts, this.horizon) : [];
  });
  /** The figures of the period's cells by their names. */
  index = $derived(this.now.value && new CellIndex(this.now.value));
  /** Whether the map has its figures, or will not get them. */
  hasFigures: boolean = $derived(this.now.value !== null || this.now.problem !== null);
  /** Whether what comes after the map may be asked for: it is drawn, and its figures are there. */
  mayAskMore: boolean = $derived(this.isDrawn && this.hasFigures && !this.now.loading);
  isDefaultPeriod: boolean = $derived(this.#chosenPeriod === null);

  open(address: InsightAddress): void {
    this.metric = address.metric;
    this.variant = address.variant;
    this.categories = address.categories;
    this.channels = address.channels;
    this.#chosenPeriod = address.period;
    this.isPair = address.isPair;
    this.pinned = address.pinned;
    this.view = address.view;
    this.cell = address.cell;
    // A cell of another resolution is none of the map's: its own is what the link shows.
    if (address.cell && !address.pinned && !address.view) {
      this.pinned = (resolutionOf(address.cell) as Resolution) ?? null;
    }
  }

  /** What a link to this page carries now. */
  address(): Omit<InsightAddress, 'lang'> {
    const { metric, variant, categories, channels, isPair, cell, pinned, view } = this;
    const period = this.#chosenPeriod;
    return { metric, variant, categories, channels, isPair, cell, pinned, view, period };
  }

  setPeriod(period: Period | null): void {
    this.#chosenPeriod = period;
  }

  /** A period of so many days. */
  periodFrom(from: string, days: number): Period {
    return { from, to: dayPlus(from, days - 1) };
  }

  loadDays(): Promise<void> {
    return this.days.load((signal) => fetchDays(this.who, signal));
  }

  /** Counts and significance of a period; what was told lately is not asked for again. */
  loadNow(): Promise<void> {
    const query = { ...this.meant, resolution: this.resolution };
    return this.now.load(() => this.#cells.get(query));
  }

  loadBefore(): Promise<void> {
    const query = { ...this.meantBefore, resolution: this.resolution };
    return this.before.load(() => this.#cells.get(query));
  }

  /** Ask for what will be shown soon. */
  prepare(period: Period): void {
    const query = { ...this.who, ...instantsOfPeriod(period), resolution: this.resolution };
    this.#cells.get(query).catch(() => undefined);
  }

  loadEmerging(): Promise<void> {
    const weeks = instantsOfPeriod(this.course);
    const { variant, resolution } = this;
    const query = { ...this.who, ...weeks, resolution, variant };
    return this.emerging.load((signal) => fetchEmerging(query, signal));
  }

  loadRates(): Promise<void> {
    const query = this.meant;
    return this.rates.load((signal) => fetchRates(query, signal));
  }

  loadRatesBefore(): Promise<void> {
    const query = this.meantBefore;
    return this.ratesBefore.load((signal) => fetchRates(query, signal));
  }
}

export const insight = new Insight();
