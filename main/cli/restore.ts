import { usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import type { RestorePlaceInput } from '../places/restore/restore-place.ts';
import { absolute } from './archive/run-verb.ts';
import { secretOptions } from './archive/secrets.ts';
import { defineCommand, jsonOption, type Options } from './options.ts';
import { clashOf, clashOption } from './restore/clash.ts';
import { originOf } from './restore/origin.ts';
import { sayPlans, sayRestored } from './restore/report.ts';
import { planHere, restoreAll, restoreHere } from './restore/run.ts';
import { restoreSource, type RestoreSource } from './restore/source.ts';
import { asPlanned, intoFolder } from './restore/target-folder.ts';
import { undo } from './restore/undo.ts';
import { unlocking } from './restore/unlocking.ts';

const options = {
  ...jsonOption,
  ...clashOption,
  ...secretOptions,
  'in-place': { type: 'boolean', help: 'to where it was; what stands there is renamed and kept' },
  beside: {
    type: 'boolean',
    help: 'beside where it was, as "NAME (restored)"',
    without: ['in-place'],
  },
  'no-share': { type: 'boolean', help: 'read and check every byte, share nothing with a snapshot' },
  'dry-run': { type: 'boolean', short: 'n', help: 'say what would be done, and write nothing' },
  undo: {
    type: 'string',
    value: 'RUN',
    help: 'take a restore back, as dendro history names it',
    without: [
      ...Object.keys({ ...jsonOption, ...clashOption, ...secretOptions }),
      ...['in-place', 'beside', 'no-share', 'dry-run'],
    ],
  },
} as const;

export const command = defineCommand({
  usage: [
    'restore [OPTIONS] PLACE ... FOLDER',
    'restore --in-place [OPTIONS] PLACE ...',
    'restore --beside [OPTIONS] PLACE ...',
    'restore --undo RUN',
  ],
  summary: 'brings files, folders or all of a restore point back, wherever that is kept',
  details:
    'PLACE is a file, a folder or all of a snapshot, mounted or not (IMAGE-OR-DEVICE:/path), of a\n' +
    'point in an archive (ARCHIVE:POINT, ARCHIVE:POINT:/path), or of a folder that receive --plain\n' +
    'made; several may be given, of several points. POINT as in: dendro archive ls --help\n' +
    'Into FOLDER on any filesystem, or to where it was. FOLDER is made where only its last name\n' +
    'is missing. With owner, mode, attributes, links, holes and times, as far as the filesystem\n' +
    'can keep them; what it cannot is said on stderr.\n' +
    'On the same btrfs the data is shared with a snapshot, at once and without taking room.\n' +
    'Nothing that exists is lost. keep-both (what is done without --in-place): what is restored\n' +
    'gets the name "NAME (restored)". replace (with --in-place): what stands there gets the name\n' +
    '"NAME (before restore)". skip: only what is missing is restored, also in folders.\n' +
    'Whether there is room is known before anything is written. A restore that was killed, or\n' +
    'whose drive was pulled, goes on where it stopped when the same command is given again.\n' +
    'What is damaged is listed, and it ends with 1: blocks of a volume that are damaged in every\n' +
    'copy become zeros, a file that is damaged in an archive is left out. So it does where FOLDER\n' +
    'cannot take a file at all (its name, its size): that is left out, too.',
  options,
  arguments: { least: 0, most: 10_001 },
  async run({ options, positionals }) {
    if (options.undo !== undefined) {
      if (positionals.length > 0) throw undoAlone();
      return undo(options.undo);
    }
    const inputs = await inputsOf(options, positionals);
    const unlock = unlocking(options);
    if (options['dry-run'] === true) {
      return sayPlans(await each(inputs.map(asPlanned), unlock(planHere)), options);
    }
    return intoFolder(inputs[0]!.folder, async (made) => {
      // What one of several is refused for is known before anything of the others is written.
      if (inputs.length > 1) await each(inputs, unlock(planHere));
      return sayRestored(await restoreAll(inputs, unlock(restoreHere), made), options);
    });
  },
});

/** One for each state that something comes from. */
async function inputsOf(
  options: Options<typeof command.options>,
  positionals: readonly string[],
): Promise<RestorePlaceInput[]> {
  const isAtOrigin = options['in-place'] === true || options.beside === true;
  if (positionals.length < (isAtOrigin ? 1 : 2)) throw tooFew(isAtOrigin);
  const clash = clashOf(options.clash ?? (options['in-place'] ? 'replace' : 'keep-both'));
  const sources = (isAtOrigin ? positionals : positionals.slice(0, -1)).map(restoreSource);
  const rules = { clash, beside: options.beside === true, share: options['no-share'] !== true };
  const input = async (group: readonly RestoreSource[]): Promise<RestorePlaceInput> => {
    const { place } = group[0]!;
    const folder = isAtOrigin ? await originOf(place) : absolute(positionals.at(-1)!);
    const items = group.map(({ path, name }) => ({ from: path, to: isAtOrigin ? path : name }));
    if (isAtOrigin && items.some(({ to }) => to === '')) throw wholeInPlace();
    return { place, items, folder, ...rules };
  };
  const groups = Map.groupBy(sources, ({ place }) => JSON.stringify(place));
  return each([...groups.values()], input);
}

async function each<I, O>(inputs: readonly I[], work: (input: I) => Promise<O>): Promise<O[]> {
  const found: O[] = [];
  for (const input of inputs) found.push(await work(input));
  return found;
}

function tooFew(isAtOrigin: boolean): Error {
  const wanted = isAtOrigin ? 'at least 1 argument' : 'at least 2 arguments';
  return usage('bad-arguments', say`dendro restore takes ${{ wanted }}.`, {
    hint: 'Usage: dendro restore PLACE ... FOLDER, or dendro restore --in-place PLACE ... See: dendro restore --help',
  });
}

function undoAlone(): Error {
  return usage('bad-arguments', 'dendro restore takes no PLACE beside --undo RUN.', {
    hint: 'See: dendro restore --help',
  });
}

function wholeInPlace(): Error {
  return usage(
    'whole-in-place',
    'A whole subvolume is put in the place of another by a rollback.',
    {
      hint: 'See: dendro rollback --help; or restore it into a folder.',
    },
  );
}
