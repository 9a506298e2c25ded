import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { DendroError } from '../../../shared/errors.ts';
import type { VerbContext } from '../../engine/context.ts';
import { exists, freePath } from '../../engine/restore/destination.ts';
import { fingerprint } from '../../engine/restore/fingerprint.ts';
import { LossReport, type Loss } from '../../engine/sink/loss-report.ts';
import { TreeWriter } from '../../engine/sink/tree-writer.ts';
import {
  closeFd,
  cString,
  filesystemOf,
  MAGIC,
  O_DIRECTORY,
  O_RDONLY,
  openPath,
  syncFilesystem,
} from '../../linux/files.ts';
import { cleaned, lastName, lookup } from '../tree/tree.ts';
import { inward, withPoint, type PointInput } from '../verbs/session.ts';
import { DamagedFiles, type DamagedFile } from './damaged-files.ts';
import { FileCopy } from './file-copy.ts';

export interface RestoreFilesInput extends PointInput {
  /** Paths in the point; each comes with all below it. '' is everything, below its own name. */
  readonly paths: readonly string[];
  /** An absolute path of a folder that exists, on any filesystem. */
  readonly destination: string;
}

export interface RestoreFilesSummary {
  readonly files: number;
  readonly bytes: number;
  readonly items: readonly { readonly path: string; readonly fingerprint: string }[];
  /** Left out, for they are damaged in the archive; all others were restored. */
  readonly damaged: readonly DamagedFile[];
  readonly damagedCount: number;
  readonly losses: readonly Loss[];
  readonly lossCount: number;
  /** Read from the archive's drive. */
  readonly bytesRead: number;
  readonly notes: readonly string[];
}

/**
 * Copies files and folders out of an archive, reading only the frames that hold them. Nothing
 * that exists is changed: what is in the way keeps its name. Ends with everything on the disk.
 */
export function restoreFromArchive(
  input: RestoreFilesInput,
  context: VerbContext,
): Promise<RestoreFilesSummary> {
  return withPoint(input, context.cancel, ({ reader, ref, open }) => {
    const losses = new LossReport();
    const damaged = new DamagedFiles();
    const wanted = input.paths.map((text) => cleaned(inward(text)));
    // Before anything is written: is all of it there?
    const inodes = wanted.map((path) => lookup(open.tree, path));
    const onLoss = (path: Uint8Array, what: string): void => losses.add(path, what);
    const root = openPath(cString(bytesFromText(input.destination)), O_RDONLY | O_DIRECTORY);
    const mayInherit = filesystemOf(root).magic === MAGIC.btrfs;
    const writer = new TreeWriter(root, { mayInherit, onLoss });
    const copy = new FileCopy(open, writer, {
      cancel: context.cancel,
      onLoss,
      onProgress,
      onDamage,
    });
    function onDamage(path: string, error: DendroError): void {
      damaged.add(path, error);
    }
    function onProgress(current: string): void {
      const { bytes, files } = copy;
      context.progress({ step: 'copy', bytes, files, totalBytes: null, totalFiles: null, current });
    }
    const items: { path: string; fingerprint: string }[] = [];
    try {
      for (const [i, path] of wanted.entries()) {
        const name =
          path === ''
            ? Buffer.from(bytesFromText(ref.point.name))
            : Buffer.from(lastName(path), 'latin1');
        const to = freePath(root, copy.nameFor(name));
        copy.copy(path, inodes[i]!, Buffer.from(to));
        writer.settle();
        writer.inodes.leave();
        const full = `${input.destination.replace(/\/+$/, '')}/${textFromBytes(to)}`;
        if (exists(root, to))
          items.push({ path: full, fingerprint: fingerprint(bytesFromText(full)) });
      }
      syncFilesystem(root);
    } finally {
      writer.close();
      closeFd(root);
    }
    const { files, bytes } = copy;
    damaged.assertSome(files);
    const { entries, count } = losses;
    return {
      ...{ files, bytes, items, damaged: damaged.files, damagedCount: damaged.count },
      ...{ losses: entries, lossCount: count },
      bytesRead: reader.bytesRead,
      notes: reader.notes,
    };
  });
}
