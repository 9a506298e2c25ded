import { Fragment, type ReactElement } from 'react';
import { printable } from '../../shared/model/bytes-text.ts';
import styles from './path-text.module.css';

interface PathTextProps {
  readonly value: string;
  /** One line, its middle given up first: the end of a path tells most. */
  readonly clip?: boolean;
}

/** Where a path that is longer than its line is broken first. */
const AFTER_SLASH = /(?<=\/)(?=[^/])/;

/**
 * A name or path from a disk. It may be in any script and any bytes: isolated, so that a
 * right-to-left name leaves what surrounds it alone, and with what is no text escaped.
 */
export function PathText({ value, clip = false }: PathTextProps): ReactElement {
  const text = printable(value);
  if (!clip) {
    return (
      <bdi className={styles.path}>
        {text.split(AFTER_SLASH).map((part, i) => (
          <Fragment key={i}>
            {i > 0 && <wbr />}
            {part}
          </Fragment>
        ))}
      </bdi>
    );
  }
  const cut = text.lastIndexOf('/');
  return (
    <span className={styles.clip} title={text}>
      {cut > 0 && (
        <>
          <bdi className={styles.head}>{text.slice(0, cut)}</bdi>/
        </>
      )}
      <bdi className={styles.tail}>{text.slice(cut > 0 ? cut + 1 : 0)}</bdi>
    </span>
  );
}
