import { useState, type ReactElement } from 'react';
import type { Source } from '../../../shared/model/subvolume.ts';
import { useAct, useAsk } from '../../bridge/queries.ts';
import { filesystemName } from '../../format/filesystem.ts';
import { formatCount, formatSize } from '../../format/size.ts';
import { formatMoment } from '../../format/time.ts';
import type { BackupPlace } from '../../model/backup-places.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { t } from '../../text/index.ts';
import { FolderField } from './folder-field.tsx';
import { Counting, Room, SendButtons } from './send-buttons.tsx';

interface ExportPartProps {
  readonly source: Source;
  readonly place: BackupPlace & { readonly kind: 'streams' };
  readonly onDone: () => void;
}

/** To any other filesystem: as stream files, in a folder that explains itself. */
export function ExportPart({ source, place, onDone }: ExportPartProps): ReactElement {
  const [folder, setFolder] = useState(place.folder);
  const request = {
    source: { volumeId: source.volumeId, subvolumeId: source.subvolumeId },
    driveId: place.id,
    folder,
  };
  const plan = useAsk('backup.planExport', request, { staleMs: 0 });
  const start = useAct('backup.export');
  return (
    <>
      <FolderField folder={folder} onChange={setFolder} />
      <p className="plain">
        {t('drive.canStreams', { filesystem: filesystemName(place.filesystem) })}
      </p>
      <Counting plan={plan} />
      {plan.data && (
        <>
          <p className="plain">
            {t(plan.data.upon === null ? 'backup.exportFull' : 'backup.exportSince', {
              count: plan.data.files,
              files: formatCount(plan.data.files),
              size: formatSize(plan.data.bytes),
              moment: formatMoment({ at: plan.data.uponTakenAtMs ?? 0, now: Date.now() }),
            })}
          </p>
          <CopyLine text={plan.data.commandLine} />
          <Room bytes={plan.data.bytes} freeBytes={plan.data.targetFreeBytes} drive={place.name} />
        </>
      )}
      <SendButtons
        bytes={plan.data?.bytes}
        drive={place.name}
        error={start.error}
        isBusy={start.isPending}
        onBegin={() => start.mutate(request, { onSuccess: onDone })}
        onDone={onDone}
      />
    </>
  );
}
