import type { Marked } from '../map/marked.ts';
import type { Painting } from '../map/cell_map.ts';

import type { CellsTold, CountsTold, EmergingTold } from './asked.ts';
import { COURSE_COLOURS, COURSES, type Course, courseOf, signOf } from './class_tones.ts';
import { type Scale, toneOf, Z_COLOURS, Z_SCALE } from './tones.ts';

/** Colours on which a sign is written in white. */
const DARK: readonly Course[] = ['worse', 'cold'];
const NOTHING: Painting = { on: 'cells', names: [], tones: [], colours: Z_COLOURS };

export const paintedCounts = ({ keys, counts }: CellsTold, scale: Scale): Painting => ({
  on: 'cells',
  names: keys as string[],
  tones: counts.map((count) => toneOf(count, scale)),
  colours: scale.colours,
});

/** Nothing where nothing can be told: a pale colour would look like a result. */
export function paintedDeviates({ keys, z }: CellsTold): Painting {
  if (z.every((value) => value === null)) return NOTHING;
  return {
    on: 'cells',
    names: keys as string[],
    tones: z.map((value) => toneOf(value ?? 0, Z_SCALE)),
    colours: Z_COLOURS,
  };
}

export function paintedClasses({ keys, classes }: EmergingTold): Painting {
  if (classes.length === 0) return NOTHING;
  return {
    on: 'cells',
    names: keys,
    tones: classes.map((word) => COURSES.indexOf(courseOf(word))),
    colours: COURSES.map((course) => COURSE_COLOURS[course]),
  };
}

/** Communities; those whose households nobody counted stay as the ground. */
export function paintedRates({ keys, rates }: CountsTold, scale: Scale): Painting {
  const known = keys.flatMap((key, index) => {
    const rate = rates?.[index];
    return rate === null || rate === undefined ? [] : [[String(key), toneOf(rate, scale)] as const];
  });
  return {
    on: 'areas',
    names: known.map(([name]) => name),
    tones: known.map(([, tone]) => tone),
    colours: scale.colours,
  };
}

export const markedOf = ({ keys, bin }: CellsTold): Marked => ({ cells: keys as string[], bins: bin });

/** Signs of the classes in time, by cell; cells that are none of them have no sign. */
export function signsOf({
  keys,
  classes,
}: EmergingTold): Map<string, { sign: string; isDark: boolean }> {
  return new Map(
    classes.flatMap((word, index) => {
      const sign = signOf(word);
      const cell = keys[index];
      return sign && cell ? [[cell, { sign, isDark: DARK.includes(courseOf(word)) }] as const] : [];
    }),
  );
}
