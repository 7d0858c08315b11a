const UP = 'm4 17 6-6 4 4 6-8M15 7h5v5';
const DOWN = 'm4 7 6 6 4-4 6 8M15 17h5v-5';

const OF_KIND = {
  new: 'M12 5v14M5 12h14',
  consecutive: 'm5 6 6 6-6 6M13 6l6 6-6 6',
  intensifying: UP,
  persistent: 'm17 3 3 3-3 3M4 11V9a3 3 0 0 1 3-3h13M7 21l-3-3 3-3M20 13v2a3 3 0 0 1-3 3H4',
  diminishing: DOWN,
  sporadic: 'M5 12h.01M12 12h.01M19 12h.01',
  oscillating: 'M3 12c2-7 4-7 6 0s4 7 6 0 4-7 6 0',
  historical: 'M3.5 12a8.5 8.5 0 1 0 2.6-6.1L3.5 8.4M3.5 3.6v4.8h4.8M12 7.5V12l3 2',
} as const;
type Kind = keyof typeof OF_KIND;

export type Tone = 'rising' | 'steady' | 'falling' | 'quiet' | 'low';
const TONE: Record<Kind, Tone> = {
  new: 'rising',
  consecutive: 'rising',
  intensifying: 'rising',
  persistent: 'steady',
  diminishing: 'falling',
  sporadic: 'quiet',
  oscillating: 'steady',
  historical: 'quiet',
};

/** The classes of a place in time, as the service names them. */
export const CLASSES = [
  ...Object.keys(OF_KIND).map((kind) => `${kind}-hot`),
  ...Object.keys(OF_KIND).map((kind) => `${kind}-cold`),
  'none',
];

/**
 * The drawing of a class (in a box of 24) and its tint; null of none and of an unknown one. Where
 * cold places sink further the line goes down.
 */
export function classMark(name: string): { path: string; tone: Tone } | null {
  const [kind, side] = name.split('-');
  if (kind === undefined || !(kind in OF_KIND)) return null;
  const known = kind as Kind;
  if (side === 'hot') return { path: OF_KIND[known], tone: TONE[known] };
  const turned = known === 'intensifying' ? DOWN : known === 'diminishing' ? UP : OF_KIND[known];
  return { path: turned, tone: 'low' };
}
