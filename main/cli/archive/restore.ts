import { printable } from '../../../shared/model/bytes-text.ts';
import type { DamagedFile } from '../../archive/restore/damaged-files.ts';
import type { Loss } from '../../engine/sink/loss-report.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { printJson, size } from '../output.ts';
import { absolute, printNotes, runVerb } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';

const SHOWN_LOSSES = 20;

export const command = defineCommand({
  usage: ['archive restore [OPTIONS] FOLDER POINT --to TARGET [PATH ...]'],
  summary: 'brings files, folders or a whole restore point back out of an archive',
  details:
    'With PATHs: each with all below it into TARGET, a folder on any filesystem; nothing that\n' +
    'exists is overwritten. Without: the whole point, on btrfs as a read-only subvolume, made by\n' +
    'receiving its chain; elsewhere as a folder, with what that cannot keep beside it.\n' +
    'A file that is damaged in the archive is left out and named, all others come back; the exit\n' +
    'status is 1 then.\n' +
    'POINT as in: dendro archive ls --help',
  options: {
    ...jsonOption,
    to: { type: 'string', value: 'TARGET', help: 'where to; default: the current folder' },
    plain: { type: 'boolean', help: 'a whole point: as a folder, also on btrfs' },
    privileged: {
      type: 'boolean',
      help: 'as a folder: make device nodes, set-id bits and capabilities, too',
    },
    'keep-chain': { type: 'boolean', help: 'on btrfs: keep the older points made on the way' },
    ...secretOptions,
  },
  arguments: { least: 2, most: 10_000 },
  async run({ options, positionals: [folder, point, ...paths] }) {
    const destination = absolute(options.to ?? '.');
    const isQuiet = options.json === true;
    const summary = await withSecrets(options, async (secrets) => {
      const input = { folder: absolute(folder!), point: point!, destination, secrets };
      if (paths.length > 0)
        return await runVerb('restoreFromArchive', { ...input, paths }, isQuiet);
      const whole = {
        ...input,
        plain: options.plain === true,
        privileged: options.privileged === true,
        keepChain: options['keep-chain'] === true,
      };
      return await runVerb('restoreArchiveSnapshot', whole, isQuiet);
    });
    printNotes(summary.notes);
    if (options.json) printJson(summary);
    else {
      sayDamage(summary.damaged, summary.damagedCount);
      sayLosses(summary.losses, summary.lossCount);
      if ('items' in summary) {
        for (const { path } of summary.items) process.stdout.write(`${printable(path)}\n`);
        process.stderr.write(`${summary.files} files, ${size(summary.bytes)}\n`);
      } else process.stdout.write(`${printable(summary.path)}\n`);
    }
    return summary.damagedCount === 0 ? EXIT.ok : EXIT.no;
  },
});

function sayDamage(damaged: readonly DamagedFile[], count: number): void {
  for (const { path, message } of damaged.slice(0, SHOWN_LOSSES)) {
    process.stderr.write(`damaged, left out: ${path}: ${message}\n`);
  }
  if (count > SHOWN_LOSSES) {
    process.stderr.write(`damaged, left out: ${count - SHOWN_LOSSES} more\n`);
  }
}

function sayLosses(losses: readonly Loss[], count: number): void {
  for (const { path, what } of losses.slice(0, SHOWN_LOSSES)) {
    process.stderr.write(`not kept: ${path}: ${what}\n`);
  }
  if (count > SHOWN_LOSSES) process.stderr.write(`not kept: ${count - SHOWN_LOSSES} more\n`);
}
