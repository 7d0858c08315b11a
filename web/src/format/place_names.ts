/** The language of a place's name, for `lang`: names stay as they are in every language of the page. */
export const nameLang = (name: string): 'zh-CN' | undefined =>
  /\p{Script=Han}/u.test(name) ? 'zh-CN' : undefined;

/** "township · community · grid"; a level whose name the next one begins with is not said twice. */
export function placeName(grid: {
  name: string;
  code: string;
  community: string;
  township: string;
}): string {
  const levels = [grid.township, grid.community, grid.name || grid.code];
  return levels
    .filter((name, level) => name !== '' && !levels[level + 1]?.startsWith(name))
    .join(' · ');
}
