import { lookupEntry, requireFile } from '../engine/verbs/preview-file.ts';
import { requireInode } from '../engine/verbs/entries.ts';
import { readFile } from '../engine/tree/index.ts';
import { plainContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { printJson } from './output.ts';
import { defineCommand, jsonOption } from './options.ts';
import { placeOf } from './place.ts';
import { writeAll } from './write-all.ts';

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
      if (options.json) printJson({ place: text, ...contentOf(text) });
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
  if (!isVerified) process.stderr.write(`${text}: has no checksums; what was read is unverified\n`);
}

function contentOf(text: string): { sizeBytes: number; isVerified: boolean; base64: string } {
  const { subvolume, inode } = fileAt(text);
  const bytes = Buffer.alloc(requireInode(subvolume, inode).size);
  let isVerified = true;
  for (const chunk of readFile(subvolume, inode)) {
    bytes.set(chunk.data, chunk.offset);
    isVerified &&= chunk.isVerified;
  }
  return { sizeBytes: bytes.length, isVerified, base64: bytes.toString('base64') };
}

function fileAt(text: string) {
  const { volume, subvolumeId, path } = placeOf(text);
  const input = { volume, subvolumeId, path };
  return requireFile(input, lookupEntry(input, plainContext().cancel));
}
