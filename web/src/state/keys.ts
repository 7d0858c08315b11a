import { desk } from './desk.svelte.ts';
import { layout } from './layout.svelte.ts';
import { showWall } from './wall.ts';

/** What the keys need of the page around the desk. */
export interface KeyTargets {
  showOnMap: (lng: number, lat: number) => void;
  focusRow: (number: number) => void;
}

/** J, K, F, W and Esc of the live desk; single letters are off while a field has the focus. */
export function handleKey(event: KeyboardEvent, targets: KeyTargets): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === 'Escape') return back(targets);
  if (isField(event.target)) return;
  const key = event.key.toLowerCase();
  if (key === 'j') step(1, targets);
  else if (key === 'k') step(-1, targets);
  else if (key === 'f') show(targets);
  else if (key === 'w') showWall(true);
}

function step(direction: -1 | 1, { focusRow }: KeyTargets): void {
  const row = desk.neighbour(direction);
  if (!row) return;
  desk.hovered = row.number;
  if (desk.selectedNumber !== null) desk.selectCase(row.number);
  focusRow(row.number);
}

function show({ showOnMap }: KeyTargets): void {
  const inHand = desk.hovered ?? desk.selectedNumber;
  const row = desk.list.rows.find(({ number }) => number === inHand);
  const place = desk.pointOf(row ?? desk.chosenCase.value) ?? desk.chosenPlace.value?.point;
  if (!place) return;
  layout.mapFirst = true;
  showOnMap(place.lng, place.lat);
}

function back({ focusRow }: KeyTargets): void {
  const number = desk.selectedNumber;
  desk.hovered = null;
  if (!desk.selection) return;
  desk.deselect();
  if (number !== null) focusRow(number);
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement ||
  target instanceof HTMLSelectElement ||
  target instanceof HTMLTextAreaElement;
