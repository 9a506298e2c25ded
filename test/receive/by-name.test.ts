// Each chmod, and each rename with the times after it, took four system calls more than the stock
// tool's. What is done by name is never done through a link, nor to what had the name before.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { TreeWriter } from '../../main/engine/sink/tree-writer.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../main/linux/files.ts';
import { libc, type Libc } from '../../main/linux/libc.ts';
import { text } from './receive-harness.ts';

/** Kept open at most by a tree, and some more. */
const FOLDERS = 300;
const TIMES = Buffer.alloc(48);

function opened(): { writer: TreeWriter; at: (path: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  const top = openPath(cString(folder), O_RDONLY | O_DIRECTORY);
  const writer = new TreeWriter(top, { mayInherit: false, onLoss: () => {} });
  onTestFinished(() => {
    writer.close();
    closeFd(top);
    rmSync(folder, { recursive: true });
  });
  return { writer, at: (path) => join(folder, path) };
}

/** How often each function of libc is called. */
function calls(run: () => void): Record<string, number> {
  const table = libc() as unknown as Record<string, (...args: unknown[]) => unknown>;
  const counts: Record<string, number> = {};
  const before = { ...table };
  for (const [name, call] of Object.entries(before)) {
    table[name] = (...args) => {
      counts[name] = (counts[name] ?? 0) + 1;
      return call(...args);
    };
  }
  try {
    run();
  } finally {
    Object.assign(table, before satisfies Record<keyof Libc | string, unknown>);
  }
  return counts;
}

test('files that are there: a call for each command', () => {
  const { writer, at } = opened();
  mkdirSync(at('d'));
  for (let i = 0; i < 50; i += 1) writeFileSync(at(`d/${i}`), '');
  const { inodes } = writer;
  const counts = calls(() => {
    for (let i = 0; i < 50; i += 1) {
      inodes.chmod(text(`d/${i}`), 0o600);
      inodes.utimes(text(`d/${i}`), TIMES);
    }
    for (let i = 0; i < 50; i += 1) {
      writer.rename(text(`d/${i}`), text(`d/new ${i}`));
      inodes.utimes(text(`d/new ${i}`), TIMES);
    }
  });
  expect(counts).toEqual({ syscall4: 1, syscallMode: 50, utimensat: 100, renameat2: 50 });
});

test('new folders are not opened as long as nothing is made in them', () => {
  const { writer } = opened();
  const counts = calls(() => {
    for (let i = 0; i < 50; i += 1) {
      writer.create(text(`${i}`), { kind: 'directory' });
      writer.inodes.chmod(text(`${i}`), 0o755);
      writer.inodes.utimes(text(`${i}`), TIMES);
    }
  });
  expect(counts).toEqual({ mkdirat: 50, statx: 1, utimensat: 50 });
});

test('a mode that was set by another name is not taken for known', () => {
  const { writer, at } = opened();
  writer.create(text('a'), { kind: 'file' });
  writer.settle();
  writer.link(text('b'), text('a'));
  const { uid, gid } = statSync(at('a'));
  writer.inodes.chown(text('a'), uid, gid);
  writer.inodes.chmod(text('b'), 0o600);
  writer.inodes.chmod(text('a'), 0o644);
  expect(statSync(at('a')).mode & 0o7777).toBe(0o644);
});

test('no name is looked for in a folder that was closed meanwhile', () => {
  const { writer, at } = opened();
  for (const folder of ['one', ...Array.from({ length: FOLDERS }, (_, i) => `other ${i}`)]) {
    mkdirSync(at(`${folder}/inside`), { recursive: true });
    writeFileSync(at(`${folder}/inside/file`), '');
  }
  const { inodes } = writer;
  const { uid, gid } = statSync(at('one'));
  for (const path of ['one/inside', 'one/inside/file']) {
    inodes.chown(text(path), uid, gid);
    for (let i = 0; i < FOLDERS; i += 1) inodes.utimes(text(`other ${i}/inside/file`), TIMES);
    inodes.chmod(text(path), 0o700);
    expect(statSync(at(path)).mode & 0o7777).toBe(0o700);
    inodes.setXattr(text(path), text('user.x'), text('y'));
  }
  const changed = Array.from({ length: FOLDERS }, (_, i) => statSync(at(`other ${i}/inside`)).mode);
  expect(new Set(changed.map((mode) => mode & 0o7777))).toEqual(new Set([0o755]));
});

/** What leads from one folder to another needs both of them open at once. */
test('the folder that a name comes from stays open while the other one is opened', () => {
  const { writer, at } = opened();
  const folders = Array.from({ length: FOLDERS }, (_, i) => `folder ${i}`);
  for (const folder of ['one', ...folders]) {
    mkdirSync(at(folder));
    writeFileSync(at(`${folder}/file`), folder);
    writeFileSync(at(`one/${folder}`), folder);
  }
  for (const folder of folders) writer.link(text(`${folder}/link`), text('one/file'));
  const inodes = folders.map((folder) => statSync(at(`${folder}/link`)).ino);
  expect(new Set(inodes)).toEqual(new Set([statSync(at('one/file')).ino]));
  for (const folder of folders) writer.rename(text(`one/${folder}`), text(`${folder}/moved`));
  const moved = folders.map((folder) => readFileSync(at(`${folder}/moved`), 'utf8'));
  expect(moved).toEqual(folders);
});

test('a link is not followed, whatever it points to', () => {
  const { writer, at } = opened();
  writeFileSync(at('file'), '');
  chmodSync(at('file'), 0o644);
  symlinkSync('file', at('link'));
  const { mtimeMs } = statSync(at('file'));
  writer.inodes.chmod(text('link'), 0o600);
  writer.inodes.utimes(text('link'), TIMES);
  expect(statSync(at('file')).mode & 0o7777).toBe(0o644);
  expect(statSync(at('file')).mtimeMs).toBe(mtimeMs);
});
