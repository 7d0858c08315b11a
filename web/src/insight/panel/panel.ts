import type { Snippet } from 'svelte';

import type {
  AnsweringTold,
  Asked,
  CasesTold,
  ChangeTold,
  FindingsTold,
  FindingTold,
  Named,
  PlacesTold,
  RepeatsTold,
  RhythmTold,
  SeriesTold,
} from './answers.ts';

/** What the panel needs to know of the city. */
export interface CityWords {
  categories: readonly { code: string; zh: string; en: string }[];
  timeZone: string;
}

/** A category in the language of the page; one the city does not list keeps its code. */
export function categoryIn(city: CityWords, code: string, language: 'zh' | 'en'): string {
  return city.categories.find((known) => known.code === code)?.[language] ?? code;
}

/** The id of a place's row in the table. */
export const rowId = (peak: string): string => `place-${peak}`;

/** The place whose card is open: a row of the places, or any cell of the map. */
export interface ChosenPlace {
  /** The cell whose series is shown. */
  peak: string;
  cells: readonly string[];
  /** Null where only the cell's name is known. */
  lng: number | null;
  lat: number | null;
  community: Named | null;
  township: Named | null;
  /** The cases of the period in its cells; null while nobody has counted. */
  count: number | null;
}

/** What may be asked again after it failed. */
export type Question =
  | 'change'
  | 'changeByCategory'
  | 'findings'
  | 'places'
  | 'rhythm'
  | 'repeats'
  | 'series'
  | 'cases'
  | 'answering';

/** The lists behind the buttons of the card. */
export type Opened = 'cases' | 'answering';

export interface InsightPanelProps {
  city: CityWords;
  /** The instant the page takes as now, in milliseconds. */
  now: number;

  /** Of the whole filter against the period before: `by=all`, and `by=category`. */
  change: Asked<ChangeTold>;
  changeByCategory: Asked<ChangeTold>;
  findings: Asked<FindingsTold>;
  places: Asked<PlacesTold>;
  /** Of the chosen place over the weeks of its course, or of the whole filter in its period. */
  rhythm: Asked<RhythmTold>;
  courseWeeks: number;

  /** Whether cases draw others near by; asked for when the reader wants to know. */
  repeats: Asked<RepeatsTold>;

  chosen: ChosenPlace | null;
  series: Asked<SeriesTold>;
  /** Which list of the card is open; its data is asked for then. */
  opened: Opened | null;
  cases: Asked<CasesTold>;
  answering: Asked<AnsweringTold>;

  /** The place under the pointer, here or on the map: its peak cell. */
  hovered?: string | null;

  /** A row of the places, by its peak cell. */
  onChoose: (peak: string) => void;
  onClose: () => void;
  onHover?: (peak: string | null) => void;
  onOpen: (list: Opened | null) => void;
  onMoreCases: () => void;
  onRepeats: () => void;
  onFinding: (finding: FindingTold) => void;
  onRetry: (question: Question) => void;
  /** The way on where nothing stands out, e.g. a longer period. */
  onWiden: () => void;
  /** More buttons of the card, e.g. to the patrol. */
  actions?: Snippet<[ChosenPlace]>;
}
