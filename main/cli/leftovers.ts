import { bytesFromText, printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { ChainFolder } from '../archive/restore/chain-folder.ts';
import { forgoRecord, recordsDueIn } from '../engine/proof/kept-records.ts';
import { cleanLeftovers, leftoversIn } from '../engine/receive.ts';
import { assertThere } from '../engine/sink/assert-target.ts';
import { cleanFolderLeftovers, folderLeftoversIn } from '../engine/sink/folder-leftovers.ts';
import { progressOf } from '../engine/sink/leftover.ts';
import { identityKey } from '../engine/sink/stream-identity.ts';
import { uuidText } from '../engine/verbs/uuid-text.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { moment, printJson, printLines, tableOr } from './output.ts';
import { stderr } from '../linux/stderr.ts';

const ON_ITS_WAY = 'what a restore out of an archive made on its way; run again, it goes on there';

export const command = defineCommand({
  usage: ['leftovers [--json] [--clean [--key KEY]] FOLDER'],
  summary: 'lists receives into a folder that did not come to their end, and clears them',
  details:
    'A leftover goes on when the same stream comes again; the sender can leave out what is there\n' +
    'already with: dendro send --resume-from COMMAND. --clean removes it; one whose every command\n' +
    'was applied is put in place instead. The points that "dendro archive restore" made on its way are\n' +
    'told, too, and go with --clean. So is a snapshot that is whole, whose record (verify --kept) was to\n' +
    'be stored and is not: whoever sent it was stopped before. The next "dendro send --to" from where\n' +
    'its source is makes it; --clean does without. Exits with 1 when there is none.',
  options: {
    ...jsonOption,
    clean: { type: 'boolean', help: 'clear them' },
    key: { type: 'string', value: 'KEY', multiple: true, help: 'only this one', needs: ['clean'] },
  },
  arguments: { least: 1, most: 1 },
  run({ options, positionals }) {
    const folder = bytesFromText(positionals[0]!);
    assertThere(folder);
    const chain = ChainFolder.pathIn(positionals[0]!);
    if (chain !== undefined) {
      if (options.clean && options.key === undefined) clearChain(positionals[0]!);
      else stderr.write(`${printable(chain)}: ${ON_ITS_WAY}\n`);
    }
    // What is put in place now may have a record to come: only what was so before is given up.
    const due = recordsDueIn(folder).map((one) => ({ ...one, key: identityKey(one) }));
    const chosen =
      options.key === undefined ? due : due.filter(({ key }) => options.key!.includes(key));
    if (options.clean) for (const one of chosen) forgoRecord(folder, one);
    const found = options.clean ? cleanLeftovers(folder, options.key) : leftoversIn(folder);
    const plain = options.clean
      ? cleanFolderLeftovers(folder, options.key)
      : folderLeftoversIn(folder);
    const onBtrfs = found.map(({ resume, ...one }) => ({
      ...one,
      progress: progressOf(resume),
      isComplete: resume.kind === 'complete',
    }));
    const receives = [...onBtrfs, ...plain].map(({ key, identity, progress, ...rest }) => ({
      key,
      name: textFromBytes(identity.name),
      uuid: uuidText(identity.uuid),
      command: progress.commands,
      isComplete: rest.isComplete,
      beganAtMs: rest.beganAtMs,
      recordDue: false,
    }));
    const records = (options.clean ? chosen : due).map(({ key, name, uuid, sinceMs }) => ({
      ...{ key, name: textFromBytes(name), uuid: uuidText(uuid) },
      ...{ command: 0, isComplete: true, beganAtMs: sinceMs, recordDue: true },
    }));
    const rows = [...receives, ...records];
    if (options.json) printJson(rows);
    else {
      const cells = rows.map((row) => [
        row.key,
        moment(row.beganAtMs),
        row.recordDue ? 'record due' : row.isComplete ? 'complete' : String(row.command),
        printable(row.name),
      ]);
      const header = ['KEY', 'BEGAN', 'COMMAND', 'NAME'];
      printLines(tableOr('No receive was interrupted here.', header, cells, [2]));
    }
    return rows.length === 0 && chain === undefined ? EXIT.no : EXIT.ok;
  },
});

/** It is no receive by itself, so it has no key. */
function clearChain(folder: string): void {
  const chain = ChainFolder.open(folder);
  try {
    chain.clear();
  } finally {
    chain.close();
  }
  stderr.write(`${printable(chain.path)}: removed\n`);
}
