import { Anchor } from '@mantine/core';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { Drive } from '../../../shared/model/drive.ts';
import { isOffered } from '../../model/offered.ts';
import { EmptyDrive } from '../../parts/empty-drive.tsx';
import { t } from '../../text/index.ts';

/** What a drive could be used for, and what will and will not happen to what is on it. */
export function NewDrive({ drive }: { readonly drive: Drive }): ReactElement | null {
  const { filesystem, state } = drive;
  if (!isOffered(drive)) return null;
  if (state === 'blank') {
    return (
      <>
        <EmptyDrive drive={drive} />
        <p className="plain">
          {t('drive.wasFull')}{' '}
          <Anchor component={Link} href="/rescue" inherit underline="always">
            {t('drive.lookFirst')}
          </Anchor>
        </p>
      </>
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
