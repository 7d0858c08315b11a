import type { Case } from '../api/client.ts';

/** How a list goes: urgent cases first or not, then the newest first. */
export function compareCases(a: Case, b: Case, urgentFirst: boolean): number {
  const urgency = Number(b.urgency === 'urgent') - Number(a.urgency === 'urgent');
  if (urgentFirst && urgency !== 0) return urgency;
  return Date.parse(b.occurred_at) - Date.parse(a.occurred_at) || b.number - a.number;
}

/**
 * The rows with a case in its place, once.
 *
 * Of a list that goes on, a case beyond its last row is left to the pages that are not loaded yet.
 */
export function withCase(
  rows: readonly Case[],
  added: Case,
  { urgentFirst, isWhole }: { urgentFirst: boolean; isWhole: boolean },
): Case[] {
  const others = withoutCase(rows, added.number);
  const index = others.findIndex((row) => compareCases(added, row, urgentFirst) < 0);
  if (index >= 0) return others.toSpliced(index, 0, added);
  return isWhole ? [...others, added] : others;
}

export const withoutCase = (rows: readonly Case[], number: number): Case[] =>
  rows.filter((row) => row.number !== number);
