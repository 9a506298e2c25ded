import { conflict, DendroError, ioError, noteOfError } from '../../../shared/errors.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import type { HealOutcome } from '../../../shared/model/heal.ts';
import type { VerbContext } from '../../engine/context.ts';
import { volumeFor, type VolumeInput } from '../../engine/open-volumes.ts';
import { lookup, openSubvolume, type Subvolume } from '../../engine/tree/index.ts';
import { subvolumeInfo } from '../../linux/btrfs-ioctl.ts';
import {
  closeFd,
  cString,
  filesystemOf,
  O_DIRECTORY,
  O_RDONLY,
  openPath,
} from '../../linux/files.ts';
import { holdersOf } from '../../linux/open-files.ts';
import type { PlacedTree } from '../node.ts';
import { findNode, openPlace } from '../open-place.ts';
import { lossOf, type FileLoss, type LostPiece } from './damaged-files.ts';
import { GoodCopy } from './good-copy.ts';
import { pathsOf, requireWritable, type HealPlace } from './look-for-damage.ts';
import { writePieces, type HealPiece, type Written } from './write-pieces.ts';

export interface HealFilesInput {
  readonly volume: VolumeInput;
  readonly subvolumeId: number;
  /** Where the subvolume's top can be written to now; absolute. */
  readonly mountedPath: string;
  /** In the subvolume, and where what is lost of each is, the best place first. */
  readonly files: readonly { readonly path: string; readonly places: readonly HealPlace[] }[];
}

type FileOutcome = HealOutcome['files'][number];

/**
 * Puts what is lost of files back out of places that hold it, block by block, and looks afterwards
 * whether each file holds against its checksums. What is good is not touched; done again after a
 * kill it goes on.
 *
 * @throws Conflict 'read-only-source', 'other-subvolume'; Io 'read-only'; Cancelled
 */
export async function healFiles(
  { volume, subvolumeId, mountedPath, files }: HealFilesInput,
  { cancel, progress }: VerbContext,
): Promise<HealOutcome> {
  const open = (): Subvolume => openSubvolume(volumeFor(volume, cancel), subvolumeId);
  requireWritable(open());
  const top = openTop(mountedPath, subvolumeId);
  const outcomes: FileOutcome[] = [];
  let bytes = 0;
  try {
    for (const { path, places } of files) {
      cancel.check();
      const outcome = await healOne(open, top, { path, mountedPath }, places, cancel);
      outcomes.push(outcome);
      bytes += outcome.healedBytes;
      const facts = { bytes, totalBytes: null, files: outcomes.length, totalFiles: files.length };
      progress({ step: 'heal', ...facts, current: path });
    }
  } finally {
    closeFd(top);
  }
  return { files: outcomes };
}

/** As much as is put into memory, and from there onto the disk, at a time. */
const BATCH_BYTES = 64 << 20;

async function healOne(
  open: () => Subvolume,
  top: number,
  { path, mountedPath }: { path: string; mountedPath: string },
  places: readonly HealPlace[],
  cancel: VerbContext['cancel'],
): Promise<FileOutcome> {
  const outcome: FileOutcome = {
    ...{ path, state: 'good', healedBytes: 0, lostBytes: 0, from: [], reason: null },
  };
  try {
    const { inode } = lookup(open(), bytesFromText(path));
    const from = new Set<string>();
    const written: Written[] = [];
    for (let done = 0; ;) {
      const subvolume = open();
      const loss = lossOf(subvolume, inode);
      outcome.lostBytes ||= lostBytes(loss);
      const batch = batchOf(loss, done);
      if (loss === undefined || batch.length === 0) {
        return concluded({ ...outcome, from: [...from] }, loss, written);
      }
      done = batch.at(-1)!.offset + 1;
      const found = await gather(subvolume, inode, loss, batch, places, cancel);
      for (const name of found.from) from.add(name);
      if (found.pieces.length === 0) continue;
      for (const one of writePieces(top, path, inode, joined(found.pieces))) written.push(one);
    }
  } catch (error) {
    if (!(error instanceof DendroError) || error.kind === 'Cancelled' || error.kind === 'Bug')
      throw error;
    return { ...outcome, state: 'failed', reason: reasonOf(error, mountedPath, path) };
  }
}

function batchOf(loss: FileLoss | undefined, done: number): LostPiece[] {
  let room = BATCH_BYTES;
  return (loss?.pieces ?? []).filter(({ offset, lengthBytes }) => {
    if (offset < done || room <= 0) return false;
    room -= lengthBytes;
    return true;
  });
}

function lostBytes(loss: FileLoss | undefined): number {
  return loss?.pieces.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0) ?? 0;
}

/** The volume was read again, past every checksum: what is said is what was found. */
function concluded(
  outcome: FileOutcome,
  left: FileLoss | undefined,
  written: readonly Written[],
): FileOutcome {
  if (outcome.lostBytes === 0) return outcome;
  const lost = lostBytes(left);
  const healedBytes = Math.max(0, outcome.lostBytes - lost);
  if (left === undefined) return { ...outcome, state: 'healed', healedBytes };
  const reason = written.includes('changed')
    ? noted('heal-written-meanwhile', 'It was written to meanwhile.')
    : noted('heal-not-held', say`${{ bytes: lost }} bytes are held by no place that is here.`);
  return { ...outcome, state: healedBytes > 0 ? 'partly' : 'failed', healedBytes, reason };
}

/** Each piece from the first place that surely has it. */
async function gather(
  subvolume: Subvolume,
  inode: number,
  loss: FileLoss,
  wanted: readonly LostPiece[],
  places: readonly HealPlace[],
  cancel: VerbContext['cancel'],
): Promise<{ pieces: HealPiece[]; from: string[] }> {
  const pieces: HealPiece[] = [];
  const from: string[] = [];
  let missing = [...wanted];
  for (const place of places) {
    if (missing.length === 0) break;
    cancel.check();
    const tree = await tryOpen(place, cancel);
    if (tree === undefined) continue;
    try {
      const paths = pathsOf(subvolume, inode);
      const node = paths.map((one) => findNode(tree, one)).find((one) => one?.type === 'file');
      if (!node) continue;
      const copy = new GoodCopy(node, subvolume, inode, loss);
      const before = pieces.length;
      missing = missing.filter((piece) => {
        const bytes = copy.bytesOf(piece);
        if (bytes !== undefined) pieces.push({ offset: piece.offset, bytes });
        return bytes === undefined;
      });
      if (pieces.length > before) from.push(place.name);
    } finally {
      tree.close();
    }
  }
  return { pieces: pieces.sort((a, b) => a.offset - b.offset), from };
}

/** A place that has gone since is passed over: another may have it. */
async function tryOpen(
  { input }: HealPlace,
  cancel: VerbContext['cancel'],
): Promise<PlacedTree | undefined> {
  try {
    return await openPlace(input, cancel);
  } catch (error) {
    if (!(error instanceof DendroError) || error.kind === 'Cancelled' || error.kind === 'Bug')
      throw error;
    return undefined;
  }
}

/** Pieces that touch as one, so that a long range stays a long extent. */
function joined(pieces: readonly HealPiece[]): HealPiece[] {
  const out: { offset: number; parts: Buffer[]; length: number }[] = [];
  for (const { offset, bytes } of pieces) {
    const last = out.at(-1);
    if (last !== undefined && last.offset + last.length === offset) {
      last.parts.push(bytes);
      last.length += bytes.length;
    } else out.push({ offset, parts: [bytes], length: bytes.length });
  }
  return out.map(({ offset, parts }) => ({ offset, bytes: Buffer.concat(parts) }));
}

function openTop(mountedPath: string, subvolumeId: number): number {
  const top = openPath(cString(bytesFromText(mountedPath)), O_RDONLY | O_DIRECTORY);
  try {
    if (subvolumeInfo(top).id !== subvolumeId) throw otherSubvolume(mountedPath);
    if (filesystemOf(top).isReadOnly) throw readOnly(mountedPath);
    return top;
  } catch (error) {
    closeFd(top);
    throw error;
  }
}

function reasonOf(error: DendroError, mountedPath: string, path: string): Note {
  if (error.code !== 'file-busy') return noteOfError(error);
  const file = bytesFromText(`${mountedPath.replace(/\/+$/, '')}/${path}`);
  const holders = holdersOf([file]).map(({ program, processId }) => `${program} (${processId})`);
  const reason = noteOfError(error);
  return holders.length === 0
    ? reason
    : noted('heal-busy', say`${{ reason }} ${{ programs: holders.join(', ') }}`);
}

function otherSubvolume(path: string): Error {
  return conflict(
    'other-subvolume',
    say`"${{ path: printable(path) }}" is the top of another subvolume.`,
    {
      hint: 'Mount the subvolume that is to be healed.',
    },
  );
}

function readOnly(path: string): Error {
  return ioError(
    'read-only',
    say`"${{ path: printable(path) }}" is on a filesystem that is read-only.`,
    {
      hint: 'Mount it read-write, and heal again.',
      place: { path: printable(path) },
    },
  );
}
