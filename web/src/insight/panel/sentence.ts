export interface Part {
  text: string;
  isMarked: boolean;
}

/** A sentence cut where one of the phrases stands in it, the longest first, in any case. */
export function markedParts(sentence: string, phrases: readonly string[]): Part[] {
  const known = phrases.filter(Boolean).sort((a, b) => b.length - a.length);
  if (known.length === 0) return [{ text: sentence, isMarked: false }];
  const any = new RegExp(`(${known.map(escaped).join('|')})`, 'gi');
  return sentence
    .split(any)
    .map((text, i) => ({ text, isMarked: i % 2 === 1 }))
    .filter(({ text }) => text !== '');
}

const escaped = (phrase: string): string => phrase.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
