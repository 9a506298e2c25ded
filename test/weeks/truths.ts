import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST } from '../../main/archive/folder/names.ts';
import { describeNode, standard } from '../harness/compare.ts';
import { run, runText } from '../harness/run.ts';
import { walkTree } from '../harness/walk.ts';
import { dendro } from '../harness/dendro.ts';
import type { Computer, PluggedDrive } from './computer.ts';

/** The folder on a drive that plans export to. */
export const ARCHIVE = 'backups';

/** As archives write uuids. */
export const plain = (uuid: string): string => uuid.replaceAll('-', '');

/** A tree in words, to be compared with what copies of it hold much later. */
export type Words = ReadonlyMap<string, string>;

/** Without what the folder of snapshots does to the top. */
export function describeTree(top: string): Words {
  return new Map(
    walkTree(top, (path) => path === '.dendro').flatMap((node) =>
      node.path === ''
        ? []
        : [[node.path, JSON.stringify(describeNode(node, ['kind', ...standard]))]],
    ),
  );
}

export function differences(one: Words, other: Words): string[] {
  const found: string[] = [];
  for (const [path, words] of one) {
    const others = other.get(path);
    if (others === undefined) found.push(`/${short(path)}: missing`);
    else if (others !== words) found.push(`/${short(path)}: ${aspects(words, others)}`);
  }
  for (const path of other.keys()) if (!one.has(path)) found.push(`/${short(path)}: extra`);
  return found.slice(0, 5);
}

function short(path: string): string {
  return path.length > 60 ? `${path.slice(0, 20)}…${path.slice(-20)}` : path;
}

/** Only those in which two nodes differ. */
function aspects(words: string, others: string): string {
  const [one, other] = [JSON.parse(words), JSON.parse(others)] as Record<string, string>[];
  const names = [...new Set([...Object.keys(one!), ...Object.keys(other!)])];
  return names
    .filter((name) => one![name] !== other![name])
    .map((name) => `${name}: ${short(one![name] ?? 'none')} | ${short(other![name] ?? 'none')}`)
    .join(', ');
}

/** What of it arrives where these patterns are left out: how many names a file has does not hold then. */
export function without(words: Words, excludes: readonly string[]): Words {
  if (excludes.length === 0) return words;
  return new Map(
    [...words].flatMap(([path, text]) =>
      excludes.some((pattern) => isExcluded(path, text, words, pattern))
        ? []
        : [[path, withoutLinks(text)] as const],
    ),
  );
}

/** Of gitignore's patterns those that plans here have: `name`, `name/` and `/path`. */
function isExcluded(path: string, text: string, words: Words, pattern: string): boolean {
  if (pattern.startsWith('/')) return `/${path}/`.startsWith(`${pattern}/`);
  const parts = path.split('/');
  if (!pattern.endsWith('/')) return parts.includes(pattern);
  return parts.some((part, index) => {
    const own = index === parts.length - 1 ? text : words.get(parts.slice(0, index + 1).join('/'))!;
    return `${part}/` === pattern && own.includes('"kind":"directory"');
  });
}

/** What a copy that lacks some paths is compared with: `expected` is the truth of it. */
export function differencesOfCopy(
  expected: Words,
  found: Words,
  excludes: readonly string[],
): string[] {
  if (excludes.length === 0) return differences(expected, found);
  return differences(
    expected,
    new Map([...found].map(([path, text]) => [path, withoutLinks(text)])),
  );
}

function withoutLinks(text: string): string {
  const aspects = JSON.parse(text) as Record<string, string>;
  delete aspects['links'];
  return JSON.stringify(aspects);
}

export interface Truth {
  readonly uuid: string;
  /** The snapshot's, where this lacks some of its paths. */
  readonly of: string;
  readonly name: string;
  readonly home: string;
  readonly takenAtMs: number;
  readonly words: Words;
  /** What was left out of it. */
  readonly excludes: readonly string[];
  tag: boolean;
}

export interface SnapshotSeen {
  readonly uuid: string;
  readonly receivedUuid: string | null;
  /** From the top level. */
  readonly path: string;
}

/** The read-only snapshots on a btrfs as the kernel's tool tells them. */
export function snapshotsAt(top: string): SnapshotSeen[] {
  const lines = runText('btrfs', ['subvolume', 'list', '-r', '-u', '-R', top]).split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [, received, uuid, path] = /received_uuid (\S+)\s+uuid (\S+)\s+path (.*)$/.exec(line)!;
      return {
        uuid: uuid!,
        receivedUuid: received === '-' ? null : received!,
        path: path!,
      };
    });
}

export interface ArchiveCopy {
  readonly folder: string;
  readonly uuid: string;
  readonly name: string;
  readonly isRestorable: boolean;
  readonly isEncrypted: boolean;
}

/** All points of the archive on a drive, as the command line tells them; none before it is begun. */
export function archivePoints(mount: string): ArchiveCopy[] {
  const folder = join(mount, ARCHIVE);
  if (!existsSync(join(folder, MANIFEST))) return [];
  const listed = JSON.parse(runText(dendro, ['archive', 'list', '--json', folder])) as {
    isEncrypted: boolean;
    sources: { points: Omit<ArchiveCopy, 'folder' | 'isEncrypted'>[] }[];
  };
  const { isEncrypted } = listed;
  return listed.sources.flatMap(({ points }) =>
    points.map((point) => ({ folder, isEncrypted, ...point })),
  );
}

/** Restores a point out of an archive into the computer's work folder, on a btrfs. */
export function restoredWords(computer: Computer, copy: ArchiveCopy): Words {
  return computer.atTop(computer.laptop, (top) => {
    const target = join(top, 'look');
    mkdirSync(target);
    try {
      const key = copy.isEncrypted ? ['--identity', computer.identity] : [];
      run(dendro, ['archive', 'restore', ...key, copy.folder, copy.name, '--to', target]);
      return describeTree(join(target, copy.name));
    } finally {
      for (const name of readdirSync(target))
        run('btrfs', ['subvolume', 'delete', join(target, name)]);
      rmSync(target, { recursive: true, force: true });
    }
  });
}

/** Mounts a drive of another filesystem for as long as `use` takes. */
export function atDrive<T>(computer: Computer, drive: PluggedDrive, use: (folder: string) => T): T {
  const folder = join(computer.work, `drive-${drive.name}`);
  mkdirSync(folder, { recursive: true });
  run('mount', [drive.device!, folder]);
  try {
    return use(folder);
  } finally {
    run('umount', [folder]);
    rmdirSync(folder);
  }
}
