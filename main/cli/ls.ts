import { printable } from '../../shared/model/bytes-text.ts';
import type { DirectoryEntry, EntryType } from '../../shared/model/entry.ts';
import { describeEntry } from '../engine/verbs/describe-entry.ts';
import { listDirectory } from '../engine/verbs/list-directory.ts';
import { plainContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { moment, printJson, printLines } from './output.ts';
import { defineCommand, jsonOption } from './options.ts';
import { placeOf } from './place.ts';

export const command = defineCommand({
  usage: ['ls [-l] [--json] PLACE'],
  summary: 'lists a folder of a snapshot, mounted or not',
  details: 'Folders first, then by name. Names that are not UTF-8 are shown with \\xHH.',
  options: {
    ...jsonOption,
    l: { type: 'boolean', short: 'l', help: 'mode, links to, owner, size and time as well' },
  },
  arguments: { least: 1, most: 1 },
  run({ options, positionals }) {
    const { volume, subvolumeId, path } = placeOf(positionals[0]!);
    const context = plainContext();
    const { type } = describeEntry({ volume, subvolumeId, path }, context);
    const entries =
      type === 'directory'
        ? listDirectory(
            { volume, subvolumeId, path, offset: 0, limit: Number.MAX_SAFE_INTEGER },
            context,
          ).entries
        : [describeEntry({ volume, subvolumeId, path }, context)];
    if (options.json) printJson(entries);
    else printLines(entries.map(options.l ? longRow : ({ name }) => printable(name)));
    return EXIT.ok;
  },
});

const LETTERS: Record<EntryType, string> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  block: 'b',
  character: 'c',
  fifo: 'p',
  socket: 's',
  subvolume: 'v',
};

/** A line as `ls -l` has it. */
export function longRow(entry: DirectoryEntry): string {
  const { name, type, mode, uid, gid, sizeBytes, modifiedAtMs, linkTarget } = entry;
  const target = linkTarget === null ? '' : ` -> ${printable(linkTarget)}`;
  return [
    `${LETTERS[type]}${permissions(mode)}`,
    String(uid).padStart(5),
    String(gid).padStart(5),
    String(sizeBytes).padStart(13),
    moment(modifiedAtMs),
    `${printable(name)}${target}`,
  ].join(' ');
}

/** 'rwsr-xr-t', as ls(1) has it. */
export function permissions(mode: number): string {
  const special = [
    [0o4000, 's', 'S'],
    [0o2000, 's', 'S'],
    [0o1000, 't', 'T'],
  ] as const;
  return special
    .map(([bit, withX, withoutX], i) => {
      const bits = mode >> (6 - 3 * i);
      const x = (bits & 1) !== 0;
      const last = (mode & bit) !== 0 ? (x ? withX : withoutX) : x ? 'x' : '-';
      return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${last}`;
    })
    .join('');
}
