import { isDay } from '../../state/time_range.ts';

import type { Step } from './answers.ts';

const DAY_MS = 86_400_000;

/**
 * The days of a period, 09-28 – 10-25, with their years where it has two. Its end is no more in it;
 * an end within a day is named by that day.
 */
export function spanName({ from, to }: { from: string; to: string }): string {
  const last = isDay(to)
    ? new Date(Date.parse(`${to}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10)
    : to.slice(0, 10);
  const first = from.slice(0, 10);
  const at = first.slice(0, 4) === last.slice(0, 4) ? 5 : 0;
  return `${first.slice(at)} – ${last.slice(at)}`;
}

/** The short name of a step on an axis, from its first day: 11-16, or 2026-11 of a month. */
export const stepName = (start: string, step: Step): string =>
  step === 'month' ? start.slice(0, 7) : start.slice(5);

/**
 * Which of so many steps have their name on the axis: the first and the last, and between them as
 * many as have room, evenly but for the last gap where there is no even way.
 *
 * @param width Pixels between the first and the last step.
 * @param room Pixels a name needs with the gap beside it.
 */
export function namedSteps(count: number, width: number, room: number): number[] {
  if (count <= 0) return [];
  if (count === 1 || width < room) return [count - 1];
  const last = count - 1;
  const least = Math.max(1, Math.ceil((last * room) / width));
  let best = { uneven: Infinity, named: [0, last] };
  for (let stride = least; stride <= 2 * least; stride += 1) {
    const inner = Math.floor((last - least) / stride);
    if (inner < 1) break;
    const uneven = Math.abs(last - inner * stride - stride);
    if (uneven >= best.uneven) continue;
    best = { uneven, named: [...Array.from({ length: inner + 1 }, (_, i) => i * stride), last] };
  }
  return best.named;
}

/** Whole ticks of an axis of counts from 0: at most five, of 1, 2 or 5 times a power of ten apart. */
export function countTicks(most: number): number[] {
  const wanted = Math.max(1, most) / 4;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const apart = Math.max(1, [1, 2, 5, 10].map((n) => n * power).find((n) => n >= wanted) as number);
  const top = Math.ceil(Math.max(1, most) / apart);
  return Array.from({ length: top + 1 }, (_, i) => i * apart);
}

export type Mark = 'hot' | 'cold' | 'open';

/**
 * How a step is marked: by which side it is significant on. What is so at 90 % only is open where
 * the sentence counts at 95.
 *
 * @param level Of false discoveries, as the sentence counts.
 */
export function markOf(bin: number, level: number): Mark {
  if (Math.abs(bin) < Math.round(100 * (1 - level))) return 'open';
  return bin > 0 ? 'hot' : 'cold';
}
