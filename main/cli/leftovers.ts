import { bytesFromText, printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { cleanLeftovers, leftoversIn } from '../engine/receive.ts';
import { cleanFolderLeftovers, folderLeftoversIn } from '../engine/sink/folder-leftovers.ts';
import { progressOf } from '../engine/sink/leftover.ts';
import { uuidText } from '../engine/verbs/uuid-text.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { moment, printJson, printLines, table } from './output.ts';

export const command = defineCommand({
  usage: ['leftovers [--json] [--clean [--key KEY]] FOLDER'],
  summary: 'lists receives into a folder that did not come to their end, and clears them',
  details:
    'A leftover goes on when the same stream comes again; the sender can leave out what is there\n' +
    'already with: dendro send --resume-from COMMAND. --clean removes it; one whose every command\n' +
    'was applied is put in place instead. Exits with 1 when there is none.',
  options: {
    ...jsonOption,
    clean: { type: 'boolean', help: 'clear them' },
    key: { type: 'string', value: 'KEY', multiple: true, help: 'only this one' },
  },
  arguments: { least: 1, most: 1 },
  run({ options, positionals }) {
    const folder = bytesFromText(positionals[0]!);
    const found = options.clean ? cleanLeftovers(folder, options.key) : leftoversIn(folder);
    const plain = options.clean
      ? cleanFolderLeftovers(folder, options.key)
      : folderLeftoversIn(folder);
    const onBtrfs = found.map(({ resume, ...one }) => ({
      ...one,
      progress: progressOf(resume),
      isComplete: resume.kind === 'complete',
    }));
    const rows = [...onBtrfs, ...plain].map(({ key, identity, progress, ...rest }) => ({
      key,
      name: textFromBytes(identity.name),
      uuid: uuidText(identity.uuid),
      command: progress.commands,
      isComplete: rest.isComplete,
      beganAtMs: rest.beganAtMs,
    }));
    if (options.json) printJson(rows);
    else {
      const cells = rows.map((row) => [
        row.key,
        moment(row.beganAtMs),
        row.isComplete ? 'complete' : String(row.command),
        printable(row.name),
      ]);
      printLines(table(['KEY', 'BEGAN', 'COMMAND', 'NAME'], cells, [2]));
    }
    return rows.length === 0 ? EXIT.no : EXIT.ok;
  },
});
