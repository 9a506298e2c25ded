import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { conflict, usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { bytesFromText, printable } from '../../shared/model/bytes-text.ts';
import { subvolumes } from '../engine/verbs/list-subvolumes.ts';
import { plainContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { didYouMean } from './nearest.ts';
import { defineCommand, jsonOption } from './options.ts';
import { moment, printJson, printLines, table } from './output.ts';
import { filesystemInfo } from '../linux/btrfs-ioctl.ts';
import { isOnBtrfs } from '../linux/files.ts';
import { withDirectory } from '../linux/mounts.ts';
import { placeOf, volumeOf } from './place.ts';

export const command = defineCommand({
  usage: [
    'snapshots [--json] VOLUME',
    'snapshots create SUBVOLUME NEW-PATH',
    'snapshots delete SNAPSHOT ...',
  ],
  summary: 'lists the subvolumes and snapshots of a volume; makes and deletes snapshots',
  details:
    'VOLUME is an image, a block device, or any path on a mounted btrfs. Kinds: subvolume,\n' +
    'snapshot (made from another one), received (came by a stream). What is made is read-only;\n' +
    'folders above it are made where they are missing, and where NEW-PATH is taken it gets a number\n' +
    'behind its name: the path that it has is printed. Only what is read-only is deleted.',
  options: jsonOption,
  arguments: { least: 1, most: 10_000 },
  async run({ options, positionals }) {
    const [first, ...rest] = positionals as [string, ...string[]];
    if (first === 'create' && rest.length > 0) return create(rest, options.json === true);
    if (first === 'delete' && rest.length > 0) return remove(rest, options.json === true);
    if (rest.length > 0) throw severalVolumes(first);
    if (/^(create|delete)$/.test(first) && !existsSync(first)) {
      throw first === 'create' ? wrongPaths() : nothingToDelete();
    }
    list(first, options.json === true);
    return EXIT.ok;
  },
});

function list(volume: string, isJson: boolean): void {
  const found = subvolumes(volumeOf(volume), plainContext());
  if (isJson) return printJson(found);
  const rows = found.map((one) => [
    String(one.subvolumeId),
    one.kind,
    one.readOnly ? 'ro' : 'rw',
    moment(one.createdAtMs),
    String(one.generation),
    one.path === '' ? '/' : printable(one.path),
  ]);
  const header = ['ID', 'KIND', 'MODE', 'CREATED', 'GENERATION', 'PATH'];
  printLines(table(header, rows, [0, 4]));
}

async function create(paths: readonly string[], isJson: boolean): Promise<number> {
  if (paths.length !== 2) throw wrongPaths();
  const source = mountedSubvolume(paths[0]!);
  const full = paths[1]!.replace(/\/+$/, '');
  const slash = full.lastIndexOf('/');
  const folder = slash < 0 ? '.' : full.slice(0, slash) || '/';
  assertBeside(source, folder);
  const { createSnapshot } = await import('../engine/verbs/snapshots.ts');
  const made = createSnapshot({ sourcePath: source, folder, name: full.slice(slash + 1) });
  if (isJson) printJson(made);
  else printLines([printable(made.path)]);
  return EXIT.ok;
}

function severalVolumes(first: string): Error {
  return usage('bad-arguments', 'dendro snapshots lists one volume.', {
    hint: didYouMean(first, ['create', 'delete'], {
      before: 'dendro snapshots ',
      otherwise: 'See: dendro snapshots --help',
    }),
  });
}

function wrongPaths(): Error {
  return usage('bad-arguments', 'Name a subvolume and the new path.', {
    hint: 'See: dendro snapshots --help',
  });
}

function nothingToDelete(): Error {
  return usage('bad-arguments', 'Name the snapshots to delete.', {
    hint: 'See: dendro snapshots --help',
  });
}

/**
 * Folders that are missing are made: looked at is what is there above them.
 * @throws Conflict 'different-volumes'
 */
function assertBeside(source: string, folder: string): void {
  let standing = resolve(folder);
  while (!existsSync(Buffer.from(bytesFromText(standing)))) standing = dirname(standing);
  const isBeside = isOnBtrfs(bytesFromText(standing)) && fsidOf(standing) === fsidOf(source);
  if (isBeside) return;
  throw conflict(
    'different-volumes',
    say`${{ text: printable(folder) }} is not on the filesystem of ${{ source: printable(source) }}.`,
    { hint: 'A snapshot lies on the same filesystem; to copy it to another one: dendro send.' },
  );
}

function fsidOf(folder: string): string {
  const { fsid } = withDirectory(bytesFromText(folder), filesystemInfo);
  return Buffer.from(fsid).toString('hex');
}

/** None is deleted before each of them is known to be one that may be. */
async function remove(paths: readonly string[], isJson: boolean): Promise<number> {
  const { deleteSnapshot } = await import('../engine/verbs/snapshots.ts');
  const snapshots = paths.map(snapshotToDelete);
  for (const { path, uuid } of snapshots) deleteSnapshot({ path, uuid });
  if (isJson) printJson(snapshots);
  return EXIT.ok;
}

/** @throws Conflict 'not-mounted', 'not-a-subvolume', 'not-a-snapshot' */
function snapshotToDelete(text: string): {
  path: string;
  subvolumeId: number;
  uuid: string | null;
} {
  const path = mountedSubvolume(text);
  const { subvolumeId, volume } = placeOf(text);
  const found = subvolumes(volume, plainContext()).find((one) => one.subvolumeId === subvolumeId);
  if (found?.readOnly) return { path, subvolumeId, uuid: found.uuid };
  throw conflict('not-a-snapshot', say`"${{ path: printable(text) }}" can be written to.`, {
    hint: 'Delete it with btrfs subvolume delete if it is really not needed.',
  });
}

/** @throws Conflict 'not-mounted', 'not-a-subvolume' */
function mountedSubvolume(text: string): string {
  const { mountedPath, path } = placeOf(text);
  if (mountedPath === null) {
    throw conflict(
      'not-mounted',
      say`"${{ name: printable(text) }}" is not a path on a mounted btrfs.`,
      {
        hint: 'Mount the volume: snapshots are made and deleted by the kernel.',
      },
    );
  }
  if (path === '') return mountedPath;
  throw conflict('not-a-subvolume', say`"${{ path: printable(text) }}" is not a subvolume.`, {
    hint: 'Name the subvolume itself; list them with: dendro snapshots',
  });
}
