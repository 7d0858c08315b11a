import { hand } from '../edit/hand.svelte.ts';
import { studio } from '../edit/studio.svelte.ts';
import { toolOfKey } from '../edit/instruments.ts';

import { pane } from './pane.svelte.ts';

/** The keys of the studio; single letters are off while a field has the focus. */
export function handleStudioKey(event: KeyboardEvent, compare: () => void): void {
  if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
  const key = event.key.toLowerCase();
  const isField = isTyping(event.target);
  if (event.ctrlKey || event.metaKey) {
    if (isField || event.altKey) return;
    if (key === 'z' || key === 'y') {
      event.preventDefault();
      void studio.walk(key === 'y' || event.shiftKey ? 'redo' : 'undo');
    }
    return;
  }
  if (event.altKey) return;
  if (key === 'escape') {
    if (isField) (event.target as HTMLElement).blur();
    else hand.back();
    return;
  }
  if (isField) return;
  if (key === 'enter') return enter(event);
  const isOnMap = event.target === hand.map?.map.getCanvas() || event.target === document.body;
  if (key === 'backspace' && hand.isDrawing) hand.sketch?.back();
  else if (key === '[') hand.nextCorner(-1);
  else if (key === ']') hand.nextCorner(1);
  else if (isOnMap && hand.nudge(event.key, event.shiftKey)) {
    // The map would pan as well.
    event.preventDefault();
    event.stopPropagation();
  } else if (key === 'p') compare();
  else if (key === 'b' && studio.canEdit) pane.tab = pane.tab === 'even' ? 'all' : 'even';
  else {
    const tool = toolOfKey(key);
    if (tool) studio.take(tool);
  }
}

function enter(event: KeyboardEvent): void {
  const { target } = event;
  if (target instanceof HTMLElement && target.closest('button, a, summary, [role=row]')) {
    // A button does what it says, but the one of a tool just taken has done that already.
    const isTool = target.closest('[role=toolbar]') !== null;
    if (isTool && hand.finish()) event.preventDefault();
    return;
  }
  // A line drawn with the map in focus is ended by the drawing itself.
  const canvas = hand.map?.map.getCanvas();
  if (hand.isDrawing && target === canvas) return;
  if (hand.finish()) return;
  if (target !== canvas || !hand.map) return;
  const { lng, lat } = hand.map.map.getCenter();
  hand.pick([lng, lat], event.shiftKey);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.matches('textarea, select, input:not([type=checkbox], [type=radio], [type=range])');
}
