import type { ReactElement } from 'react';

/** The core sample bent into a circle: the mark of the program. */
export function Rings(): ReactElement {
  return (
    <svg width="26" height="26" viewBox="0 0 64 64" aria-hidden="true">
      <g fill="none" stroke="var(--accent)">
        <circle cx="32" cy="32" r="28" strokeWidth="5" />
        <circle cx="31" cy="33" r="20" strokeWidth="2.4" />
        <circle cx="30.4" cy="33.6" r="14" strokeWidth="5" />
        <circle cx="30" cy="34" r="7" strokeWidth="2.4" />
      </g>
      <circle cx="29.6" cy="34.4" r="2.6" fill="var(--accent)" />
    </svg>
  );
}
