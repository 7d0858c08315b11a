const COOKIE = 'wangge_csrf=';

/**
 * The word that only this site's pages can read; the service gives it together with the session,
 * whose own cookie pages cannot see. Null where there is no session.
 */
export function csrfWord(): string | null {
  const cookie = document.cookie.split('; ').find((each) => each.startsWith(COOKIE));
  return cookie?.slice(COOKIE.length) || null;
}
