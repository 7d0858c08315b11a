import type { StateGroup } from '../state/case_states.ts';

/** The box every symbol is drawn in; list, legend and map all use this one drawing. */
export const SYMBOL_BOX_PX = 28;

const NEW = '#C4390F';
const HAND = '#2F5785';
const CHECK = '#D9981A';
const CHECK_EDGE = '#865600';
const CHECK_TICK = '#3A2500';
const HOLD = '#5F6B78';
const DONE = '#7B8794';

interface Drawing {
  /** The shape itself, also drawn white and wider beneath as its halo. */
  shape: string;
  paint: string;
  detail?: string;
  /** The second outline that says urgent. */
  outline: string;
  colour: string;
}

const DRAWINGS: Record<StateGroup, Drawing> = {
  new: {
    shape: 'M14 6.2 21.8 14 14 21.8 6.2 14Z',
    paint: `fill="${NEW}"`,
    outline: 'M14 1.9 26.1 14 14 26.1 1.9 14Z',
    colour: NEW,
  },
  hand: {
    shape: disc(6.3),
    paint: `fill="${HAND}"`,
    outline: disc(10.4),
    colour: HAND,
  },
  check: {
    shape: 'M8.3 8.3H19.7V19.7H8.3Z',
    paint: `fill="${CHECK}" stroke="${CHECK_EDGE}" stroke-width="1.5"`,
    detail: `<path d="m10.9 14.2 2.2 2.2 4.2-4.6" fill="none" stroke="${CHECK_TICK}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>`,
    outline: 'M4.3 4.3H23.7V23.7H4.3Z',
    colour: CHECK_EDGE,
  },
  hold: {
    shape: disc(7),
    paint: `fill="#fff" stroke="${HOLD}" stroke-width="1.6"`,
    detail: `<path d="M12.2 11.4v5.2M15.8 11.4v5.2" stroke="${HOLD}" stroke-width="1.7" stroke-linecap="round"/>`,
    outline: disc(10.8),
    colour: HOLD,
  },
  done: {
    shape: disc(4.1),
    paint: `fill="#fff" stroke="${DONE}" stroke-width="1.8"`,
    outline: disc(7.8),
    colour: DONE,
  },
};

/** SVG of one case symbol: shape says the state, a second outline says urgent. */
export function caseSymbol(group: StateGroup, urgent: boolean, sizePx = SYMBOL_BOX_PX): string {
  const { shape, paint, detail = '', outline, colour } = DRAWINGS[group];
  const second = urgent
    ? `<path d="${outline}" fill="#fff" fill-opacity=".85" stroke="#fff" stroke-width="3.4"/>` +
      `<path d="${outline}" fill="none" stroke="${colour}" stroke-width="1.7"/>`
    : '';
  const halo = `<path d="${shape}" fill="#fff" stroke="#fff" stroke-width="4.4" stroke-linejoin="round"/>`;
  return svg(sizePx, SYMBOL_BOX_PX, `${second}${halo}<path d="${shape}" ${paint}/>${detail}`);
}

function disc(radius: number): string {
  return `M${14 - radius} 14a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0-${2 * radius} 0Z`;
}

export function svg(sizePx: number, boxPx: number, content: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${sizePx}" height="${sizePx}" ` +
    `viewBox="0 0 ${boxPx} ${boxPx}">${content}</svg>`
  );
}
