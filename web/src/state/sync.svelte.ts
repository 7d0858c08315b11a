import { untrack } from 'svelte';

import { language } from '../i18n/language.svelte.ts';

import { writeAddress } from './address.ts';
import { connection } from './connection.svelte.ts';
import { desk } from './desk.svelte.ts';
import { layout } from './layout.svelte.ts';

/** Long enough that a pan or a burst of clicks asks once, short enough to feel at once. */
const DEBOUNCE_MS = 180;
const RECONNECT_MS = 5_000;
const MINUTE_MS = 60_000;

/** Keep list, drawer and address in step with the desk. Call once, while a component starts. */
export function keepInStep(): void {
  $effect(() => {
    // The words of the filter, not the object: that is a new one with every minute.
    void desk.tileQuery;
    if (!desk.city.value || !desk.bounds) return;
    // From now on what the list shows is of the past, though the question waits a moment.
    desk.list.loading = true;
    const timer = setTimeout(() => void desk.loadList(), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  });

  $effect(() => {
    const { selection } = desk;
    untrack(() => void desk.loadSelection(selection));
  });

  $effect(() => {
    const { view, filter, selection } = desk;
    const { wall } = layout;
    const address = writeAddress({ view, filter, selection, lang: language.current, wall });
    const timer = setTimeout(() => {
      history.replaceState(null, '', `${location.pathname}${address}`);
    }, DEBOUNCE_MS);
    return () => clearTimeout(timer);
  });

  $effect(() => {
    const timer = setInterval(() => (desk.now = Date.now()), MINUTE_MS);
    return () => clearInterval(timer);
  });

  $effect(() => {
    if (!connection.isLost) return;
    const timer = setInterval(reconnect, RECONNECT_MS);
    addEventListener('online', reconnect);
    return () => {
      clearInterval(timer);
      removeEventListener('online', reconnect);
    };
  });
}

function reconnect(): void {
  if (!desk.city.value) void desk.city.retry();
  else void desk.list.retry();
}
