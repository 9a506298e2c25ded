import { useState, type ReactElement } from 'react';
import type { Source } from '../../../shared/model/subvolume.ts';
import { useAct, useAsk } from '../../bridge/queries.ts';
import type { BackupPlace } from '../../model/backup-places.ts';
import { Candidates } from './candidates.tsx';
import { FolderField } from './folder-field.tsx';
import { SendButtons, Counting, Room } from './send-buttons.tsx';

interface SendPartProps {
  readonly source: Source;
  readonly place: BackupPlace;
  readonly onDone: () => void;
}

/** To btrfs: as restore points that can be looked into at once. */
export function SendPart({ source, place, onDone }: SendPartProps): ReactElement {
  const [folder, setFolder] = useState('');
  const ref = { volumeId: source.volumeId, subvolumeId: source.subvolumeId };
  const target = { volumeId: place.id, folder };
  const plan = useAsk('backup.plan', { source: ref, target }, { staleMs: 0 });
  const start = useAct('backup.start');
  const [chosen, setChosen] = useState(0);
  const candidate = plan.data?.candidates[chosen];
  const begin = (): void => {
    const parent = candidate?.parent
      ? { volumeId: candidate.parent.volumeId, subvolumeId: candidate.parent.subvolumeId }
      : 'full';
    start.mutate({ source: ref, target, parent }, { onSuccess: onDone });
  };
  return (
    <>
      <FolderField folder={folder} onChange={setFolder} />
      <Counting plan={plan} />
      {plan.data && <Candidates plan={plan.data} chosen={chosen} onChoose={setChosen} />}
      {candidate && plan.data && (
        <Room bytes={candidate.bytes} freeBytes={plan.data.targetFreeBytes} drive={place.name} />
      )}
      <SendButtons
        bytes={candidate?.bytes}
        drive={place.name}
        error={start.error}
        isBusy={start.isPending}
        onBegin={begin}
        onDone={onDone}
      />
    </>
  );
}
