import type { Painting } from '../map/cell_map.ts';
import type { Marked } from '../map/marked.ts';

/** What one map shows of its period. */
export interface Shown {
  /** Null while it is awaited: what was painted before stays. */
  painting: Painting | null;
  marked: Marked;
  signs: ReadonlyMap<string, { sign: string; isDark: boolean }>;
  /** Cases of the period; null while nobody has counted. */
  total: number | null;
  /** How many cells are significantly high. */
  high: number;
  /** Why nothing can be told, in words. */
  lack: string | null;
}

export const NOTHING_MARKED: Marked = { cells: [], bins: [] };
export const NO_SIGNS: Shown['signs'] = new Map();
