import type { StateGroup } from '../state/case_states.ts';
import { caseSymbol } from '../symbols/case_symbol.ts';

/** The desk's colours and what stands for each on the dark ground. */
const DARK: Record<string, string> = {
  '#C4390F': '#FF7A4D',
  '#2F5785': '#7FB0E8',
  '#D9981A': '#F2BE4B',
  '#865600': '#F2BE4B',
  '#5F6B78': '#A9B8C4',
  '#7B8794': '#8A9AA7',
  '#fff': '#131C24',
};

/** The one drawing of a case symbol, in the colours of the wall. */
export const wallSymbol = (group: StateGroup, urgent: boolean, sizePx: number): string =>
  caseSymbol(group, urgent, sizePx).replace(
    /#[0-9A-Fa-f]{6}|#fff\b/g,
    (colour) => DARK[colour] ?? colour,
  );
