import { CELL_RAMP } from '../symbols/cell_ramp.ts';

/** What a class in time comes to: seventeen colours could not be told apart. */
export const COURSES = ['worse', 'steady', 'fading', 'cold', 'thawing', 'none'] as const;
export type Course = (typeof COURSES)[number];

export const COURSE_COLOURS: Record<Course, string> = {
  worse: CELL_RAMP[5],
  steady: CELL_RAMP[3],
  fading: CELL_RAMP[1],
  cold: '#5F8BB8',
  thawing: '#B9CFE2',
  none: CELL_RAMP[0],
};

/** Signs on the cells: the map says the class without its colour too. */
export const CLASS_SIGNS: Record<string, string> = {
  new: '+',
  consecutive: '»',
  intensifying: '↑',
  persistent: '=',
  diminishing: '↓',
  sporadic: '·',
  oscillating: '~',
  historical: '×',
};

const WORSE = ['new', 'consecutive', 'intensifying'];
const FADING = ['diminishing', 'historical'];

/** The course of a class as the service names it: `new-hot`, `persistent-cold`, `none`. */
export function courseOf(word: string): Course {
  const [kind = '', side] = word.split('-');
  const isFading = FADING.includes(kind);
  if (side === 'hot') return isFading ? 'fading' : WORSE.includes(kind) ? 'worse' : 'steady';
  if (side === 'cold') return isFading ? 'thawing' : 'cold';
  return 'none';
}

export const signOf = (word: string): string => CLASS_SIGNS[word.split('-')[0] ?? ''] ?? '';
