import { DendroError } from '../../../shared/errors.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import { sentUuid } from '../../engine/send-identity.ts';
import { formsIn } from '../../engine/sink/copy-forms.ts';
import type { SentForm } from '../../history/sent-without.ts';
import { readMarks } from '../plans/pins/marks.ts';
import { folderOf } from '../plans/pins/note-pin.ts';
import { dashed } from '../plans/targets/record-place.ts';

/** The sources that the marks in the folders of what was received here tell, by points. */
export function marksBeside(subvolumes: readonly Subvolume[]): ReadonlyMap<string, string> {
  const marks = foldersOfCopies(subvolumes).flatMap(readMarks);
  return new Map(marks.map(({ pointId, sourceUuid }) => [pointId, sourceUuid]));
}

/**
 * What the notes beside copies say that these lack, as far as it is not known. The uuid of such a copy
 * is made of what it is of and what it lacks, so that nobody can say of one what is not so.
 */
export function formsBeside(
  subvolumes: readonly Subvolume[],
  known: ReadonlyMap<string, SentForm>,
): SentForm[] {
  // Of what is there: a folder may hold any number of files that look like notes.
  const wanted = new Set(
    subvolumes.flatMap(({ receivedUuid }) =>
      receivedUuid !== null && !known.has(receivedUuid) ? [receivedUuid] : [],
    ),
  );
  return foldersOfCopies(subvolumes).flatMap((folder) => {
    const forms = notesIn(folder, (uuid) => wanted.has(dashed(uuid)));
    return [...forms].flatMap(([digits, { snapshotUuid, excludes }]) => {
      const uuid = dashed(digits);
      const isRight = sentUuid(snapshotUuid, excludes) === uuid;
      return isRight ? [{ uuid, pointId: snapshotUuid, excludes }] : [];
    });
  });
}

function notesIn(folder: string, isWanted: (uuid: string) => boolean): ReturnType<typeof formsIn> {
  try {
    return formsIn(folder, isWanted);
  } catch (error) {
    // A drive that fails, or a folder of others: what is listed is told by that.
    if (!(error instanceof DendroError)) throw error;
    return new Map();
  }
}

function foldersOfCopies(subvolumes: readonly Subvolume[]): string[] {
  const folders = subvolumes.flatMap(({ receivedUuid, mountedPath }) =>
    receivedUuid !== null && mountedPath !== null ? [folderOf(mountedPath)] : [],
  );
  return [...new Set(folders)];
}
