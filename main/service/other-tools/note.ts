import type { ForeignNote } from '../../../shared/model/other-tool.ts';
import type { Subvolume, SubvolumeRef } from '../../../shared/model/subvolume.ts';
import { foreignSnapshot } from '../../other-tools/layouts.ts';
import {
  MAX_INFO_BYTES,
  parseSnapperInfo,
  parseTimeshiftInfo,
} from '../../other-tools/metadata.ts';
import type { Context } from '../context.ts';
import { findSubvolume } from '../handlers/snapshots.ts';

/** What its tool noted of a snapshot, read from the volume, mounted or not. */
export async function noteOf(ref: SubvolumeRef, context: Context): Promise<ForeignNote | null> {
  const { known, subvolume, subvolumes } = await findSubvolume(ref, context);
  const own = foreignSnapshot(subvolume.path);
  const original = subvolumes.find(({ uuid }) => uuid !== null && uuid === subvolume.parentUuid);
  const foreign = own ?? (original && foreignSnapshot(original.path));
  if (!foreign) return null;
  const { tool, label, infoPath, takenAtMs } = foreign;
  const bare = { tool, label, takenAtMs, description: '', kind: '', cleanup: '' };
  if (infoPath === null) return bare;
  const holder = holderOf(infoPath, subvolumes);
  if (!holder) return bare;
  const path = holder.path === '' ? infoPath : infoPath.slice(holder.path.length + 1);
  const { subvolumeId } = holder;
  // The tools keep their notes in live subvolumes: what was just written must be on the disk.
  const volume = { ...known.input, sync: 'all' as const };
  const preview = await context.engine
    .run('previewFile', { volume, subvolumeId, path, limitBytes: MAX_INFO_BYTES })
    .catch(() => undefined); // deleted, or never written
  const text = preview?.text;
  if (typeof text !== 'string') return bare;
  const info = tool === 'snapper' ? parseSnapperInfo(text) : parseTimeshiftInfo(text);
  return info ? { ...bare, ...info, takenAtMs: info.takenAtMs ?? takenAtMs } : bare;
}

/** The subvolume that a path from the top level lies in: the deepest whose path begins it. */
function holderOf(path: string, subvolumes: readonly Subvolume[]): Subvolume | undefined {
  return subvolumes
    .filter((one) => one.path === '' || path.startsWith(`${one.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}
