import type { ReactElement } from 'react';
import header from './page-header.module.css';
import { Waiting } from './waiting.tsx';

/** A page that is being fetched: its header's room, so that nothing moves when it comes. */
export function PageWaiting(): ReactElement {
  return (
    <>
      <div className={header.header} />
      <Waiting rows={6} inset />
    </>
  );
}
