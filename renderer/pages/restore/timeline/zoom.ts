/** How much of a history the strip shows at once. */
export const SPANS = ['all', 'year', 'month', 'week', 'day'] as const;
export type Span = (typeof SPANS)[number];

export interface Stretch {
  readonly fromMs: number;
  /** Not in it any more. */
  readonly toMs: number;
}

/**
 * The calendar's year, month, week (from Monday) or day that a moment lies in, by the local clock;
 * null for all of it.
 */
export function stretchOf(span: Span, atMs: number): Stretch | null {
  const at = new Date(atMs);
  const [year, month, day] = [at.getFullYear(), at.getMonth(), at.getDate()];
  switch (span) {
    case 'all':
      return null;
    case 'year':
      return between(new Date(year, 0), new Date(year + 1, 0));
    case 'month':
      return between(new Date(year, month), new Date(year, month + 1));
    case 'week': {
      const monday = day - ((at.getDay() + 6) % 7);
      return between(new Date(year, month, monday), new Date(year, month, monday + 7));
    }
    case 'day':
      return between(new Date(year, month, day), new Date(year, month, day + 1));
  }
}

function between(from: Date, to: Date): Stretch {
  return { fromMs: from.getTime(), toMs: to.getTime() };
}

/** First and last index, both included, of the moments (oldest first) in a stretch. */
export function indexesIn(
  moments: readonly { readonly at: number }[],
  stretch: Stretch | null,
): { readonly first: number; readonly last: number } {
  if (stretch === null) return { first: 0, last: moments.length - 1 };
  const first = moments.findIndex(({ at }) => at >= stretch.fromMs);
  const last = moments.findLastIndex(({ at }) => at < stretch.toMs);
  return { first, last };
}

/** Index of the newest moment (oldest first) before the end of a day, else of the oldest. */
export function indexOnDay(moments: readonly { readonly at: number }[], day: string): number {
  const [year, month, date] = day.split('-').map(Number);
  const endMs = new Date(year ?? 0, (month ?? 1) - 1, (date ?? 1) + 1).getTime();
  return Math.max(
    0,
    moments.findLastIndex(({ at }) => at < endMs),
  );
}

/** `2026-11-22` by the local clock, as a date field wants it. */
export function dayOf(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
