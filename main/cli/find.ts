import { usage, type DendroError } from '../../shared/errors.ts';
import { counted, say } from '../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import type { CatalogueEntry } from '../../shared/model/catalogue.ts';
import type { CallInput } from '../../shared/contract/calls.ts';
import { compileGlob, findNames } from '../engine/inspect/index.ts';
import { inodePath } from '../engine/tree/index.ts';
import { entriesNamed } from '../engine/verbs/find-by-name.ts';
import { EXIT } from './exit-codes.ts';
import { bytesOf, momentOf } from './find/values.ts';
import { countOf, defineCommand, jsonOption, type Options } from './options.ts';
import { moment, printJson, printLines, size } from './output.ts';
import { foundAt } from './place-subvolume.ts';
import { placeOf } from './place.ts';
import { stderr } from '../linux/stderr.ts';

const options = {
  ...jsonOption,
  i: { type: 'boolean', short: 'i', help: 'case of ASCII letters does not matter' },
  larger: { type: 'string', value: 'SIZE', help: 'everywhere: at least this large (10M)' },
  smaller: { type: 'string', value: 'SIZE', help: 'everywhere: at most this large' },
  after: { type: 'string', value: 'DATE', help: 'everywhere: changed on that day or later' },
  before: { type: 'string', value: 'DATE', help: 'everywhere: changed before that day' },
  deleted: { type: 'boolean', help: 'everywhere: only what is not in the newest point any more' },
  extension: { type: 'string', value: 'NAME', help: 'everywhere: names that end so' },
  limit: { type: 'string', value: 'COUNT', help: 'everywhere: at most so many (200)' },
  update: { type: 'boolean', help: 'everywhere: take new points into the catalogue first' },
} as const;

/** As the contract has it. */
const MOST_FOUND = 10_000;

export const command = defineCommand({
  usage: [
    'find [-i] [--json] PLACE PATTERN',
    'find [--larger=SIZE] [--after=DATE] [--deleted] [--update] [--json] [PATTERN]',
    'find --update [--json]',
  ],
  summary: 'finds names in a snapshot, or in every restore point of every source',
  details:
    'PATTERN is a shell pattern for the last part of a path: * ? [a-z]; without any of these it\n' +
    'is part of a name. With PLACE all of the subvolume that it lies in is searched; of a folder,\n' +
    'what lies below it is printed, with paths from the top of the subvolume; it ends with 4 where\n' +
    'names may be missing, because something is damaged.\n' +
    'Without PLACE the catalogue is searched: all restore points everywhere, also of drives that\n' +
    'are away. Case does not matter there. Each line says when it was last there, and where that\n' +
    'point is kept. Exits with 1 when nothing is found. With --update alone new points are taken\n' +
    'in, and nothing is searched.',
  options,
  arguments: { least: 0, most: 2 },
  run({ options, positionals }) {
    if (positionals.length < 2) return everywhere(options, positionals[0] ?? '');
    assertHere(options);
    const place = placeOf(positionals[0]!);
    const { subvolume, inode } = foundAt(place);
    const pattern = positionals[1]!;
    const glob = /[*?[]/.test(pattern) ? pattern : `*${pattern}*`;
    const matches = compileGlob(bytesFromText(glob), options.i === true);
    const folder = textFromBytes(inodePath(subvolume, inode) ?? new Uint8Array(0));
    const below = folder === '' ? '' : `${folder}/`;
    let count = 0;
    const counted = <T extends { path: string }>(found: Iterable<T>): T[] => {
      const inside = [...found].filter(({ path }) => path.startsWith(below));
      count = inside.length;
      return inside;
    };
    let isWhole = true;
    const onLost = (directory: number, { message }: DendroError): void => {
      isWhole = false;
      stderr.write(`names may be missing below inode ${directory}: ${message}\n`);
    };
    if (options.json) printJson(counted(entriesNamed(subvolume, matches, onLost)));
    else {
      const found = paths(findNames(subvolume, matches, onLost));
      printLines(counted(found).map(({ path }) => printable(path)));
    }
    if (!isWhole) return EXIT.corrupt;
    return count === 0 ? EXIT.no : EXIT.ok;
  },
});

/** @throws Usage: an option of the catalogue, which a search in one place does not ask */
function assertHere(given: Options<typeof options>): void {
  const option = Object.keys(given).find((name) => name !== 'json' && name !== 'i');
  if (option === undefined) return;
  throw usage('bad-option', say`dendro find: --${{ option }} does nothing with a PLACE.`, {
    hint: 'It is for a search everywhere: dendro find PATTERN',
  });
}

/** @throws Usage: a path, which no name is like; most likely a PLACE without a PATTERN */
function assertName(pattern: string): void {
  if (!pattern.includes('/')) return;
  throw usage(
    'bad-arguments',
    say`A name has no slash in it: "${{ pattern: printable(pattern) }}".`,
    {
      hint: say`To list all that is in that place: dendro find ${{ pattern: printable(pattern) }} '*'`,
    },
  );
}

async function everywhere(given: Options<typeof options>, pattern: string): Promise<number> {
  assertName(pattern);
  const { json, update, ...wanted } = given;
  if (update === true && pattern === '' && Object.keys(wanted).length === 0) {
    return takeIn(json === true);
  }
  const query = queryOf(given, pattern);
  // Only here: a search in one place does not load the service.
  const { withService } = await import('./with-service.ts');
  const { entries, waiting } = await withService(async (client) => {
    if (update === true) await client.call('catalogue.update', {});
    const [{ waiting }, found] = await Promise.all([
      client.call('catalogue.status', {}),
      client.call('catalogue.find', query),
    ]);
    return { ...found, waiting };
  });
  if (waiting > 0) {
    const points = counted(waiting, 'restore point is', 'restore points are');
    stderr.write(`${waiting} ${points} not looked into yet: dendro find --update\n`);
  }
  if (json) printJson(entries);
  else printLines(entries.map(line));
  return entries.length === 0 ? EXIT.no : EXIT.ok;
}

async function takeIn(isJson: boolean): Promise<number> {
  const { withService } = await import('./with-service.ts');
  const taken = await withService((client) => client.call('catalogue.update', {}));
  if (isJson) printJson(taken);
  else {
    const points = counted(taken.points, 'restore point', 'restore points');
    printLines([`${taken.points} ${points} taken in, ${taken.inodes} files and folders`]);
  }
  return EXIT.ok;
}

function queryOf(given: Options<typeof options>, pattern: string): CallInput<'catalogue.find'> {
  const { extension, larger, smaller, after, before, deleted, limit } = given;
  if (pattern !== '' && extension !== undefined) throw twoNames();
  const how = extension !== undefined ? 'extension' : /[*?[]/.test(pattern) ? 'glob' : 'substring';
  return {
    text: extension ?? pattern,
    how,
    ...(larger !== undefined && { minBytes: bytesOf(larger) }),
    ...(smaller !== undefined && { maxBytes: bytesOf(smaller) }),
    ...(after !== undefined && { modifiedFromMs: momentOf(after) }),
    ...(before !== undefined && { modifiedToMs: momentOf(before) }),
    ...(deleted === true && { deleted: 'only' as const }),
    ...(limit !== undefined && { limit: countOf('find', '--limit', limit, MOST_FOUND) }),
  };
}

function line(entry: CatalogueEntry): string {
  const { sourceName, path, sizeBytes, lastPointMs, isDeleted, copies, versions } = entry;
  // One place may hold a point more than once.
  const places = new Map(copies.map((copy) => [copy.volumeId, copy]));
  const names = [...places.values()].map(({ volumeName, present }) =>
    present ? volumeName : `${volumeName} (away)`,
  );
  return [
    moment(lastPointMs),
    size(sizeBytes),
    `${versions} ${counted(versions, 'version', 'versions')}`,
    isDeleted ? 'deleted' : 'there',
    names.map(printable).join(', ') || 'nowhere now',
    `${printable(sourceName)}: ${printable(path)}`,
  ].join('  ');
}

function* paths(found: Iterable<{ path: Uint8Array }>): Generator<{ path: string }> {
  for (const { path } of found) yield { path: textFromBytes(path) };
}

function twoNames(): Error {
  return usage('bad-arguments', 'dendro find takes a PATTERN or --extension, not both.', {
    hint: 'See: dendro find --help',
  });
}
