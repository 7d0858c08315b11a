/** The language of a place's name, for `lang`: names stay as they are in every language of the page. */
export const nameLang = (name: string): 'zh-CN' | undefined =>
  /\p{Script=Han}/u.test(name) ? 'zh-CN' : undefined;

/** "community · grid" of a case; the township too where a place has room for it. */
export const placeName = (
  grid: { name: string; code: string; community: string; township: string },
  withTownship: boolean,
): string =>
  [...(withTownship && grid.township !== grid.community ? [grid.township] : []), grid.community, grid.name || grid.code]
    .filter(Boolean)
    .join(' · ');
