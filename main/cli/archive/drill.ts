import { tmpdir } from 'node:os';
import { counted } from '../../../shared/said.ts';
import { DendroError } from '../../../shared/errors.ts';
import type { DrillReceipt } from '../../../shared/model/archive.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { drillFailed, RECEIPT_NOT_ON_DRIVE } from '../../archive/verify/drill-failed.ts';
import type { RunHandle } from '../../runs/runs.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption, type Options } from '../options.ts';
import { duration, printJson, printLines, size } from '../output.ts';
import { recorded } from '../recorded.ts';
import { absolute, archiveFolder, printNotes, runVerb } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';
import { drillOf } from '../../runs/titles.ts';
import type { Drilled } from '../../archive/verify/drill.ts';

/** More failures than these are in the receipt only. */
const NOTED = 20;
const options = {
  ...jsonOption,
  scratch: {
    type: 'string',
    value: 'FOLDER',
    help: 'where there is room; default: for temporary files',
  },
  ...secretOptions,
} as const;

export const command = defineCommand({
  usage: ['archive drill [--scratch FOLDER] [--json] FOLDER [POINT]'],
  summary: 'proves that a restore point can be restored, and leaves a dated receipt',
  details:
    'The point (default: latest) is restored into scratch space, every file is read back and\n' +
    'compared with the hash from when it was backed up, and the receipt is written to the drive,\n' +
    'below receipts, and to the history; to that alone where the drive is read-only or full. Exits\n' +
    'with 1 when something was not right.',
  options,
  arguments: { least: 1, most: 2 },
  async run({ options: given, positionals: [folder, point = 'latest'] }) {
    const receipt = await drilled(archiveFolder(folder!), point, given);
    if (given.json) printJson(receipt);
    else {
      printLines([
        ...receipt.failures,
        `${printable(`${receipt.source}/${receipt.point}`)}: ${receipt.passed ? 'passed' : 'FAILED'}, ` +
          `${receipt.files} ${counted(receipt.files, 'file', 'files')}, ${size(receipt.bytes)}, ${duration(receipt.durationMs)}`,
      ]);
    }
    return receipt.passed ? EXIT.ok : EXIT.no;
  },
});

/** The run is in the history as well: as failed when the drill did. */
async function drilled(
  folder: string,
  point: string,
  given: Options<typeof options>,
): Promise<DrillReceipt> {
  const title = drillOf(point, folder);
  let receipt: DrillReceipt | undefined;
  const work = async (run: RunHandle | undefined): Promise<{ path: string }> => {
    run?.step('drill');
    const proof = await proved(folder, point, given);
    receipt = proof.receipt;
    printNotes(proof.notes.filter(({ code }) => code === RECEIPT_NOT_ON_DRIVE.code));
    run?.progress(receipt.bytes, receipt.files, '');
    for (const note of proof.notes.slice(0, NOTED)) run?.note(note);
    if (!receipt.passed) throw drillFailed(receipt);
    return { path: folder };
  };
  try {
    await recorded({ kind: 'verify', title, steps: ['drill'] }, work);
  } catch (error) {
    const isTold = error instanceof DendroError && error.code === 'drill-failed';
    if (!isTold) throw error;
  }
  return receipt!;
}

function proved(folder: string, point: string, given: Options<typeof options>): Promise<Drilled> {
  const scratch = absolute(given.scratch ?? tmpdir());
  return withSecrets(given, (secrets) =>
    runVerb(
      'drillArchive',
      { folder, point, secrets, nowMs: Date.now(), scratch },
      given.json === true,
    ),
  );
}
