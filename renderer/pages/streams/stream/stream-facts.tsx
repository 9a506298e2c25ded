import type { ReactElement } from 'react';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { StreamLook, StreamSubvolume } from '../../../../shared/model/stream.ts';
import { formatCount, formatSize } from '../../../format/size.ts';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { ToneMark } from '../../../parts/notice.tsx';
import { t } from '../../../text/index.ts';
import styles from '../streams.module.css';

/** What the stream holds, in one sentence each, and whether it is whole. */
export function StreamFacts({ look }: { readonly look: StreamLook }): ReactElement {
  const { subvolumes, problem, commands, version, streamBytes, fileBytes, packing } = look;
  return (
    <div className={styles.facts}>
      <ul className={styles.sentences}>
        {subvolumes.map((subvolume) => (
          <li key={subvolume.firstCommand}>
            <ToneMark tone={subvolume.hasEnd ? 'proven' : 'needs-you'} size={16} />
            <span>
              {sentenceOf(subvolume)}
              <code className={styles.exact}>{identityOf(subvolume)}</code>
            </span>
          </li>
        ))}
      </ul>
      <p className={styles.below}>
        {t('streams.facts', {
          count: commands,
          commands: formatCount(commands),
          version,
          size: formatSize(streamBytes),
        })}{' '}
        {packing === 'none' ? '' : t('streams.packed', { packing, size: formatSize(fileBytes) })}{' '}
        {problem === null && t('streams.proved')} {look.isTreeCut && t('streams.cut')}
      </p>
      {problem && <ErrorNotice error={problem} urgent={false} />}
    </div>
  );
}

function sentenceOf({ name, parent, dataBytes, hasEnd }: StreamSubvolume): string {
  const values = { name: printable(name), size: formatSize(dataBytes) };
  const what = t(parent === null ? 'streams.full' : 'streams.increment', values);
  return hasEnd ? what : `${what} ${t('streams.noEnd')}`;
}

function identityOf({ uuid, ctransid, parent }: StreamSubvolume): string {
  const own = t('streams.identity', { uuid, ctransid });
  return parent === null
    ? own
    : `${own} ${t('streams.parent', { uuid: parent.uuid, ctransid: parent.ctransid })}`;
}
