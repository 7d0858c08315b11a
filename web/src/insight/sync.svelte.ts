import { untrack } from 'svelte';

import { desk } from '../state/desk.svelte.ts';
import { session } from '../state/session.svelte.ts';
import { dayOf } from '../state/time_range.ts';

import { inHand } from './in_hand.svelte.ts';
import { insight } from './insight.svelte.ts';
import { panelAnswers } from './panel_answers.svelte.ts';

/** What is dragged or played is asked about once it stands still. */
const REST_MS = 350;
const MINUTE_MS = 60_000;

/** Ask the service for what the page shows, the map's figures first. To be called by its root. */
export function keepInsightInStep(): void {
  mapInStep();
  panelInStep();
  placeInStep();
  dayInStep();
}

/** With a new day the last whole one is another, and the newest case is asked for. */
function dayInStep(): void {
  $effect(() => {
    let day = untrack(() => dayOf(desk.now, desk.timeZone));
    const timer = setInterval(() => {
      desk.now = Date.now();
      const today = dayOf(desk.now, desk.timeZone);
      if (today !== day) void desk.city.retry();
      day = today;
    }, MINUTE_MS);
    return () => clearInterval(timer);
  });
}

const isIn = (): boolean => session.standing === 'in';

function mapInStep(): void {
  $effect(() => {
    void [insight.meant, insight.resolution];
    if (isIn()) untrack(() => void insight.loadNow());
  });
  $effect(() => {
    void [insight.meantBefore, insight.resolution];
    if (insight.isPair && isIn()) untrack(() => void insight.loadBefore());
  });
  $effect(() => {
    void [insight.meant, insight.resolution, insight.variant];
    if (insight.metric === 'class' && isIn()) untrack(() => void insight.loadEmerging());
  });
  $effect(() => {
    void insight.meant;
    if (insight.metric !== 'rate' || !isIn()) return;
    untrack(() => void insight.loadRates());
    if (insight.isPair) untrack(() => void insight.loadRatesBefore());
  });
  let whoseDays = '';
  $effect(() => {
    const whose = JSON.stringify(insight.who);
    if (!isIn() || !insight.mayAskMore || whose === whoseDays) return;
    return afterRest(() => {
      whoseDays = whose;
      void insight.loadDays();
    });
  });
}

function panelInStep(): void {
  $effect(() => {
    void [insight.meant, insight.resolution, insight.variant];
    if (!isIn() || insight.isPlaying || !insight.mayAskMore) return;
    return afterRest(() => void panelAnswers.loadFilter());
  });
  $effect(() => {
    // Of a million cases they take the service half a minute: when all else is told.
    if (!isIn() || !insight.mayAskMore || panelAnswers.places.value === null) return;
    untrack(() => {
      const { findings } = panelAnswers;
      if (!findings.value && !findings.loading) void panelAnswers.loadFindings();
    });
  });
}

function placeInStep(): void {
  $effect(() => {
    void insight.meant;
    const cells = cellsOf(inHand.cellsKey);
    if (!isIn() || insight.isPlaying || !insight.mayAskMore) return;
    return afterRest(() => {
      panelAnswers.repeats.clear();
      void panelAnswers.loadRhythm(cells);
      if (inHand.opened === 'cases') void panelAnswers.loadCases(cells);
    });
  });
  $effect(() => {
    void [insight.meant, insight.course, insight.variant];
    const cells = cellsOf(inHand.courseKey);
    if (cells.length === 0 || !isIn() || insight.isPlaying) return;
    return afterRest(() => void panelAnswers.loadSeries(cells));
  });
  $effect(() => {
    const cells = cellsOf(inHand.cellsKey);
    if (cells.length > 0 && isIn()) untrack(() => void panelAnswers.loadAnswering(cells));
  });
  $effect(() => {
    const { cell } = insight;
    inHand.middle = null;
    if (!cell) return;
    void import('../map/h3_cells.ts').then(({ middleOfCell }) => {
      if (insight.cell === cell) inHand.middle = middleOfCell(cell);
    });
  });
}

function afterRest(act: () => void): () => void {
  const timer = setTimeout(act, REST_MS);
  return () => clearTimeout(timer);
}

const cellsOf = (key: string): string[] => (key ? key.split(',') : []);
