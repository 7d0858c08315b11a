/** Drawings of the kinds of findings, in a box of 24. */
const PATHS: Record<string, string> = {
  growing: 'M4 20h16M6 16v-3M11 16V9M16 16V4',
  returning: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.5 2',
  wandering: 'M5 19.5a1.8 1.8 0 1 0 0-.1M7 19c7 0 0-10 8-11M13 4l4 3.5-3.5 4',
};

/** An unknown kind is drawn as growing: that is what all findings are. */
export const findingMark = (kind: string): string => PATHS[kind] ?? (PATHS.growing as string);
