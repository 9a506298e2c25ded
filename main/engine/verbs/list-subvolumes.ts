import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { VerbContext } from '../context.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { listSubvolumes, type SubvolumeInfo } from '../tree/index.ts';
import { timeMs } from './entries.ts';
import { uuidText } from './uuid-text.ts';

/** A subvolume as the volume itself describes it; where it is mounted is added by who knows. */
export type SubvolumeFacts = Omit<Subvolume, 'volumeId' | 'mountedPath'>;

export function subvolumes(input: VolumeInput, { cancel }: VerbContext): SubvolumeFacts[] {
  return listSubvolumes(volumeFor(input, cancel)).map(subvolumeFacts);
}

export function subvolumeFacts(info: SubvolumeInfo): SubvolumeFacts {
  const receivedUuid = uuidText(info.receivedUuid);
  const parentUuid = uuidText(info.parentUuid);
  return {
    subvolumeId: info.id,
    kind: receivedUuid !== null ? 'received' : parentUuid !== null ? 'snapshot' : 'subvolume',
    path: textFromBytes(info.path),
    uuid: uuidText(info.uuid),
    parentUuid,
    receivedUuid,
    parentId: info.parentId,
    generation: info.generation,
    ctransid: info.ctransid,
    otransid: info.otransid,
    stransid: info.stransid,
    rtransid: info.rtransid,
    readOnly: info.isReadOnly,
    createdAtMs: timeMs(info.otime),
    whole: true,
  };
}
