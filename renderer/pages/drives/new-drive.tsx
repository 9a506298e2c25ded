import type { ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Drive } from '../../../shared/model/drive.ts';
import { shellWord } from '../../model/shell-word.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { t } from '../../text/index.ts';

/** What a drive could be used for, and what will and will not happen to what is on it. */
export function NewDrive({ drive }: { readonly drive: Drive }): ReactElement {
  const { filesystem, state, devicePath } = drive;
  if (state === 'blank') {
    const device = devicePath === null ? '/dev/…' : shellWord(printable(devicePath));
    return (
      <section>
        <p className="plain">{t('drive.canNothing')}</p>
        <CopyLine text={`mkfs.btrfs --label 'Blue Drive' ${device}`} />
      </section>
    );
  }
  return (
    <section>
      <p className="plain">
        {filesystem === 'btrfs'
          ? t('drive.canBtrfs')
          : filesystem !== '' && t('drive.canStreams', { filesystem })}{' '}
        {t('drive.marker')}
      </p>
    </section>
  );
}
