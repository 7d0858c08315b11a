/** The five groups a dispatcher sees. The drawer names the exact state. */
export const STATE_GROUPS = ['new', 'hand', 'check', 'hold', 'done'] as const;
export type StateGroup = (typeof STATE_GROUPS)[number];

/** The states of the loop, each in the group that says who has the case now. */
export const STATES_OF_GROUP = {
  new: ['received', 'registered'],
  hand: ['dispatched', 'handling'],
  check: ['fed_back'],
  hold: ['suspended'],
  done: ['verified', 'evaluated', 'closed', 'rejected', 'merged', 'historic'],
} as const satisfies Record<StateGroup, readonly string[]>;

const GROUP_OF_STATE = new Map<string, StateGroup>(
  STATE_GROUPS.flatMap((group) => STATES_OF_GROUP[group].map((state) => [state, group] as const)),
);

/** A state this page does not know is drawn as done: grey asks nobody to act. */
export function groupOfState(state: string): StateGroup {
  return GROUP_OF_STATE.get(state) ?? 'done';
}
