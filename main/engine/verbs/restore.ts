import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
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
import type { VerbContext } from '../context.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { countTree, TreeCopy } from '../restore/copy-tree.ts';
import { exists, freePath } from '../restore/destination.ts';
import { fingerprint } from '../restore/fingerprint.ts';
import { LossReport, type Loss } from '../sink/loss-report.ts';
import { TreeWriter } from '../sink/tree-writer.ts';
import {
  joinPath,
  lookup,
  openSubvolume,
  splitPath,
  type Found,
  type Subvolume,
} from '../tree/index.ts';

export interface RestoreInput {
  readonly volume: VolumeInput;
  readonly subvolumeId: number;
  /** What to restore: paths in the subvolume as text, and where each goes below `folder`. */
  readonly items: readonly { readonly from: string; readonly to: string }[];
  /** An absolute path; it exists. */
  readonly folder: string;
}

export interface RestorePlan {
  readonly items: readonly {
    readonly from: string;
    /** Absolute. */
    readonly to: string;
    readonly keepsExisting: boolean;
  }[];
  readonly files: number;
  readonly bytes: number;
}

export interface RestoreSummary {
  readonly files: number;
  readonly bytes: number;
  readonly items: readonly { readonly path: string; readonly fingerprint: string }[];
  readonly losses: readonly Loss[];
  readonly lossCount: number;
}

/** What a restore would do: names and exact counts, nothing written. */
export function planRestore(input: RestoreInput, { cancel }: VerbContext): RestorePlan {
  const top = openSubvolume(volumeFor(input.volume, cancel), input.subvolumeId);
  let files = 0;
  let bytes = 0;
  return withFolder(input.folder, (root) => {
    const items = input.items.map(({ from, to }) => {
      const found = lookup(top, bytesFromText(from));
      const counted = countTree(found.subvolume, found.inode, cancel);
      files += counted.files;
      bytes += counted.bytes;
      const path = freePath(root, bytesFromText(to));
      const keepsExisting = textFromBytes(path) !== to;
      return { from, to: absolute(input.folder, path), keepsExisting };
    });
    return { items, files, bytes };
  });
}

/**
 * Copies files and folders out of a snapshot, mounted or not, into a folder on any filesystem.
 * Nothing that exists is changed: what is in the way keeps its name. Ends with everything on
 * the disk.
 */
export function restore(input: RestoreInput, context: VerbContext): RestoreSummary {
  const { cancel, progress } = context;
  const top = openSubvolume(volumeFor(input.volume, cancel), input.subvolumeId);
  const losses = new LossReport();
  return withFolder(input.folder, (root) => {
    const onLoss = (path: Uint8Array, what: string): void => losses.add(path, what);
    // Only btrfs has all of the properties that a new file could inherit by accident.
    const mayInherit = filesystemOf(root).magic === MAGIC.btrfs;
    const writer = new TreeWriter(root, { mayInherit, onLoss });
    let [files, bytes] = [0, 0];
    const items: { path: string; fingerprint: string }[] = [];
    try {
      for (const { from, to } of input.items) {
        const found = lookup(top, bytesFromText(from));
        const onProgress = (b: number, f: number, current: string): void =>
          progress({
            step: 'copy',
            bytes: bytes + b,
            files: files + f,
            totalBytes: null,
            totalFiles: null,
            current,
          });
        const copy = new TreeCopy(found.subvolume, writer, { cancel, onLoss, onProgress });
        makeParents(top, root, bytesFromText(from), bytesFromText(to), copy);
        const path = freePath(root, bytesFromText(to));
        copy.copy(found.inode, path);
        writer.settle();
        writer.inodes.leave();
        files += copy.files;
        bytes += copy.bytes;
        const full = absolute(input.folder, path);
        items.push({ path: full, fingerprint: fingerprint(bytesFromText(full)) });
      }
    } finally {
      writer.close();
    }
    syncFilesystem(root);
    return { files, bytes, items, losses: losses.entries, lossCount: losses.count };
  });
}

/** Folders above the destination that are gone are made as the snapshot has them. */
function makeParents(
  top: Subvolume,
  root: number,
  from: Uint8Array,
  to: Uint8Array,
  copy: TreeCopy,
): void {
  const names = splitPath(to);
  const sources = splitPath(from);
  let path: Uint8Array = new Uint8Array(0);
  let source: Uint8Array = new Uint8Array(0);
  for (let i = 0; i < names.length - 1; i += 1) {
    path = joinPath(path, names[i]!);
    source = joinPath(source, sources[i] ?? new Uint8Array(0));
    if (exists(root, path)) continue;
    const above: Found = lookup(top, source);
    copy.makeDirectory(above.inode, path);
  }
}

function withFolder<T>(folder: string, use: (fd: number) => T): T {
  const fd = openPath(cString(bytesFromText(folder)), O_RDONLY | O_DIRECTORY);
  try {
    return use(fd);
  } finally {
    closeFd(fd);
  }
}

function absolute(folder: string, path: Uint8Array): string {
  return `${folder.replace(/\/+$/, '')}/${textFromBytes(path)}`;
}
