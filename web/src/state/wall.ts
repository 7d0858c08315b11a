import { layout } from './layout.svelte.ts';

/** Go to the wall or leave it; the address says which, so that a screen can be opened on it. */
export function showWall(on: boolean): void {
  layout.wall = on;
  const address = new URL(location.href);
  if (on) address.searchParams.set('wall', '1');
  else address.searchParams.delete('wall');
  history.replaceState(null, '', `${address.pathname}${address.search}`);
}
