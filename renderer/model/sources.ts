import type { RestorePoint, Source, SubvolumeRef } from '../../shared/model/subvolume.ts';
import { archiveOfPlace, isVolume } from '../../shared/model/plan-target.ts';
import { printable } from '../../shared/model/bytes-text.ts';
import type { SamplePoint, SampleTone } from '../charts/core-sample-layout.ts';
import { t } from '../text/index.ts';

/** One text for one subvolume: what selections and addresses hold. */
export function refKey({ volumeId, subvolumeId }: SubvolumeRef): string {
  return `${subvolumeId}@${volumeId}`;
}

export function refFromKey(key: string): SubvolumeRef | undefined {
  const match = /^(\d{1,16})@(.+)$/s.exec(key);
  return match ? { subvolumeId: Number(match[1]), volumeId: match[2]! } : undefined;
}

/** `@home` and `home` are Home to a person, `@` is the system; what is no word stays as it is. */
export function sourceName({ name }: Pick<Source, 'name'>): string {
  if (name === '@') return t('source.system');
  const last = printable(name).split('/').at(-1)!;
  const bare = last.startsWith('@') ? last.slice(1) : last;
  return /^\p{L}+$/u.test(bare) ? bare.charAt(0).toLocaleUpperCase() + bare.slice(1) : bare;
}

/** The names of what a plan backs up, in its order. */
export function sourceNames(refs: readonly SubvolumeRef[], sources: readonly Source[]): string[] {
  return refs.map((ref) => {
    const source = sources.find((one) => refKey(one) === refKey(ref));
    return source ? sourceName(source) : t('plans.sourceAway');
  });
}

/** Points come newest first; the core sample is read like a core: oldest first. */
export function toSample(points: readonly RestorePoint[]): SamplePoint[] {
  return points
    .map((point) => ({
      at: point.takenAtMs,
      changedBytes: point.backup?.bytes ?? null,
      tone: toneOf(point),
    }))
    .reverse();
}

export function toneOf(point: RestorePoint): SampleTone {
  const here = point.copies.some((copy) => copy.place === 'local' && copy.present);
  const drives = point.copies.filter((copy) => copy.place === 'drive');
  if (here && drives.length === 0) return 'here';
  return here || drives.some((copy) => copy.present) ? 'both' : 'away';
}

/** Whether restore points there are stream files. */
export function isArchive(placeId: string): boolean {
  return archiveOfPlace(placeId) !== undefined;
}

/**
 * The copy to read from: on this computer when there is one, else a snapshot on a drive that is
 * here, else stream files.
 */
export function readableCopy<Copy extends CopyAt>(point: {
  readonly copies: readonly Copy[];
}): Copy | undefined {
  const here = point.copies.filter((copy) => copy.present);
  return (
    here.find((copy) => copy.place === 'local') ??
    here.find((copy) => isVolume(copy.volumeId)) ??
    here.find((copy) => isArchive(copy.volumeId))
  );
}

interface CopyAt {
  readonly volumeId: string;
  readonly present: boolean;
  readonly place?: 'local' | 'drive';
}
