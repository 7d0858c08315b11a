/** Why a request gave no answer: the service's problem details (RFC 9457), or no service at all. */
export class Problem extends Error {
  /** HTTP status; 0 when the service could not be reached. */
  readonly status: number;
  /** The stable code of the problem, e.g. `grid_not_found`; empty when there is none. */
  readonly code: string;

  /** What else the service tells of it, as the codes of grids it offers. */
  readonly facts: Readonly<Record<string, unknown>>;

  /** Seconds until the same question makes sense again, where the service says so. */
  readonly retryAfterS: number | null;

  constructor(
    status: number,
    code: string,
    detail: string,
    retryAfterS: number | null = null,
    facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
    this.facts = facts;
  }

  get unreachable(): boolean {
    return this.status === 0;
  }
}

/** The problem a response body describes; bodies of proxies and crashes describe none. */
export function problemFrom({ status, headers }: Response, body: unknown): Problem {
  const after = Number.parseInt(headers.get('Retry-After') ?? '', 10);
  const retryAfterS = Number.isNaN(after) ? null : after;
  if (typeof body === 'object' && body !== null) {
    const facts = body as Record<string, unknown>;
    const { code, detail, title } = facts;
    const text = typeof detail === 'string' ? detail : typeof title === 'string' ? title : '';
    return new Problem(status, typeof code === 'string' ? code : '', text, retryAfterS, facts);
  }
  return new Problem(status, '', '', retryAfterS);
}
