import { Loaded } from '../state/loaded.svelte.ts';

import type { OpenAddress } from './address.ts';
import {
  fetchOpenCells,
  fetchOpenData,
  type OpenCell,
  type OpenCells,
  type OpenData,
  type OpenQuery,
} from './answers.ts';
import { breaksBelow, densityOf } from './densities.ts';

/** What the page of open counts shows, and what is chosen in it. */
class OpenView {
  readonly data = new Loaded<OpenData>();
  /** All months of the category: the scale is theirs, so that months can be compared. */
  readonly whole = new Loaded<OpenCells>();
  readonly ofMonth = new Loaded<OpenCells>();

  category = $state<string | null>(null);
  month = $state<string | null>(null);
  cell = $state<string | null>(null);
  hovered = $state<string | null>(null);

  months: string[] = $derived(this.data.value?.months.map(({ month }) => month) ?? []);
  shown: OpenCells | null = $derived(this.month === null ? this.whole.value : this.ofMonth.value);
  /** How many months are added up in what is shown. */
  monthCount: number = $derived(this.month === null ? this.months.length : 1);
  breaks: number[] = $derived.by(() => {
    const features = this.whole.value?.features ?? [];
    const densities = features.map(({ properties }) => densityOf(properties, this.months.length));
    return breaksBelow(Math.max(0, ...densities));
  });
  cells: OpenCell[] = $derived(this.shown?.features.map(({ properties }) => properties) ?? []);
  /** Told cells, most cases first. */
  listed: OpenCell[] = $derived(
    this.cells
      .filter(({ count }) => count !== null && count > 0)
      .sort((a, b) => (b.count ?? 0) - (a.count ?? 0) || a.cell.localeCompare(b.cell)),
  );
  withheld: number = $derived(this.cells.filter(({ count }) => count === null).length);
  total: number = $derived(this.listed.reduce((sum, { count }) => sum + (count ?? 0), 0));
  chosen: OpenCell | null = $derived(this.cells.find(({ cell }) => cell === this.cell) ?? null);
  /** The least count that a release of what is shown may tell. */
  least: number = $derived(
    Math.min(...(this.shown?.months.map(({ least }) => least) ?? [])) || 0,
  );
  query: OpenQuery = $derived({
    ...(this.month === null ? {} : { from: this.month, to: this.month }),
    ...(this.category === null ? {} : { category: this.category }),
  });
  isLoading: boolean = $derived(this.whole.loading || this.ofMonth.loading);

  async open({ month, category, cell }: OpenAddress): Promise<void> {
    await this.data.load(fetchOpenData);
    const data = this.data.value;
    if (!data) return;
    this.category = data.categories.some(({ code }) => code === category) ? category : null;
    this.month = this.months.includes(month ?? '') ? month : null;
    this.cell = cell;
  }

  /** Ask for what is chosen now. */
  async load(category: string | null, month: string | null): Promise<void> {
    const of = category === null ? {} : { category };
    const whole = this.whole.load((signal) => fetchOpenCells(of, signal));
    if (month !== null) {
      const query = { ...of, from: month, to: month };
      await this.ofMonth.load((signal) => fetchOpenCells(query, signal));
    }
    await whole;
  }

  choose(cell: string | null): void {
    this.cell = cell === this.cell ? null : cell;
  }
}

export const view = new OpenView();
