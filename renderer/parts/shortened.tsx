import type { ReactElement } from 'react';

interface ShortenedProps {
  readonly whole: string;
  /** The same words, with names shortened. */
  readonly short: string;
}

/** What is short for the eye is whole for a screen reader, and when it is pointed at. */
export function Shortened({ whole, short }: ShortenedProps): ReactElement {
  if (whole === short) return <span>{whole}</span>;
  return (
    <span title={whole}>
      <span aria-hidden="true">{short}</span>
      <span className="visually-hidden">{whole}</span>
    </span>
  );
}
