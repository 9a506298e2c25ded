import { lookupEntry, requireFile } from '../engine/verbs/preview-file.ts';
import { requireInode } from '../engine/verbs/entries.ts';
import { readFile } from '../engine/tree/index.ts';
import { plainContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { placeOf } from './place.ts';
import { writeAll } from '../linux/write-all.ts';
import { stderr } from '../linux/stderr.ts';

const STDOUT = 1;

export const command = defineCommand({
  usage: ['cat [--json] PLACE ...'],
  summary: 'writes files of a snapshot to stdout, each byte checked against its checksum',
  details:
    'Data without checksums (nodatasum) is written too, and said so on stderr. --json prints\n' +
    'size and content in base64 instead.',
  options: jsonOption,
  arguments: { least: 1, most: 10_000 },
  run({ options, positionals }) {
    for (const text of positionals) {
      if (options.json) printContent(text);
      else copyOut(text);
    }
    return EXIT.ok;
  },
});

function copyOut(text: string): void {
  const found = fileAt(text);
  let isVerified = true;
  for (const chunk of readFile(found.subvolume, found.inode)) {
    writeAll(STDOUT, chunk.data);
    isVerified &&= chunk.isVerified;
  }
  if (!isVerified) stderr.write(`${text}: has no checksums; what was read is unverified\n`);
}

/** Piece by piece, however long the file is: base64 goes by three bytes. */
function printContent(text: string): void {
  const { subvolume, inode } = fileAt(text);
  const sizeBytes = requireInode(subvolume, inode).size;
  const write = (words: string): void => writeAll(STDOUT, Buffer.from(words));
  write(`{\n  "place": ${JSON.stringify(text)},\n  "sizeBytes": ${sizeBytes},\n  "base64": "`);
  let rest = Buffer.alloc(0);
  let isVerified = true;
  for (const chunk of readFile(subvolume, inode)) {
    const bytes = Buffer.concat([rest, chunk.data]);
    const whole = bytes.length - (bytes.length % 3);
    write(bytes.toString('base64', 0, whole));
    rest = bytes.subarray(whole);
    isVerified &&= chunk.isVerified;
  }
  write(`${rest.toString('base64')}",\n  "isVerified": ${isVerified}\n}\n`);
}

function fileAt(text: string) {
  const { volume, subvolumeId, path } = placeOf(text);
  const input = { volume, subvolumeId, path };
  return requireFile(input, lookupEntry(input, plainContext().cancel));
}
