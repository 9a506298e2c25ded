import { usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import type { DamagedFile } from '../../archive/restore/damaged-files.ts';
import type { Loss } from '../../engine/sink/loss-report.ts';
import { isOnBtrfs } from '../../linux/files.ts';
import { fromArchive, type ArchiveRestoreRequest } from '../../places/restore/from-archive.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption, type Options } from '../options.ts';
import { printJson, size } from '../output.ts';
import { clashOf, clashOption } from '../restore/clash.ts';
import { sayPlans, sayRestored } from '../restore/report.ts';
import { restoreAll } from '../restore/run.ts';
import { asPlanned, intoFolder, standingFolder } from '../restore/target-folder.ts';
import { unlocking } from '../restore/unlocking.ts';
import { absolute, archiveFolder, printNotes, runVerb } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';
import { print } from '../print.ts';
import { stderr } from '../../linux/stderr.ts';

const SHOWN_LOSSES = 20;

const options = {
  ...jsonOption,
  to: {
    type: 'string',
    value: 'TARGET',
    help: 'where to, made where only its last name is missing; default: the current folder',
  },
  ...clashOption,
  'dry-run': { type: 'boolean', short: 'n', help: 'say what would be done, and write nothing' },
  plain: {
    type: 'boolean',
    help: 'a whole point: as a folder, also on btrfs',
    without: ['sidecar', 'keep-chain'],
  },
  sidecar: {
    type: 'boolean',
    help: 'a whole point: as dendro receive --plain makes it, with what a filesystem cannot keep beside it',
    without: ['keep-chain', 'clash', 'dry-run'],
  },
  privileged: {
    type: 'boolean',
    help: 'with --sidecar: make device nodes, set-id bits and capabilities, too',
    needs: ['sidecar'],
  },
  'keep-chain': {
    type: 'boolean',
    help: 'on btrfs: keep the older points made on the way',
    without: ['clash', 'dry-run'],
  },
  ...secretOptions,
} as const;
type Given = Options<typeof options>;

export const command = defineCommand({
  usage: ['archive restore [OPTIONS] FOLDER POINT [--to TARGET] [PATH ...]'],
  summary: 'brings files, folders or a whole restore point back out of an archive',
  details:
    'With PATHs: each with all below it into TARGET, a folder on any filesystem. Without: the\n' +
    'whole point, on btrfs as a read-only subvolume, made by receiving its chain; elsewhere, and\n' +
    'with --plain, as a folder.\n' +
    'Nothing that exists is lost. keep-both (the default): what is restored gets the name "NAME\n' +
    '(restored)". replace: what stands there gets the name "NAME (before restore)". skip: only\n' +
    'what is missing is restored, also in folders. dendro restore --undo takes it back.\n' +
    'Whether there is room for files is known before anything is written. A restore that was\n' +
    'killed, or whose drive was pulled, goes on where it stopped when the same command is given\n' +
    'again; so does that of a subvolume after a full disk: what is made on the way lies in\n' +
    'TARGET/.dendro-chain until then. A file that is damaged in the archive is left out and\n' +
    'named, all others come back; the exit status is 1 then.\n' +
    'POINT as in: dendro archive ls --help',
  options,
  arguments: { least: 2, most: 10_000 },
  async run({ options: given, positionals: [folder, point, ...paths] }) {
    if (paths.length > 0) assertForPaths(given);
    const destination = absolute(given.to ?? '.');
    const request = { folder: archiveFolder(folder!), point: point!, destination };
    const wanted = { ...request, paths, clash: clashOf(given.clash) };
    if (given['dry-run'] === true) return plan(wanted, given);
    return intoFolder(destination, (made) => {
      const isReceived = given.plain !== true && isOnBtrfs(bytesFromText(destination));
      if (paths.length === 0) assertForWhole(given, isReceived);
      const isWhole = paths.length === 0 && (isReceived || given.sidecar === true);
      return isWhole ? whole(request, given) : restore(wanted, given, made);
    });
  },
});

/** @throws Usage: an option of a whole point, which has no effect on files and folders of it */
function assertForPaths(given: Given): void {
  const names = ['plain', 'sidecar', 'keep-chain'] as const;
  const option = names.find((name) => given[name] === true);
  if (option === undefined) return;
  throw usage(
    'bad-option',
    say`dendro archive restore: --${{ option }} does nothing with a PATH.`,
    { hint: 'See: dendro archive restore --help' },
  );
}

/** @throws Usage: an option that has no effect on a whole point at such a place */
function assertForWhole(given: Given, isReceived: boolean): void {
  const hint = 'See: dendro archive restore --help';
  if (given['keep-chain'] === true && !isReceived) {
    const what = 'dendro archive restore: --keep-chain does nothing where TARGET is not on btrfs.';
    throw usage('bad-option', what, { hint });
  }
  if (given.clash === undefined || !isReceived) return;
  const what = 'dendro archive restore: --clash does nothing for a subvolume, without --plain.';
  throw usage('bad-option', what, { hint });
}

/** Staged, put in place, recorded: with an undo. */
async function restore(
  request: ArchiveRestoreRequest,
  given: Given,
  made: readonly string[],
): Promise<number> {
  const carry = unlocking(given)((input) => runVerb('restorePlace', input, given.json === true));
  const done = await restoreAll([fromArchive(request)], carry, made);
  return sayRestored(done, given, done.summaries[0]);
}

async function plan(request: ArchiveRestoreRequest, given: Given): Promise<number> {
  const { destination, paths } = request;
  const standing = standingFolder(destination);
  const isReceived = given.plain !== true && isOnBtrfs(bytesFromText(standing));
  if (paths.length === 0 && isReceived) {
    assertForWhole(given, true);
    return planWhole({ ...request, standing }, given);
  }
  const carry = unlocking(given)((input) =>
    runVerb('planPlaceRestore', input, given.json === true),
  );
  const planned = await carry(asPlanned(fromArchive(request)));
  return sayPlans([planned], given, planned);
}

async function planWhole(
  { folder, point, destination, standing }: ArchiveRestoreRequest & { readonly standing: string },
  given: Given,
): Promise<number> {
  const asked = { folder, point, destination, standing };
  const planned = await withSecrets(given, (secrets) =>
    runVerb('planArchiveSnapshot', { ...asked, secrets }, given.json === true),
  );
  const { path, isThere, receives, bytes, freeBytes, fits } = planned;
  if (given.json) printJson(planned);
  else if (isThere) print(`${printable(path)} is there already, whole\n`);
  else {
    const streams = `${receives.length} ${receives.length === 1 ? 'stream' : 'streams'}`;
    const room = `${size(freeBytes)} free${fits ? '' : ': it does not fit'}`;
    print(`/ -> ${printable(path)}, a read-only subvolume\n`);
    print(`receives ${streams}, at most ${size(bytes)}; ${room}\n`);
  }
  return fits ? EXIT.ok : EXIT.no;
}

async function whole(
  request: Pick<ArchiveRestoreRequest, 'folder' | 'point' | 'destination'>,
  given: Given,
): Promise<number> {
  const how = {
    plain: given.sidecar === true,
    privileged: given.privileged === true,
    keepChain: given['keep-chain'] === true,
  };
  const summary = await withSecrets(given, (secrets) =>
    runVerb('restoreArchiveSnapshot', { ...request, ...how, secrets }, given.json === true),
  );
  printNotes(summary.notes);
  if (given.json) printJson(summary);
  else {
    sayDamage(summary.damaged, summary.damagedCount);
    sayLosses(summary.losses, summary.lossCount);
    print(`${printable(summary.path)}\n`);
  }
  return summary.damagedCount === 0 ? EXIT.ok : EXIT.no;
}

function sayDamage(damaged: readonly DamagedFile[], count: number): void {
  for (const { path, message } of damaged.slice(0, SHOWN_LOSSES)) {
    stderr.write(`damaged, left out: ${path}: ${message}\n`);
  }
  if (count > SHOWN_LOSSES) {
    stderr.write(`damaged, left out: ${count - SHOWN_LOSSES} more\n`);
  }
}

function sayLosses(losses: readonly Loss[], count: number): void {
  for (const { path, what } of losses.slice(0, SHOWN_LOSSES)) {
    stderr.write(`not kept: ${path}: ${what.text}\n`);
  }
  if (count > SHOWN_LOSSES) stderr.write(`not kept: ${count - SHOWN_LOSSES} more\n`);
}
