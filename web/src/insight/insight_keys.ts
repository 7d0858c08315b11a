import { inHand } from './in_hand.svelte.ts';
import { insight } from './insight.svelte.ts';
import { panelAnswers } from './panel_answers.svelte.ts';
import { playOrPause } from './playing.svelte.ts';
import { moved } from './time_window.ts';

interface KeyTargets {
  /** Choose a place of the table and show it. */
  chooseRow: (cell: string) => void;
}

/** J and K through the places, B for the period before beside it, Space to play, Esc back. */
export function handleInsightKey(event: KeyboardEvent, targets: KeyTargets): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTaken(event.target)) return;
  const key = event.key.toLowerCase();
  if (key === 'escape') {
    if (insight.isPlaying) insight.isPlaying = false;
    else inHand.choose(null);
  } else if (key === ' ') {
    event.preventDefault();
    playOrPause();
  } else if (key === 'j' || key === 'k') {
    step(key === 'j' ? 1 : -1, targets);
  } else if (key === 'b') insight.isPair = !insight.isPair;
  else if (key === '[' || key === ']') {
    insight.setPeriod(moved(insight.period, 'whole', key === ']' ? 1 : -1, insight.weeks));
  }
}

function step(direction: -1 | 1, { chooseRow }: KeyTargets): void {
  const places = panelAnswers.places.value?.places ?? [];
  const at = places.findIndex(({ cells }) => insight.cell !== null && cells.includes(insight.cell));
  const next = places[at < 0 ? 0 : at + direction];
  if (next) chooseRow(next.peak);
}

/** Whether what has the focus takes the key itself. */
const isTaken = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest('input, select, textarea, button, a, [role="slider"], canvas, summary') !== null;
