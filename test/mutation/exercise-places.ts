import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corrupt } from '../../shared/errors.ts';
import { textFromBytes } from '../../shared/model/bytes-text.ts';
import { CancelToken } from '../../main/engine/cancel.ts';
import { TreeCopy } from '../../main/engine/restore/copy-tree.ts';
import { DamageList } from '../../main/engine/restore/damage-list.ts';
import { TargetNames } from '../../main/engine/restore/target-names.ts';
import { TargetTree } from '../../main/engine/restore/target-tree.ts';
import { TreeWriter } from '../../main/engine/sink/tree-writer.ts';
import { openSubvolume, type Subvolume } from '../../main/engine/tree/index.ts';
import type { Volume } from '../../main/engine/volume/index.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../main/linux/files.ts';
import { treeDifferences } from '../../main/places/compare/tree-differences.ts';
import { SnapshotNode } from '../../main/places/snapshot-node.ts';

type Attempt = (name: string, work: () => string) => void;

/** A mutated size may claim petabytes of holes: such a copy is not read. */
const MAX_BYTES = 8 << 20;
const SNAPSHOT = Buffer.from('snapshot-2');

/** Restores a snapshot, and compares it with what it is on the whole volume. */
export function exercisePlaces(volume: Volume, whole: Volume, attempt: Attempt): void {
  attempt('restore', () => restoreTo(openSubvolume(volume, SNAPSHOT), attempt));
  attempt('diff', () => compare(volume, whole, attempt));
}

/** Each file that is not told as damaged, as the hash of its copy. */
function restoreTo(subvolume: Subvolume, attempt: Attempt): string {
  const folder = mkdtempSync(join(tmpdir(), 'dendro-mutation-'));
  try {
    const damages = new DamageList();
    copyInto(folder, subvolume, damages);
    const told = damages.parts.map(({ path }) => path);
    const files = filesIn(folder).map((path) => ({ path, at: join(folder, 'top', path) }));
    // A file of several names is told under one of them.
    const damaged = files
      .filter(({ path }) => told.includes(textFromBytes(Buffer.from(path, 'latin1'))))
      .map(({ at }) => inodeOf(at));
    for (const { path, at } of files) {
      if (!damaged.includes(inodeOf(at))) attempt(`restored ${path}`, () => hashOf(at));
    }
    if (damages.count > 0) throw corrupt('restore-damaged', told.join());
    return filesIn(folder).join();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyInto(folder: string, subvolume: Subvolume, damages: DamageList): void {
  const onLoss = (): void => {};
  const root = openPath(cString(Buffer.from(folder)), O_RDONLY | O_DIRECTORY);
  const writer = new TreeWriter(root, { mayInherit: false, forceDecompress: true, onLoss });
  try {
    const target = new TargetTree(writer, new TargetNames(false), Buffer.from(folder), {
      onLoss,
      damages,
    });
    const copy = new TreeCopy(subvolume, target, {
      ...{ cancel: new CancelToken(), onProgress: () => {}, onLoss, damages },
      ...{ reflink: undefined, earlier: undefined },
    });
    copy.copy(subvolume.rootInode, new Uint8Array(0), Buffer.from('top'));
    writer.settle();
    writer.inodes.leave();
  } finally {
    writer.close();
    closeFd(root);
  }
}

/** Paths, a character a byte. */
function filesIn(folder: string): string[] {
  const files: string[] = [];
  for (const open = ['']; open.length > 0;) {
    const below = open.pop()!;
    const path = Buffer.from(`${folder}/top${below}`, 'latin1');
    if (statSync(path, { throwIfNoEntry: false }) === undefined) continue;
    for (const entry of readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
      const inside = `${below}/${entry.name.toString('latin1')}`;
      if (entry.isDirectory()) open.push(inside);
      else if (entry.isFile()) files.push(inside.slice(1));
    }
  }
  return files.sort();
}

/** @param path a character a byte */
function inodeOf(path: string): number {
  return statSync(Buffer.from(path, 'latin1')).ino;
}

/** @param path a character a byte */
function hashOf(path: string): string {
  const bytes = Buffer.from(path, 'latin1');
  const { size } = statSync(bytes);
  if (size > MAX_BYTES) return `${size}`;
  return createHash('sha1').update(readFileSync(bytes)).digest('hex');
}

/** What differs and could be read, row by row. */
function compare(volume: Volume, whole: Volume, attempt: Attempt): string {
  const [a, b] = [whole, volume].map((one) => {
    const subvolume = openSubvolume(one, SNAPSHOT);
    return new SnapshotNode(subvolume, subvolume.rootInode);
  });
  const unreadable = new Set<string>();
  const list = treeDifferences(a!, b!, {
    check: () => undefined,
    onRead: () => undefined,
    onUnreadable: (path) => unreadable.add(path),
  });
  const rows = [...list];
  list.close();
  for (const { path, kind, aspects } of rows) {
    if (!unreadable.has(path)) attempt(`${kind} ${path}`, () => aspects.join());
  }
  if (unreadable.size > 0) throw corrupt('diff-unreadable', [...unreadable].join());
  return `${rows.length}`;
}
