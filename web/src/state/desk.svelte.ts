import {
  type Case,
  type CaseDetail,
  type City,
  fetchCase,
  fetchCity,
  fetchGrid,
  fetchOpenCounts,
  type GridShape,
  locate,
  type Located,
  type OpenCounts,
} from '../api/client.ts';
import type { Bounds } from '../map/areas.ts';

import type { Address, MapView, Selection } from './address.ts';
import { CaseList } from './case_list.svelte.ts';
import { type CaseFilter, isUrgentFirst, NO_FILTER, queryOf } from './filters.ts';
import { Loaded } from './loaded.svelte.ts';
import { type Anchor, anchorOf } from './time_range.ts';

const ANCHOR_STEP_MS = 600_000;

/** What the live desk shows and what is chosen in it: one state for the list, the map, the drawer. */
class Desk {
  readonly city = new Loaded<City>();
  readonly list = new CaseList();
  readonly counts = new Loaded<OpenCounts>();
  readonly chosenCase = new Loaded<CaseDetail>();
  readonly chosenPlace = new Loaded<Located>();
  readonly chosenGrid = new Loaded<GridShape>();

  filter = $state.raw<CaseFilter>(NO_FILTER);
  view = $state.raw<MapView | null>(null);
  bounds = $state.raw<Bounds | null>(null);
  selection = $state.raw<Selection | null>(null);
  /** The case the pointer or the keyboard is on, in the list or on the map. */
  hovered = $state<number | null>(null);
  /** The time of this page, told to the minute. */
  now = $state(Date.now());
  /** Ranges of the last days count from here; in steps, so that the list is not read every minute. */
  #countedFrom = $derived(Math.floor(this.now / ANCHOR_STEP_MS) * ANCHOR_STEP_MS);

  anchor: Anchor = $derived(anchorOf(this.city.value?.occurred?.to ?? null, this.#countedFrom));
  timeZone: string = $derived(this.city.value?.timezone ?? 'UTC');
  filterQuery = $derived(queryOf(this.filter, this.anchor, this.timeZone));
  tileQuery = $derived(new URLSearchParams({ ...this.filterQuery }).toString());
  selectedNumber = $derived(this.selection?.kind === 'case' ? this.selection.number : null);
  /** Categories whose cases are placed in their grid, but never shown as a point. */
  sensitive = $derived(
    new Set(this.city.value?.categories.filter((known) => known.sensitive).map(({ code }) => code)),
  );
  /** Where the chosen case stands in the list, from 0; -1 when it is not in it. */
  selectedIndex = $derived(this.list.rows.findIndex((row) => row.number === this.selectedNumber));

  open(address: Address): void {
    this.filter = address.filter;
    this.view = address.view;
    this.selection = address.selection;
    void this.city.load(fetchCity);
  }

  /** The list of what is in view. */
  async loadList(): Promise<void> {
    if (!this.bounds) return;
    const bbox = this.bounds.map((degrees) => degrees.toFixed(6)).join(',');
    await this.list.load({ bbox, ...this.filterQuery }, isUrgentFirst(this.filter));
  }

  /** How many cases wait for what. */
  async loadCounts(): Promise<void> {
    await this.counts.load(fetchOpenCounts);
  }

  selectCase(number: number): void {
    this.selection = { kind: 'case', number };
  }

  selectPlace(place: Omit<Extract<Selection, { kind: 'place' }>, 'kind'>): void {
    this.selection = { kind: 'place', ...place };
  }

  deselect(): void {
    this.selection = null;
  }

  /** Ask for what is chosen. The grid's shape follows once its code is known. */
  async loadSelection(selection: Selection | null): Promise<void> {
    this.chosenGrid.clear();
    if (selection?.kind === 'case') {
      this.chosenPlace.clear();
      const sameCase = this.chosenCase.value?.number === selection.number;
      await this.chosenCase.load((signal) => fetchCase(selection.number, signal), !sameCase);
    } else if (selection?.kind === 'place') {
      this.chosenCase.clear();
      const { lng, lat, datum } = selection;
      await this.chosenPlace.load((signal) => locate({ lng, lat, datum }, signal), true);
    } else {
      this.chosenCase.clear();
      this.chosenPlace.clear();
    }
    if (selection !== this.selection) return;
    const chosen = this.chosenCase.value;
    const code = chosen ? chosen.grid_today : this.chosenPlace.value?.grid?.code;
    if (code) await this.chosenGrid.load((signal) => fetchGrid(code, signal));
  }

  /** Where a case may be shown: at its point, or nowhere. */
  pointOf<Shown extends Pick<Case, 'category' | 'lng' | 'lat'>>(
    shown: Shown | null | undefined,
  ): (Shown & { lng: number; lat: number }) | null {
    if (!shown || shown.lng === null || shown.lat === null) return null;
    if (this.sensitive.has(shown.category)) return null;
    return { ...shown, lng: shown.lng, lat: shown.lat };
  }

  /** The row before (-1) or after (+1) the one in hand. */
  neighbour(step: -1 | 1): Case | undefined {
    const { rows } = this.list;
    const inHand = this.hovered ?? this.selectedNumber;
    const index = rows.findIndex((row) => row.number === inHand);
    if (index < 0) return rows[0];
    return rows[index + step];
  }
}

export const desk = new Desk();
