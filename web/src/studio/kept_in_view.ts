import type { Attachment } from 'svelte/attachments';

/** Scrolls a row to where it is seen while it is the chosen one. */
export const keptInView =
  (isChosen: boolean): Attachment<HTMLElement> =>
  (row) => {
    if (isChosen) row.scrollIntoView({ block: 'nearest' });
  };
