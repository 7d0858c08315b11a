export interface Parts {
  before: string;
  /** What it comes to; empty where the sentence names nothing after a colon. */
  verdict: string;
  after: string;
}

/**
 * A sentence of the service, cut at its verdict: what stands after the last colon, without the stop.
 * "11 of the last 12 weeks significantly high, rising: intensifying, getting worse."
 */
export function verdictParts(sentence: string): Parts {
  const found = /^(.*(?:：|: ))([^：]+?)([。.]?)$/su.exec(sentence);
  if (!found) return { before: sentence, verdict: '', after: '' };
  const [, before = '', verdict = '', after = ''] = found;
  return { before, verdict, after };
}
