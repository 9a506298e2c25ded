import { mkdirSync, rmSync, rmdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeNode } from '../harness/compare.ts';
import { run, runText } from '../harness/run.ts';
import { walkTree } from '../harness/walk.ts';
import { dendro } from '../harness/dendro.ts';
import type { Computer, PluggedDrive } from './computer.ts';

const ASPECTS = [
  'mtime',
  'size',
  'mode',
  'owner',
  'rdev',
  'target',
  'xattrs',
  'links',
  'flags',
  'holes',
  'content',
  'kind',
] as const;

/** As archives write uuids. */
export const plain = (uuid: string): string => uuid.replaceAll('-', '');

/** A tree in words, to be compared with what copies of it hold much later. */
export type Words = ReadonlyMap<string, string>;

/** Without what the folder of snapshots does to the top. */
export function describeTree(top: string): Words {
  return new Map(
    walkTree(top, (path) => path === '.dendro').flatMap((node) =>
      node.path === '' ? [] : [[node.path, JSON.stringify(describeNode(node, [...ASPECTS]))]],
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

export interface Truth {
  readonly home: string;
  readonly takenAtMs: number;
  readonly words: Words;
  tag: boolean;
}

export interface Copy {
  readonly uuid: string;
  readonly path: string;
}

/** The read-only snapshots on a btrfs as the kernel's tool tells them. */
export function snapshotsAt(
  top: string,
): (Copy & { receivedUuid: string | null; parentUuid: string | null })[] {
  const lines = runText('btrfs', ['subvolume', 'list', '-r', '-u', '-q', '-R', top]).split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [, parent, received, uuid, path] =
        /parent_uuid (\S+)\s+received_uuid (\S+)\s+uuid (\S+)\s+path (.*)$/.exec(line)!;
      return {
        uuid: uuid!,
        path: path!,
        receivedUuid: received === '-' ? null : received!,
        parentUuid: parent === '-' ? null : parent!,
      };
    });
}

export interface ArchiveCopy {
  readonly folder: string;
  readonly uuid: string;
  readonly name: string;
  readonly isRestorable: boolean;
}

/** All points of the archives on a drive, as the command line tells them. */
export function archivePoints(mount: string): ArchiveCopy[] {
  const found: ArchiveCopy[] = [];
  for (const folder of ['backups', 'moved']) {
    const at = join(mount, folder);
    if (!existsSync(join(at, 'dendro-archive.json')) && !existsSync(at)) continue;
    const { stdout, status } = run(dendro, ['archive', 'list', '--json', at], {
      accept: [0, 1, 2, 4, 6],
    });
    if (status !== 0) continue;
    const listed = JSON.parse(stdout.toString()) as {
      sources: { points: { uuid: string; name: string; isRestorable: boolean }[] }[];
    };
    for (const source of listed.sources) {
      for (const point of source.points) found.push({ folder: at, ...point });
    }
  }
  return found;
}

/** Restores a point out of an archive into the computer's work folder, on a btrfs. */
export function restoredWords(computer: Computer, copy: ArchiveCopy): Words {
  return computer.atTop(computer.laptop, (top) => {
    const target = join(top, 'look');
    mkdirSync(target);
    try {
      run(dendro, ['archive', 'restore', copy.folder, copy.name, '--to', target]);
      return describeTree(join(target, copy.name));
    } finally {
      run('sh', ['-c', `for f in '${target}'/*; do btrfs subvolume delete "$f"; done`], {
        accept: [0, 1],
      });
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
