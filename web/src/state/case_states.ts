/** The five groups a dispatcher sees. The drawer names the exact state. */
export const STATE_GROUPS = ['new', 'hand', 'check', 'hold', 'done'] as const;
export type StateGroup = (typeof STATE_GROUPS)[number];

/** The states of the loop, each in the group that says what the case waits for. */
export const STATES_OF_GROUP = {
  new: ['received', 'registered'],
  hand: ['dispatched', 'handling'],
  check: ['fed_back', 'verified', 'evaluated'],
  hold: ['suspended'],
  done: ['closed', 'rejected', 'merged', 'historic'],
} as const satisfies Record<StateGroup, readonly string[]>;

const GROUP_OF_STATE = new Map<string, StateGroup>(
  STATE_GROUPS.flatMap((group) => STATES_OF_GROUP[group].map((state) => [state, group] as const)),
);

/** A state this page does not know is drawn as done: grey asks nobody to act. */
export function groupOfState(state: string): StateGroup {
  return GROUP_OF_STATE.get(state) ?? 'done';
}

/** The groups that still wait for somebody. */
export const OPEN_GROUPS = ['new', 'hand', 'check', 'hold'] as const satisfies StateGroup[];

/** The tabs over the list: everything that waits, then by what it waits for. */
export const TABS = ['open', 'new', 'hand', 'check', 'done'] as const;
export type Tab = (typeof TABS)[number];

/** What each tab shows. A suspended case is still in somebody's hand. */
export const GROUPS_OF_TAB = {
  open: OPEN_GROUPS,
  new: ['new'],
  hand: ['hand', 'hold'],
  check: ['check'],
  done: ['done'],
} as const satisfies Record<Tab, readonly StateGroup[]>;

/** The tab that shows exactly these groups; none for another choice of states. */
export const tabOf = (groups: readonly StateGroup[]): Tab | undefined =>
  TABS.find((tab) => sameGroups(GROUPS_OF_TAB[tab], groups));

export const sameGroups = (a: readonly StateGroup[], b: readonly StateGroup[]): boolean =>
  a.length === b.length && a.every((group) => b.includes(group));
