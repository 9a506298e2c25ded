import { resolve } from 'node:path';
import { usage } from '../../shared/errors.ts';
import type { RestoreInput } from '../engine/verbs/restore.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption, type Options } from './options.ts';
import { printJson, printLines } from './output.ts';
import { clashOf, clashOption } from './restore/clash.ts';
import { originOf } from './restore/origin.ts';
import { planLines, summaryLines } from './restore/report.ts';
import { planAll, restoreAll } from './restore/run.ts';
import { restoreSource, type RestoreSource } from './restore/source.ts';
import { asPlanned, intoFolder } from './restore/target-folder.ts';
import { undo } from './restore/undo.ts';

const options = {
  ...jsonOption,
  ...clashOption,
  'in-place': { type: 'boolean', help: 'to where it was; what stands there is renamed and kept' },
  beside: { type: 'boolean', help: 'beside where it was, as "NAME (restored)"' },
  'no-share': { type: 'boolean', help: 'read and check every byte, share nothing with a snapshot' },
  'dry-run': { type: 'boolean', help: 'say what would be done, and write nothing' },
  undo: { type: 'string', value: 'RUN', help: 'take a restore back, as dendro history names it' },
} as const;

export const command = defineCommand({
  usage: [
    'restore [--clash=HOW] [--no-share] [--dry-run] [--json] PLACE ... FOLDER',
    'restore --in-place [--clash=HOW] [--dry-run] [--json] PLACE ...',
    'restore --beside [--dry-run] [--json] PLACE ...',
    'restore --undo RUN',
  ],
  summary: 'brings files, folders or whole subvolumes back out of a snapshot, mounted or not',
  details:
    'Into FOLDER on any filesystem, or to where it was. FOLDER is made where only its last name\n' +
    'is missing. With owner, mode, attributes, links, holes and times, as far as the filesystem\n' +
    'can keep them; what it cannot is said on stderr.\n' +
    'On the same btrfs the data is shared with the snapshot, at once and without taking room.\n' +
    'Nothing that exists is lost. keep-both (what is done without --in-place): what is restored\n' +
    'gets the name "NAME (restored)". replace (with --in-place): what stands there gets the name\n' +
    '"NAME (before restore)". skip: only what is missing is restored, also in folders.\n' +
    'Whether there is room is known before anything is written. A restore that was killed, or\n' +
    'whose drive was pulled, goes on where it stopped when the same command is given again.\n' +
    'Blocks that are damaged in every copy become zeros and are listed; then it ends with 1.',
  options,
  arguments: { least: 0, most: 10_001 },
  async run({ options, positionals }) {
    if (options.undo !== undefined) return undo(options.undo);
    const inputs = await inputsOf(options, positionals);
    if (options['dry-run'] === true) {
      const plans = planAll(inputs.map(asPlanned));
      if (options.json) printJson(plans);
      else printLines(plans.flatMap(planLines));
      return plans.every(({ fits }) => fits) ? EXIT.ok : EXIT.no;
    }
    const { folder } = inputs[0]!;
    const { runId, summaries } = await intoFolder(folder, () => restoreAll(inputs));
    if (options.json) printJson(summaries);
    else printLines(summaryLines(summaries, runId));
    return summaries.some(({ damageCount }) => damageCount > 0) ? EXIT.no : EXIT.ok;
  },
});

/** One for each subvolume that something comes from. */
async function inputsOf(
  options: Options<typeof command.options>,
  positionals: readonly string[],
): Promise<RestoreInput[]> {
  const isAtOrigin = options['in-place'] === true || options.beside === true;
  if (positionals.length < (isAtOrigin ? 1 : 2)) throw tooFew(isAtOrigin);
  const clash = clashOf(options.clash ?? (options['in-place'] ? 'replace' : 'keep-both'));
  const sources = (isAtOrigin ? positionals : positionals.slice(0, -1)).map(restoreSource);
  const rules = { clash, beside: options.beside === true, share: options['no-share'] !== true };
  const input = async (group: readonly RestoreSource[]): Promise<RestoreInput> => {
    const { volume, subvolume } = group[0]!;
    const folder = isAtOrigin ? await originOf(group[0]!) : resolve(positionals.at(-1)!);
    const items = group.map(({ path, name }) => ({ from: path, to: isAtOrigin ? path : name }));
    if (isAtOrigin && items.some(({ to }) => to === '')) throw wholeInPlace();
    return { volume, subvolumeId: subvolume.id, items, folder, ...rules };
  };
  const groups = Map.groupBy(sources, ({ volume, subvolume }) =>
    JSON.stringify([volume.devices, subvolume.id]),
  );
  const found: RestoreInput[] = [];
  for (const group of groups.values()) found.push(await input(group));
  return found;
}

function tooFew(isAtOrigin: boolean): Error {
  const wanted = isAtOrigin ? 'at least 1 argument' : 'at least 2 arguments';
  return usage('bad-arguments', `dendro restore takes ${wanted}.`, {
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
