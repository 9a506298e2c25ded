import { resolve } from 'node:path';
import { usage } from '../../shared/errors.ts';
import { printable } from '../../shared/model/bytes-text.ts';
import { listPlaceFolder } from '../places/browse.ts';
import { lookAround, type LookAround } from '../places/recover/look-around.ts';
import type { PlaceInput } from '../places/open-place.ts';
import { secretOptions, withSecrets } from './archive/secrets.ts';
import { plainContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption, type Options } from './options.ts';
import { moment, printJson, printLines, size } from './output.ts';
import { pickPoint } from './recover/pick-point.ts';
import { withOpened } from './recover/with-opened.ts';
import { clashOf, clashOption } from './restore/clash.ts';
import { sayRestored } from './restore/report.ts';
import { sayUnread } from './unread.ts';
import { restoreAll, restoreHere } from './restore/run.ts';
import { intoFolder } from './restore/target-folder.ts';
import { stderr } from '../linux/stderr.ts';

const options = {
  ...jsonOption,
  ...secretOptions,
  ls: { type: 'boolean', help: 'list a folder of POINT instead', without: ['to'] },
  to: {
    type: 'string',
    value: 'FOLDER',
    help: 'restore into this folder, made where only its last name is missing',
  },
  clash: { ...clashOption.clash, needs: ['to'] },
} as const;
type Given = Options<typeof options>;

export const command = defineCommand({
  usage: [
    'recover [--json] PATH',
    'recover --ls [--json] PATH POINT [DIRECTORY]',
    'recover --to FOLDER [--clash=HOW] [--json] PATH POINT [FILE ...]',
  ],
  summary: 'what can be restored from a disk, an image or a folder, without any history',
  details:
    'PATH is a block device, an image of one, a mounted drive or any folder. Everything in it is\n' +
    'listed that files can be restored from: subvolumes and snapshots, archives, stream files of\n' +
    'any tool, images, folders that receive --plain made. POINT is the number in that list, or a\n' +
    'name. FILE and DIRECTORY are paths in it; without FILE all of it is restored. Loose stream\n' +
    'files are made an archive first, in a scratch folder beside what is restored. A volume that\n' +
    'cannot be read is named with the reason: then see dendro rescue. Ends with 1 when nothing\n' +
    'was found, and when something was damaged.',
  options,
  arguments: { least: 1, most: 10_002 },
  async run({ options: given, positionals: [path, pointName, ...names] }) {
    const isFor = given.ls === true || given.to !== undefined;
    if (isFor !== (pointName !== undefined)) throw isFor ? ofWhich() : whatFor();
    if (given.ls === true && names.length > 1) throw oneFolder();
    clashOf(given.clash);
    const look = lookAround({ path: resolve(path!) }, plainContext());
    if (pointName === undefined) return list(look, given);
    const point = pickPoint(look, pointName);
    return withSecrets(given, (secrets) => {
      if (given.to === undefined) {
        return withOpened(look, point, { secrets }, (place) =>
          listFolder({ place, path: names[0] ?? '' }, given),
        );
      }
      const to = resolve(given.to);
      return intoFolder(to, (made) =>
        withOpened(look, point, { secrets, scratch: to }, (place) =>
          restore({ place, point: point.name, names, to, made }, given),
        ),
      );
    });
  },
});

function list(look: LookAround, given: Given): number {
  const { holders, points, isCut } = look;
  if (given.json) {
    printJson({
      ...look,
      holders: holders.map((holder) => ({ ...holder, files: undefined })),
      points: points.map(({ input, ...point }) => ({ ...point, place: input })),
    });
  } else {
    const lines = points.map(({ holder, name, kind, takenAtMs, problem }, i) => {
      const when = takenAtMs === null ? '-' : moment(takenAtMs);
      const why = problem === null ? '' : `  (${problem.text})`;
      const facts = [`${i + 1}`.padStart(4), when, kind.padEnd(9), printable(name)];
      return `${facts.join('  ')}  on ${printable(holders[holder]!.path)}${why}`;
    });
    printLines(lines);
  }
  for (const { path, problem, canRescue, notes } of holders) {
    for (const note of notes) stderr.write(`${printable(path)}: ${note.text}\n`);
    if (problem === null) continue;
    const next = canRescue ? ` See: dendro rescue ${printable(path)}` : ` ${problem.hint}`;
    stderr.write(`${printable(path)}: ${problem.message}${next}\n`);
  }
  if (isCut) stderr.write('There is more than was looked through: name a folder below.\n');
  return points.length > 0 ? EXIT.ok : EXIT.no;
}

async function listFolder(
  where: Pick<Parameters<typeof listPlaceFolder>[0], 'place' | 'path'>,
  given: Given,
): Promise<number> {
  const page = { offset: 0, limit: Number.MAX_SAFE_INTEGER };
  const asked = { ...where, ...page, pastDamage: true };
  const { entries, problem } = await listPlaceFolder(asked, plainContext());
  if (given.json) printJson(entries);
  else {
    printLines(
      entries.map(({ name, type, sizeBytes, modifiedAtMs, problem }) => {
        const known = [moment(modifiedAtMs), type === 'file' ? size(sizeBytes) : type];
        const facts = problem === undefined ? known : ['?', type];
        return `${facts.join('  ')}  ${printable(name)}`;
      }),
    );
  }
  return sayUnread({ entries, problem });
}

interface Wanted {
  readonly place: PlaceInput;
  readonly point: string;
  readonly names: readonly string[];
  readonly to: string;
  readonly made: readonly string[];
}

async function restore({ place, point, names, to, made }: Wanted, given: Given): Promise<number> {
  const clash = clashOf(given.clash);
  const whole = point === '/' ? 'restored' : point;
  const paths = names.length === 0 ? [''] : names.map((name) => name.replace(/^\/+|\/+$/g, ''));
  const items = paths.map((from) => ({ from, to: lastName(from === '' ? whole : from) }));
  const done = await restoreAll([{ place, items, folder: to, clash }], restoreHere, made);
  return sayRestored(done, given, done.summaries[0]);
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function ofWhich(): Error {
  return usage('bad-arguments', 'dendro recover takes a POINT with --ls and --to.', {
    hint: 'Its number is in the list: dendro recover PATH',
  });
}

function oneFolder(): Error {
  return usage('bad-arguments', 'dendro recover --ls takes one DIRECTORY.', {
    hint: 'See: dendro recover --help',
  });
}

function whatFor(): Error {
  return usage('bad-arguments', 'What shall be done with the point: --ls, or --to FOLDER?', {
    hint: 'See: dendro recover --help',
  });
}
