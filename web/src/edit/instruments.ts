/** What the planner has in hand. */
export const TOOLS = [
  'select',
  'split',
  'merge',
  'move',
  'stretch',
  'transfer',
  'carve',
  'dissolve',
  'redraw',
] as const;
export type Tool = (typeof TOOLS)[number];

/** The letter of each tool. */
export const KEY_OF: Record<Tool, string> = {
  select: 'v',
  split: 's',
  merge: 'm',
  move: 'e',
  stretch: 'l',
  transfer: 't',
  carve: 'c',
  dissolve: 'x',
  redraw: 'r',
};

/** What a tool has drawn with it: a line, an area, or nothing. */
export function drawnWith(tool: Tool): 'line' | 'area' | null {
  if (tool === 'split' || tool === 'stretch') return 'line';
  return tool === 'transfer' || tool === 'carve' || tool === 'redraw' ? 'area' : null;
}

/** Tools that work on one grid, which has to be selected before anything is drawn. */
export const needsGrid = (tool: Tool): boolean =>
  tool === 'transfer' || tool === 'redraw' || tool === 'dissolve' || tool === 'move';

export const toolOfKey = (key: string): Tool | undefined =>
  TOOLS.find((tool) => KEY_OF[tool] === key);
