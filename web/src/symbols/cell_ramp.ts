/** One direction; lightness 96 92 82 69 52 35 16, so that grey print tells the tones apart. */
export const CELL_RAMP = [
  '#F6F4EC',
  '#FAE7B5',
  '#F1C773',
  '#DE9A45',
  '#BC6529',
  '#873A1C',
  '#481A0F',
] as const;
