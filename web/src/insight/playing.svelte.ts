import { insight } from './insight.svelte.ts';
import { lengthOf } from './period.ts';
import { playedOn, spanOf } from './time_window.ts';

/** How long a week is seen before the next one. */
const PLAY_MS = 900;

/** Play, week by week; from the first on where the last is shown. Or pause. */
export function playOrPause(): void {
  if (!insight.isPlaying && !playedOn(insight.period, insight.weeks)) {
    const { from } = spanOf(insight.weeks);
    insight.setPeriod(insight.periodFrom(from, lengthOf(insight.period)));
  }
  insight.isPlaying = !insight.isPlaying;
}

/** Each week as soon as the one before is drawn and was seen. To be called by the page's root. */
export function keepPlaying(): void {
  $effect(() => {
    if (!insight.isPlaying || insight.now.loading) return;
    const next = playedOn(insight.period, insight.weeks);
    if (!next) {
      insight.isPlaying = false;
      return;
    }
    insight.prepare(next);
    const timer = setTimeout(() => insight.setPeriod(next), PLAY_MS);
    return () => clearTimeout(timer);
  });
}
