import { MediaQuery } from 'svelte/reactivity';

const wide = new MediaQuery('min-width: 1200px');
const phone = new MediaQuery('max-width: 699px');

/** How much room there is: list, map and drawer side by side; two of them; or one at a time. */
class Layout {
  /** On a phone: whether the map is shown instead of the list. */
  mapFirst = $state(false);
  /** Whether the page is the wall instead of the desk. */
  wall = $state(false);

  get isWide(): boolean {
    return wide.current;
  }

  get isPhone(): boolean {
    return phone.current;
  }
}

export const layout = new Layout();
