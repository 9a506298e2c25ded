import type { ReactElement } from 'react';
import { formatExactBytes, formatSize } from '../format/size.ts';
import { formatExactMoment, formatMoment } from '../format/time.ts';

/** A size for people; the exact bytes on hover. */
export function Size({ bytes }: { readonly bytes: number }): ReactElement {
  return (
    <span className="figure" title={formatExactBytes(bytes)}>
      {formatSize(bytes)}
    </span>
  );
}

/** A moment as one says it; date and seconds on hover. */
export function Moment({ at }: { readonly at: number }): ReactElement {
  return (
    <time className="figure" dateTime={new Date(at).toISOString()} title={formatExactMoment(at)}>
      {formatMoment({ at, now: Date.now() })}
    </time>
  );
}
