import type { Component } from 'svelte';

import { layout } from './layout.svelte.ts';

/** The wall, loaded when somebody goes there; absent from a build without it. */
export const loadWall: (() => Promise<{ default: Component }>) | undefined = import.meta.glob<{
  default: Component;
}>('../wall/Wall.svelte')['../wall/Wall.svelte'];

/** Go to the wall or leave it; the address says which, so that a screen can be opened on it. */
export function showWall(on: boolean): void {
  layout.wall = on;
  const address = new URL(location.href);
  if (on) address.searchParams.set('wall', '1');
  else address.searchParams.delete('wall');
  history.replaceState(null, '', `${address.pathname}${address.search}`);
}
