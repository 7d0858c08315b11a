const STORAGE_KEY = 'wangge.round_trip';

/** Remember where the reader is, before the identity provider takes the page. */
export function beforeTrip(): void {
  try {
    sessionStorage.setItem(STORAGE_KEY, location.search);
  } catch {
    // A browser that keeps nothing comes back to the page as it opens by itself.
  }
}

/** Where the page goes on: as it was before the trip, with why the trip came to nothing. */
export function afterTrip(search: string): { search: string; refusal: string | null } {
  const refusal = new URLSearchParams(search).get('sign_in');
  let kept: string | null = null;
  try {
    kept = sessionStorage.getItem(STORAGE_KEY);
    sessionStorage.removeItem(STORAGE_KEY);
  } catch {
    // As above.
  }
  return { search: kept !== null && (search === '' || refusal !== null) ? kept : search, refusal };
}
