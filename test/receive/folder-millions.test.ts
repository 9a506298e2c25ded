// The sidecar and the journal of a plain folder were one string each, which none of more than
// 512 MiB can be: with some millions of names a receive ended at its end, and nothing was gone on
// with. Names deep down were walked by a chain of generators, one a folder.
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { receiveFolder, sendFolder } from '../../main/engine/receive.ts';
import { describeFolder } from '../../main/engine/proof/describe-folder.ts';
import { packRecord, unpackRecord } from '../../main/engine/proof/kept-records.ts';
import { linesIn, writeLines } from '../../main/engine/sink/file-lines.ts';
import { FolderClaims } from '../../main/engine/sink/folder-claims.ts';
import { FolderCopies } from '../../main/engine/sink/folder-copies.ts';
import { stateAtMark } from '../../main/engine/sink/read-journal.ts';
import { FolderMemory } from '../../main/engine/sink/folder-memory.ts';
import { TreeWriter } from '../../main/engine/sink/tree-writer.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import type { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../main/linux/files.ts';
import { dendro, ENTRY, shellWords } from '../cli/dendro.ts';
import { run } from '../harness/run.ts';
import { fullStream, streamOf, text, UUID } from './receive-harness.ts';

const MIB = 1 << 20;
/** No string of V8 is longer. */
const LONGEST_STRING = (1 << 29) - 24;
const SLOW_MS = 120_000;

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The same lines, with so many blanks in each that all of them are longer than a string can be. */
function pad(file: string): void {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const blanks = Buffer.alloc(Math.ceil(LONGEST_STRING / (lines.length - 1)), ' ');
  const fd = openSync(file, 'w');
  lines.forEach((line, i) => {
    writeSync(fd, line.slice(0, -1));
    if (i > 0) writeSync(fd, blanks);
    writeSync(fd, '}\n');
  });
  closeSync(fd);
  expect(statSync(file).size).toBeGreaterThan(LONGEST_STRING);
}

test('a sidecar that is longer than a string can be is read', { timeout: SLOW_MS }, () => {
  const folder = scratch();
  const stream = fullStream('new', (e) => {
    for (let i = 0; i < 8; i += 1) {
      e.mkfile(text(`${i}`), 300 + i);
      e.chown(text(`${i}`), 1000 + i, 7);
    }
  });
  const mapOwner = () => [process.getuid!(), process.getgid!()] as const;
  receiveFolder({ source: bytesSource(stream), target: folder, mapOwner });
  const back = (): Uint8Array => streamOf((e) => sendFolder(`${folder}/new`, e));
  const before = back();
  pad(`${folder}/new.dendro.jsonl`);
  expect(Buffer.compare(back(), before)).toBe(0);
});

// It was read into one string, too.
test('a record that is longer than a string can be is compared with', { timeout: SLOW_MS }, () => {
  const folder = scratch();
  const stream = fullStream('new', (e) => {
    for (let i = 0; i < 8; i += 1) e.mkfile(text(`${i}`), 300 + i);
  });
  receiveFolder({ source: bytesSource(stream), target: folder });
  const lines = describeFolder(`${folder}/new`).map(({ path, ...facts }) => ({
    path: Buffer.from(path).toString('hex'),
    ...facts,
  }));
  const record = `${folder}/record`;
  const head = { format: 'dendro-record-1', uuid: '', ctransid: 7 };
  writeFileSync(record, [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
  const compare = ['verify', '--with-record'];
  const piped = [process.execPath, ENTRY, ...compare, '/dev/stdin', `${folder}/new`];
  run('sh', ['-c', `cat ${record} | ${shellWords(piped)}`]);
  pad(record);
  expect(dendro([...compare, record, `${folder}/new`])).toMatchObject({ status: 0 });
});

test('a journal that is longer than a string can be is gone on with', { timeout: SLOW_MS }, () => {
  const folder = scratch();
  const fd = openSync(`${folder}/journal`, 'w');
  for (let i = 1; i < 9; i += 1)
    writeSync(fd, `{"at":${i},"path":"3${i}","inode":${i},"uid":${i}}\n`);
  writeSync(fd, '{"at":8,"hash":77}\n{"at":9,"path":"39","inode":9,"uid":9}\n');
  closeSync(fd);
  pad(`${folder}/journal`);
  const paths = (memory: FolderMemory | undefined): string[] =>
    [...(memory?.walk() ?? [])].map(({ path }) => path.toString());
  const all = ['', '1', '2', '3', '4', '5', '6', '7', '8'];
  const marked = stateAtMark(folder, () => new FolderMemory());
  expect(marked?.progress).toEqual({ commands: 8, hash: 77 });
  expect(paths(marked?.memory)).toEqual(all);
});

test('a file of lines is written that is longer than a string can be', { timeout: SLOW_MS }, () => {
  const folder = scratch();
  const fd = openPath(cString(folder), O_RDONLY | O_DIRECTORY);
  const line = `${'x'.repeat(4 * MIB)}\n`;
  const count = Math.ceil(LONGEST_STRING / line.length) + 1;
  writeLines(fd, 'lines', Array<string>(count).fill(line));
  closeFd(fd);
  expect(statSync(`${folder}/lines`).size).toBe(count * line.length);
});

test('lines are the same wherever a file is cut into pieces to be read', () => {
  const folder = scratch();
  const lines = ['', 'a', 'ä'.repeat(MIB / 2), 'ö'.repeat(MIB - 1), '', 'c'];
  const fd = openPath(cString(folder), O_RDONLY | O_DIRECTORY);
  writeLines(
    fd,
    'lines',
    lines.map((line, i) => (i === lines.length - 1 ? line : `${line}\n`)),
  );
  closeFd(fd);
  const file = openSync(`${folder}/lines`, 'r');
  onTestFinished(() => closeSync(file));
  expect([...linesIn(file)].join('') === lines.join('\n')).toBe(true);
  expect([...linesIn(file)].map((line) => line.replace('\n', '').length)).toEqual(
    lines.map((line) => line.length),
  );
  // A line without an end takes no more memory than is allowed.
  expect([...linesIn(file, MIB)].at(-1)!.length).toBeLessThan(2 * MIB);
});

test('names that lie thousands of folders deep are walked', () => {
  const memory = new FolderMemory();
  let entry = memory.top;
  for (let depth = 0; depth < 10_000; depth += 1) {
    const child = {};
    entry.children = new Map([['d', child]]);
    entry = child;
  }
  let [count, length] = [0, 0];
  for (const { path } of memory.walk()) [count, length] = [count + 1, path.length];
  expect([count, length]).toEqual([10_001, 19_999]);
});

// Each file whose names are copies was looked for among all names.
test('the time for files whose names are copies does not grow with their square', () => {
  const folder = scratch();
  const top = openPath(cString(folder), O_RDONLY | O_DIRECTORY);
  const memory = new FolderMemory();
  const tree = new TreeWriter(top, { mayInherit: false, forceDecompress: true, onLoss: () => {} });
  const claims = new FolderClaims(top, memory, false, () => false);
  onTestFinished(() => {
    tree.close();
    claims.close();
    closeFd(top);
  });
  const copies = new FolderCopies(memory, tree, claims, false);
  for (let i = 0; i < 50; i += 1) {
    for (const name of [`a${i}`, `b${i}`]) tree.create(text(name), { kind: 'file' });
    tree.settle();
    const memo = memory.memo(text(`a${i}`));
    memory.entry(text(`b${i}`)).memo = memo;
    memo.isCopied = true;
    memory.has.copies = true;
    copies.changing(memory.find(text(`a${i}`)));
    tree.inodes.write(text(`a${i}`), 0, text(`data ${i}`));
  }
  const walk = vi.spyOn(memory, 'walk');
  copies.syncAll();
  for (let i = 0; i < 50; i += 1) expect(readFileSync(`${folder}/b${i}`, 'utf8')).toBe(`data ${i}`);
  expect(walk).toHaveBeenCalledTimes(1);
});

// Node's zlib ends what fills its chunks of 16 KiB exactly with a further frame, of nothing: of a
// million files' record that is a matter of luck, and its increment ended with a syntax error.
test('a record is unpacked in which a frame of nothing stands', () => {
  const [before, behind] = ['{"path":""}\n', '{"path":"61"}\n'];
  const nothing = zstdCompressSync('');
  const packed = Buffer.concat([packRecord([before]), nothing, packRecord([behind])]);
  expect([...unpackRecord(packed)]).toEqual([before, behind]);
});

// Whoever went through a folder called itself for the folders in it: seen with 3,000, of which
// `receive --plain` takes as many as there are, nothing could be sent back, or built upon.
describe('2,100 folders in each other', () => {
  const PIECES = 14;
  const EACH = 150;

  /** Made in pieces that become one, the deepest first: no path is longer than the kernel takes. */
  function deepFolders(e: StreamEncoder): void {
    const within = (piece: number, depth: number): Buffer =>
      text([`${piece}`, ...Array<string>(depth).fill('d')].join('/'));
    for (let piece = 0; piece < PIECES; piece += 1) {
      for (let depth = 0; depth < EACH; depth += 1) {
        e.mkdir(within(piece, depth), 1000 * (piece + 1) + depth);
      }
      e.mkfile(text(`${piece}/file`), 1000 * (piece + 1) + EACH);
      e.write(text(`${piece}/file`), 0, text(`piece ${piece}`));
    }
    for (let piece = PIECES - 1; piece > 0; piece -= 1) {
      e.rename(text(`${piece}`), text(`${within(piece - 1, EACH - 1).toString()}/next`));
    }
  }

  test('are sent back, compared and built upon', { timeout: SLOW_MS }, () => {
    const folder = scratch();
    const take = (stream: Uint8Array, target: string): void => {
      mkdirSync(target, { recursive: true });
      receiveFolder({ source: bytesSource(stream), target });
    };
    take(fullStream('new', deepFolders), `${folder}/here`);
    const back = streamOf((e) => sendFolder(`${folder}/here/new`, e));
    take(back, `${folder}/there`);
    const newer = Buffer.alloc(16, 7);
    take(
      streamOf((e) => {
        e.snapshot(text('newer'), newer, 8, UUID, 7);
        e.mkfile(text('0/one'), 7);
        e.end();
      }),
      `${folder}/here`,
    );
    const names = (one: string) =>
      describeFolder(one).map(({ path, hash, properties: { owner } }) => [
        path.length,
        hash,
        owner,
      ]);
    const expected = names(`${folder}/here/new`);
    expect(expected).toHaveLength(1 + PIECES * (EACH + 1));
    expect(names(`${folder}/there/new`)).toEqual(expected);
    expect(names(`${folder}/here/newer`)).toHaveLength(expected.length + 1);
  });
});
