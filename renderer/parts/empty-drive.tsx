import { Stack } from '@mantine/core';
import type { ReactElement } from 'react';
import { printable } from '../../shared/model/bytes-text.ts';
import type { Drive } from '../../shared/model/drive.ts';
import { filesystemName } from '../format/filesystem.ts';
import { formatSize } from '../format/size.ts';
import { makerOf } from '../model/backup-places.ts';
import { shellWord } from '../model/shell-word.ts';
import { t } from '../text/index.ts';
import { CopyLine } from './copy-line.tsx';

/**
 * A drive that nothing can be put on as it is: which one it is, what is on it as far as anybody
 * knows, and the line that would make it ready. Dendro never runs that line.
 */
export function EmptyDrive({ drive }: { readonly drive: Drive }): ReactElement {
  const { filesystem, devicePath, sizeBytes, disk } = drive;
  const device = devicePath === null ? '/dev/…' : shellWord(printable(devicePath));
  const words = {
    maker: makerOf(drive),
    size: formatSize(sizeBytes),
    device: printable(devicePath ?? ''),
    filesystem: filesystemName(filesystem),
  };
  return (
    <Stack component="section" gap="xs" mt="sm">
      <p className="plain">
        {t(filesystem === '' ? 'drive.emptyWhich' : 'drive.foreignWhich', words)}
        {disk?.serial ? ` ${t('drive.serial', { serial: disk.serial })}` : ''}
      </p>
      <p className="plain">{t('drive.canNothing')}</p>
      <CopyLine text={`sudo mkfs.btrfs --label 'Blue Drive' ${device}`} />
      <p className="plain">{t('drive.afterwards')}</p>
    </Stack>
  );
}
