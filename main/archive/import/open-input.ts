import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { conflict, corrupt, unsupported } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { fdSource, type ByteSource } from '../../engine/stream/decode-source.ts';
import { cString } from '../../linux/files.ts';
import { checked } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';

export interface OpenInput extends ByteSource {
  /** Waits for the decompressor. @throws Corrupt 'input-damaged' */
  end(): Promise<void>;
  close(): void;
}

interface Packing {
  readonly name: string;
  readonly magic: string;
  readonly command: readonly [string, ...string[]];
}

/** By their first bytes, whatever the file is called; the tools are those of any distribution. */
const PACKINGS: readonly Packing[] = [
  { name: 'zstd', magic: '28b52ffd', command: ['zstd', '-dcq'] },
  { name: 'gzip', magic: '1f8b', command: ['gzip', '-dcq'] },
  { name: 'xz', magic: 'fd377a585a00', command: ['xz', '-dcq'] },
  { name: 'bzip2', magic: '425a68', command: ['bzip2', '-dcq'] },
  { name: 'lz4', magic: '04224d18', command: ['lz4', '-dcq'] },
  { name: 'lzop', magic: '894c5a4f000d0a1a0a', command: ['lzop', '-dcq'] },
];
const AGE = Buffer.from('age-encryption.org/');
const PGP = Buffer.from('-----BEGIN PGP MESSAGE');
const FIFO_MODE = 0o010600;
const HEAD_BYTES = 32;

/** A stream in a file or in parts, unpacked as it is read. @throws Conflict, Unsupported */
export function openInput(files: readonly string[]): OpenInput {
  const head = headOf(files[0]!);
  assertNotEncrypted(files[0]!, head);
  const packing = packingIn(head);
  if (packing === undefined && files.length === 1) return plainInput(files[0]!);
  return unpacked(files, packing);
}

/** Whether age has encrypted it: `openSealed` opens it with a key. */
export function isSealed(file: string): boolean {
  return headOf(file).subarray(0, AGE.length).equals(AGE);
}

/** What a file is packed with: 'zstd', 'gzip' ...; 'none' for a plain stream. */
export function packingOf(file: string): string {
  return packingIn(headOf(file))?.name ?? 'none';
}

function packingIn(head: Buffer): Packing | undefined {
  return PACKINGS.find(({ magic }) => head.subarray(0, magic.length / 2).toString('hex') === magic);
}

function plainInput(file: string): OpenInput {
  const fd = openSync(Buffer.from(bytesFromText(file)), 'r');
  return { ...fdSource(fd), end: () => Promise.resolve(), close: () => closeSync(fd) };
}

/** `cat FILES | TOOL` into a FIFO, which is read in this thread while they run. */
function unpacked(files: readonly string[], packing: Packing | undefined): OpenInput {
  const [tool, ...args] = packing?.command ?? ['cat'];
  if (!isOnPath(tool)) {
    throw conflict(
      'tool-missing',
      say`"${{ file: printable(files[0]!) }}" is packed with ${{ name: packing!.name }}, and ${{ tool }} is not installed.`,
      {
        hint: say`Install ${{ tool }}, or unpack the file first.`,
      },
    );
  }
  const fifo = join(tmpdir(), `dendro-import-${randomUUID()}`);
  checked(libc().mknodat(-100, cString(fifo), FIFO_MODE, 0), 'make a pipe', fifo);
  // Open for both, so that neither side waits for the other before it has begun.
  const keep = openSync(fifo, 'r+');
  const write = openSync(fifo, 'w');
  const read = openSync(fifo, 'r');
  closeSync(keep);
  unlinkSync(fifo);
  const cat = catenated(files);
  const child = spawn(tool, args, { stdio: [cat, write, 'ignore'] });
  closeSync(write);
  cat.destroy();
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
    child.on('error', () => resolve(null));
  });
  return {
    ...fdSource(read),
    async end() {
      if ((await ended) !== 0) throw damaged(files[0]!, packing?.name ?? 'cat');
    },
    close() {
      closeSync(read);
      child.kill();
    },
  };
}

/** By their descriptors: an argument is text, and the names of files need not be. */
function catenated(files: readonly string[]): Readable {
  const fds = files.map((file) => openSync(Buffer.from(bytesFromText(file)), 'r'));
  const names = fds.map((_, i) => `/dev/fd/${i + 3}`);
  try {
    return spawn('cat', names, { stdio: ['ignore', 'pipe', 'ignore', ...fds] }).stdout!;
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

/** Of a folder; text that keeps its bytes. */
export function namesIn(folder: string): string[] {
  const path = Buffer.from(bytesFromText(folder));
  return readdirSync(path, { encoding: 'buffer' }).map((name) => textFromBytes(name));
}

/** Is it the first file of some, as btrbk splits them (`NAME.split_aa`)? All of them, in order. */
export function partsOf(file: string, names: readonly string[]): string[] {
  const parts = names.filter((name) => name.startsWith(`${file}.split_`)).sort();
  return parts.length > 0 ? parts : [file];
}

function headOf(file: string): Buffer {
  const fd = openSync(Buffer.from(bytesFromText(file)), 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(fd, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(fd);
  }
}

function assertNotEncrypted(file: string, head: Buffer): void {
  const isPgp = head.subarray(0, PGP.length).equals(PGP) || /\.gpg(\.split_aa)?$/.test(file);
  const isAge = head.subarray(0, AGE.length).equals(AGE);
  const isOpenSsl = head.subarray(0, 8).toString('latin1') === 'Salted__';
  if (!isPgp && !isAge && !isOpenSsl) return;
  const tool = isAge ? 'age -d' : isPgp ? 'gpg -d' : 'openssl enc -d';
  throw unsupported('input-encrypted', say`"${{ file: printable(file) }}" is encrypted.`, {
    hint: say`Decrypt it first, for example with ${{ tool }}; the archive can be encrypted itself.`,
    place: { path: printable(file) },
  });
}

function isOnPath(tool: string): boolean {
  return (process.env['PATH'] ?? '/usr/bin:/bin')
    .split(':')
    .some((folder) => existsSync(join(folder, tool)));
}

function damaged(file: string, tool: string): Error {
  return corrupt(
    'input-damaged',
    say`"${{ file: printable(file) }}" cannot be unpacked to its end (${{ tool }}).`,
    {
      hint: 'The file is damaged or cut short; take another copy.',
      place: { path: printable(file) },
    },
  );
}

/** What btrbk says of a raw backup in the `.info` file beside it. */
export function readSidecar(file: string): Map<string, string> | undefined {
  const path = Buffer.from(bytesFromText(`${file}.info`));
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, 'utf8').split('\n');
  return new Map(
    lines
      .filter((line) => /^\w+=/.test(line))
      .map((line) => {
        const at = line.indexOf('=');
        return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
      }),
  );
}
