import { type Answer, answer, client, fetchCases } from '../api/client.ts';
import type { paths } from '../api/schema.gen.ts';
import { Loaded } from '../state/loaded.svelte.ts';

import { insight } from './insight.svelte.ts';
import type { CasesMeant } from './asked.ts';
import type {
  AnsweringTold,
  Asked,
  CasesTold,
  CaseTold,
  ChangeTold,
  FindingsTold,
  PlacesTold,
  RepeatsTold,
  RhythmTold,
  SeriesTold,
} from './panel/answers.ts';
import type { Question } from './panel/panel.ts';
import { instantsOfPeriod } from './period.ts';

const CASES_PAGE = 20;

/** What the panel asks the service beside the map's own figures. */
class PanelAnswers {
  readonly change = new Loaded<ChangeTold>();
  readonly changeByCategory = new Loaded<ChangeTold>();
  readonly findings = new Loaded<FindingsTold>();
  readonly places = new Loaded<PlacesTold>();
  readonly rhythm = new Loaded<RhythmTold>();
  readonly repeats = new Loaded<RepeatsTold>();
  readonly series = new Loaded<SeriesTold>();
  readonly answering = new Loaded<AnsweringTold>();
  readonly cases = new Loaded<CasesTold>();

  /** Of the whole filter, once the map has its figures. */
  async loadFilter(): Promise<void> {
    const { meant, resolution, variant } = insight;
    await this.places.load((signal) =>
      ask('/api/hotspots/places', { ...meant, resolution, steps: insight.courseWeeks, variant }, signal),
    );
    await Promise.all([
      this.change.load((signal) => ask('/api/hotspots/change', { ...meant, by: 'all' }, signal)),
      this.changeByCategory.load((signal) =>
        ask('/api/hotspots/change', { ...meant, by: 'category' }, signal),
      ),
    ]);
  }

  /** What is getting worse in the whole city, whatever is chosen on the page. */
  loadFindings(): Promise<void> {
    return this.findings.load((signal) => ask('/api/hotspots/findings', undefined, signal));
  }

  /** The hours of the filter's period; of a place those of its course: few weeks show nothing. */
  loadRhythm(cells: readonly string[]): Promise<void> {
    const window = instantsOfPeriod(cells.length > 0 ? insight.course : insight.period);
    const query = { ...insight.who, ...window, ...ofCells(cells) };
    return this.rhythm.load((signal) => ask('/api/hotspots/rhythm', query, signal));
  }

  /** Asked for by the reader, of the filter or of a place; another question forgets the answer. */
  loadRepeats(cells: readonly string[]): Promise<void> {
    const query = { ...insight.meant, ...ofCells(cells) };
    return this.repeats.load(
      (signal) => ask('/api/hotspots/near-repeats', query, signal),
      true,
    );
  }

  /** The course of a place, whose peak is the first of its cells. */
  loadSeries(cells: readonly string[]): Promise<void> {
    const { variant } = insight;
    const query = { ...insight.who, ...instantsOfPeriod(insight.course), of: cells.join(','), variant };
    const isSame = this.series.value?.cell === cells[0];
    return this.series.load((signal) => ask('/api/hotspots/series', query, signal), !isSame);
  }

  loadAnswering(cells: readonly string[]): Promise<void> {
    const query = { cells: cells.join(',') };
    return this.answering.load((signal) => ask('/api/hotspots/answering', query, signal), true);
  }

  loadCases(cells: readonly string[]): Promise<void> {
    const query = { ...insight.meant, ...ofCells(cells) };
    return this.cases.load((signal) => casesPage(query, null, signal), true);
  }

  /** The next page behind the rows that are there. */
  async moreCases(cells: readonly string[]): Promise<void> {
    const known = this.cases.value;
    if (!known?.hasMore || this.cases.loading) return;
    const query = { ...insight.meant, ...ofCells(cells) };
    await this.cases.load((signal) => casesPage(query, known, signal));
  }

  /** Ask again for what failed. */
  retry(question: Question): void {
    void this[question].retry();
  }

  closeLists(): void {
    this.cases.clear();
    this.answering.clear();
  }
}

export const panelAnswers = new PanelAnswers();

export const asked = <T>({ value, problem, loading }: Loaded<T>): Asked<T> => ({
  value,
  problem,
  isLoading: loading,
});

interface CasePage extends CasesTold {
  next: string | null;
}

async function casesPage(
  query: CasesMeant,
  known: CasesTold | null,
  signal: AbortSignal,
): Promise<CasesTold> {
  const cursor = (known as CasePage | null)?.next;
  const page = await fetchCases(
    { ...query, limit: CASES_PAGE, ...(cursor ? { cursor } : {}) },
    signal,
  );
  const told: CasePage = {
    rows: [...(known?.rows ?? []), ...(page.cases as readonly CaseTold[])],
    total: page.total,
    capped: page.total_capped,
    hasMore: page.next !== null,
    next: page.next,
  };
  return told;
}

const ofCells = (cells: readonly string[]): { cell?: string } =>
  cells.length > 0 ? { cell: cells.join(',') } : {};

type PanelPath =
  | '/api/hotspots/answering'
  | '/api/hotspots/change'
  | '/api/hotspots/findings'
  | '/api/hotspots/near-repeats'
  | '/api/hotspots/places'
  | '/api/hotspots/rhythm'
  | '/api/hotspots/series';

const ask = <Path extends PanelPath>(
  path: Path,
  query: paths[Path]['get']['parameters']['query'],
  signal: AbortSignal,
): Promise<Answer<Path>> =>
  answer(client.GET(path as PanelPath, { params: { query }, signal } as never));
