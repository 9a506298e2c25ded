/** Behind the name of a point whose stream was cut short, so that nobody takes it for the whole. */
export const CUT_MARK = ' (cut short)';

/** What the stream of a point with this name calls it, and so what a receiver does. */
export function streamName(name: string): string {
  return name.endsWith(CUT_MARK) ? name.slice(0, -CUT_MARK.length) : name;
}
