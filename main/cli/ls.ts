import { printable } from '../../shared/model/bytes-text.ts';
import type { DirectoryEntry, EntryType } from '../../shared/model/entry.ts';
import { FILE_TYPE } from '../engine/format/constants.ts';
import { describeEntry } from '../engine/verbs/describe-entry.ts';
import { listDirectory } from '../engine/verbs/list-directory.ts';
import { plainContext } from './context.ts';
import { printBelow } from './ls-below.ts';
import { moment, printJson, printLines } from './output.ts';
import { defineCommand, jsonOption } from './options.ts';
import { foundAt } from './place-subvolume.ts';
import { placeOf } from './place.ts';
import { sayUnread } from './unread.ts';

export const command = defineCommand({
  usage: ['ls [-l] [-R] [--json] PLACE'],
  summary: 'lists a folder of a snapshot, mounted or not',
  details:
    'Folders first, then by name. Names that are not UTF-8 are shown with \\xHH. What is damaged is\n' +
    'named on stderr, with the reason; the rest is listed, and it ends with 4. -R prints whole\n' +
    'paths, one a line, from PLACE on; nested subvolumes are named and not gone into. With --json\n' +
    'each is an object with path and entry.',
  options: {
    ...jsonOption,
    l: { type: 'boolean', short: 'l', help: 'mode, links to, owner, size and time as well' },
    R: { type: 'boolean', short: 'R', help: 'everything below it' },
  },
  arguments: { least: 1, most: 1 },
  run({ options, positionals }) {
    const place = placeOf(positionals[0]!);
    const { volume, subvolumeId, path } = place;
    const context = plainContext();
    const at = { volume, subvolumeId, path };
    const row = options.l ? longRow : ({ name }: DirectoryEntry): string => printable(name);
    const found = foundAt(place);
    const isFolder = found.type === FILE_TYPE.directory;
    if (options.R && isFolder) return printBelow(found, options.json ? 'json' : row);
    const { entries, problem } = isFolder
      ? listDirectory(
          { ...at, offset: 0, limit: Number.MAX_SAFE_INTEGER, pastDamage: true },
          context,
        )
      : { entries: [describeEntry(at, context)], problem: null };
    if (options.json) printJson(entries);
    else printLines(entries.map(row));
    return sayUnread({ entries, problem });
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

/** Instead of what an inode says that cannot be read, as ls(1) has it. */
const UNKNOWN = ['?'.repeat(9), '    ?', '    ?', '?'.padStart(13), '?'.padEnd(19)].join(' ');

/** A line as `ls -l` has it. */
export function longRow(entry: DirectoryEntry): string {
  if (entry.problem !== undefined) {
    return `${LETTERS[entry.type]}${UNKNOWN} ${printable(entry.name)}`;
  }
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
