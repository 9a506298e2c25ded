import { existsSync, mkdirSync, mkdtempSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { conflict, corrupt, DendroError, noteOfError } from '../../../shared/errors.ts';
import { noted, say, textOf, type Note } from '../../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { DrillReceipt } from '../../../shared/model/archive.ts';
import type { VerbContext } from '../../engine/context.ts';
import { hashOfContent } from '../../engine/proof/content-hash.ts';
import type { Stretch } from '../../engine/proof/same-bytes.ts';
import { reached } from '../../engine/restore/destination.ts';
import { dataRanges } from '../../engine/sink/data-ranges.ts';
import { TreeWriter } from '../../engine/sink/tree-writer.ts';
import {
  closeFd,
  cString,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  openPath,
  statFd,
} from '../../linux/files.ts';
import { writeDurably } from '../folder/durable.ts';
import { libc } from '../../linux/libc.ts';
import { checked, ERRNO, isErrno, typedFs } from '../../linux/libc-error.ts';
import { lockArchive, type ArchiveLock } from '../folder/lock.ts';
import { isRealFolder } from '../folder/open-file.ts';
import { RECEIPTS } from '../folder/names.ts';
import type { OpenTree } from '../read/open-tree.ts';
import { FileCopy } from '../restore/file-copy.ts';
import type { Inode } from '../tree/inode.ts';
import { readNamed } from '../tree/read-content.ts';
import { shown } from '../tree/tree.ts';
import { withPoint, type PointInput } from '../verbs/session.ts';
import { RECEIPT_NOT_ON_DRIVE } from './drill-failed.ts';
import { whileThere } from '../folder/archive-gone.ts';

export interface DrillInput extends PointInput {
  /** An absolute path of a folder with room for the point; what is made in it is removed. */
  readonly scratch: string;
  readonly nowMs: number;
}

const MAX_FAILURES = 100;
/** The kernel makes no longer one (PATH_MAX with its NUL). */
const MAX_TARGET_BYTES = 4096;

/** The receipt; as notes what is in its `failures`, and that it is not on the drive. */
export interface Drilled {
  readonly receipt: DrillReceipt;
  readonly notes: readonly Note[];
}

/**
 * Restores a point into scratch space, reads every file back from there and compares it with the
 * hash that was recorded when it was backed up. The receipt is written to the drive, where that
 * can be written to; what is proven does not depend on it.
 * @throws Io 'archive-gone'
 */
export async function drillArchive(input: DrillInput, context: VerbContext): Promise<Drilled> {
  return whileThere(
    input.folder,
    () => drilled(input, context),
    ({ receipt }) => !receipt.passed,
  );
}

async function drilled(input: DrillInput, context: VerbContext): Promise<Drilled> {
  const lock = lockUnlessReadOnly(input.folder);
  try {
    return await withPoint(input, context.cancel, ({ reader, ref, open }) => {
      const scratch = madeBelow(input.scratch);
      const began = performance.now();
      try {
        const { wrong, ...proof } = proveBelow(open, scratch, context);
        const { point, source } = ref;
        const receipt: DrillReceipt = {
          ...{ format: 'dendro-drill', version: 1, archiveId: reader.archive.manifest.archiveId },
          ...{
            source: source.folder,
            point: point.name,
            uuid: point.uuid,
            takenAtMs: point.takenAtMs,
          },
          startedAtMs: input.nowMs,
          durationMs: Math.round(performance.now() - began),
          ...proof,
          failures: wrong.map(textOf),
          passed: wrong.length === 0,
        };
        const isKept = lock !== undefined && keepReceipt(input.folder, receipt);
        return { receipt, notes: isKept ? wrong : [RECEIPT_NOT_ON_DRIVE, ...wrong] };
      } finally {
        rmSync(Buffer.from(bytesFromText(scratch)), { recursive: true, force: true });
      }
    });
  } finally {
    lock?.release();
  }
}

/** Undefined: nobody may write there, so that nobody changes anything meanwhile. */
function lockUnlessReadOnly(folder: string): ArchiveLock | undefined {
  try {
    return lockArchive(folder);
  } catch (error) {
    if (error instanceof DendroError && error.code === 'archive-read-only') return undefined;
    throw error;
  }
}

type Proof = Pick<DrillReceipt, 'files' | 'bytes' | 'hashed' | 'unhashed'> & {
  readonly wrong: Note[];
};

function proveBelow(open: OpenTree, scratch: string, context: VerbContext): Proof {
  const root = openPath(cString(bytesFromText(scratch)), O_RDONLY | O_DIRECTORY);
  try {
    return prove(open, root, context);
  } finally {
    closeFd(root);
  }
}

/** By a descriptor: paths below it may be longer than a call takes. */
function prove(open: OpenTree, root: number, context: VerbContext): Proof {
  const missing = new Set<string>();
  const onLoss = (path: Uint8Array, what: Note): void => {
    if (what.code === 'lost-name' || what.code === 'lost-kind') missing.add(textFromBytes(path));
  };
  const wrong: Note[] = [];
  const writer = new TreeWriter(root, { mayInherit: false, onLoss });
  const copy = new FileCopy(open, writer, {
    cancel: context.cancel,
    onLoss,
    onDamage: (path, error) => {
      missing.add(`point/${shown(path)}`);
      wrong.push(problemOf(path, noteOfError(error)));
    },
    onProgress: (current) => report(context, copy.bytes, copy.files, current),
  });
  try {
    copy.copy('', open.tree.top, Buffer.from('point'));
    writer.settle();
  } finally {
    writer.close();
  }
  const proof: Proof = {
    files: copy.files,
    bytes: copy.bytes,
    hashed: 0,
    unhashed: 0,
    wrong,
  };
  for (const { path, inode } of open.tree.walk()) {
    context.cancel.check();
    if (wrong.length >= MAX_FAILURES) break;
    const why = compare(root, path, inode, open, proof);
    if (why !== undefined && !missing.has(`point/${shown(path)}`)) wrong.push(problemOf(path, why));
  }
  return proof;
}

/** What is wrong with what was restored to `path` below `root`; undefined when it is as it should be. */
function compare(
  root: number,
  path: string,
  inode: Inode,
  { resolver }: OpenTree,
  proof: Proof,
): Note | undefined {
  const restored = Buffer.from(`point/${path}`, 'latin1');
  try {
    if (inode.kind === 'symlink') {
      return targetOf(root, restored).equals(inode.target!)
        ? undefined
        : noted('points-elsewhere', 'points elsewhere');
    }
    if (inode.kind !== 'file') return undefined;
    const { sha256, version } = inode;
    if (sha256 === undefined && inode.size > 0) proof.unhashed += 1;
    else proof.hashed += 1;
    // Holes of what has no hash may be of terabytes.
    const isWhole = sha256 !== undefined;
    const wanted = sha256 ?? hashOfContent(readNamed(path, version, resolver), version.size);
    return hashOfFile(root, restored, isWhole).equals(wanted)
      ? undefined
      : noted('not-what-was-backed-up', 'is not what was backed up');
  } catch (error) {
    return noteOfError(error);
  }
}

function targetOf(root: number, path: Uint8Array): Buffer {
  return reached(root, path, (dir, rest) => {
    const target = Buffer.alloc(MAX_TARGET_BYTES);
    const length = libc().readlinkat(dir, cString(rest), target, target.length);
    return target.subarray(0, checked(length, 'read', path));
  });
}

function hashOfFile(root: number, path: Uint8Array, isWhole: boolean): Buffer {
  const flags = O_RDONLY | O_NOFOLLOW;
  const fd = reached(root, path, (dir, rest) => openPath(cString(rest), flags, 0, dir));
  try {
    const { size } = statFd(fd);
    return hashOfContent(dataOf(fd, size), size, isWhole);
  } finally {
    closeFd(fd);
  }
}

function* dataOf(fd: number, size: number): Generator<Stretch> {
  const piece = Buffer.allocUnsafe(1 << 20);
  for (const { at, length } of dataRanges(fd, 0, size)) {
    for (let done = 0; done < length;) {
      const offset = at + done;
      const count = readSync(fd, piece, 0, Math.min(piece.length, length - done), offset);
      if (count === 0) return;
      yield { offset, data: piece.subarray(0, count) };
      done += count;
    }
  }
}

/** A folder of its own. */
function madeBelow(folder: string): string {
  const prefix = Buffer.from(bytesFromText(`${folder}/.dendro-drill-`));
  try {
    // Node takes bytes here; its types do not know that.
    return textFromBytes(mkdtempSync(prefix as unknown as string, { encoding: 'buffer' }));
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const message = say`The drill cannot restore to "${{ path: printable(folder) }}": ${{ code }}.`;
    throw conflict('scratch-unusable', message, {
      hint: 'Name another folder with --scratch, or in TMPDIR.',
      cause,
    });
  }
}

function problemOf(path: string, reason: Note): Note {
  return noted('file-problem', say`${{ path: shown(path) }}: ${{ reason }}`);
}

/** False: the drive is full, or became read-only meanwhile. */
function keepReceipt(folder: string, receipt: DrillReceipt): boolean {
  try {
    writeReceipt(folder, receipt);
    return true;
  } catch (error) {
    if (isErrno(typedFs(error), ERRNO.EROFS, ERRNO.ENOSPC, ERRNO.EDQUOT)) return false;
    throw error;
  }
}

function writeReceipt(folder: string, receipt: DrillReceipt): void {
  const date = new Date(receipt.startedAtMs).toISOString().slice(0, 19).replaceAll(':', '-');
  // `recursive` of Node says ENOENT for a filesystem that is read-only.
  if (!existsSync(join(folder, RECEIPTS))) mkdirSync(join(folder, RECEIPTS));
  if (!isRealFolder(join(folder, RECEIPTS))) throw noReceipts(folder);
  const name = `${date} ${receipt.uuid.slice(0, 8)}.json`;
  writeDurably(join(folder, RECEIPTS, name), `${JSON.stringify(receipt, undefined, 2)}\n`);
}

function noReceipts(folder: string): Error {
  return corrupt('not-a-folder', say`"${{ name: RECEIPTS }}" in the archive is not a folder.`, {
    hint: 'Links are not followed; take it away.',
    place: { path: printable(join(folder, RECEIPTS)) },
  });
}

function report(context: VerbContext, bytes: number, files: number, current: string): void {
  context.progress({ step: 'drill', bytes, totalBytes: null, files, totalFiles: null, current });
}
