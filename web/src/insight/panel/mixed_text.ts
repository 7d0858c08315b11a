export interface Run {
  text: string;
  isHan: boolean;
}

/** A text cut into runs of Chinese and of all else, in their order. */
export const runsOf = (text: string): Run[] =>
  text
    .split(/(\p{Script=Han}+)/u)
    .map((run, i) => ({ text: run, isHan: i % 2 === 1 }))
    .filter(({ text: run }) => run !== '');
