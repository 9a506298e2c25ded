// The journal of a receive into a plain folder said all of an inode again with each attribute: of
// 6,000 that the folder cannot have it filled a disk. What one name of a file changed back, another
// having changed it, it did not say at all.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { ioError } from '../../shared/errors.ts';
import { FolderSink, receiveFolder } from '../../main/engine/receive.ts';
import { Attributes } from '../../main/engine/sink/attributes.ts';
import { FolderJournal } from '../../main/engine/sink/folder-journal.ts';
import { FolderMemory, type Entry } from '../../main/engine/sink/folder-memory.ts';
import { sidecarOf } from '../../main/engine/sink/folder-sidecar.ts';
import { withHole, withoutRange } from '../../main/engine/sink/known-holes.ts';
import { fieldsOf } from '../../main/engine/sink/memo-fields.ts';
import { stateAt } from '../../main/engine/sink/read-journal.ts';
import { decodeStream } from '../../main/engine/stream/decode.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { fullStream, text } from './receive-harness.ts';

const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOTHING = { commands: 0, hash: 0 };
const begin = (memory: FolderMemory): FolderJournal =>
  new FolderJournal(folder, { memory, progress: NOTHING, claims: new Map(), losses: [] }, false);
const read = (commands: number): FolderMemory =>
  stateAt(folder, { commands, hash: 0 }, () => new FolderMemory())!.memory;
const journalBytes = (): number => statSync(`${folder}/journal`).size;

test('its bytes grow with the attributes of a file, not with their square', () => {
  const COUNT = 3_000;
  const memory = new FolderMemory();
  const journal = begin(memory);
  const path = text('file');
  for (let i = 1; i <= COUNT; i += 1) {
    (memory.memo(path).xattrs ??= new Attributes()).set(`user.${i}`, Buffer.alloc(20, i));
    journal.note(i, path, memory.entry(path));
  }
  // Content and links of it, which change no attribute.
  for (let i = 1; i <= COUNT; i += 1) {
    memory.memo(path).times = String(i).padStart(96, '0');
    journal.note(COUNT + i, path, memory.entry(path));
    const link = text(`link ${i}`);
    memory.entry(link).memo = memory.memo(path);
    journal.note(COUNT + i, link, memory.entry(link));
  }
  journal.close();
  expect(journalBytes()).toBeLessThan(COUNT * 1_000);
  const names = (commands: number): number => read(commands).find(path)!.memo!.xattrs!.size;
  expect(names(1)).toBe(1);
  expect(names(COUNT - 1)).toBe(COUNT - 1);
  const { xattrs } = read(2 * COUNT).find(text('link 7'))!.memo!;
  expect([...xattrs!]).toEqual([...memory.memo(path).xattrs!]);
});

interface Step {
  readonly path: string;
  readonly other: string;
  readonly kind: 'set' | 'remove' | 'mode' | 'link' | 'rename' | 'unlink' | 'change' | 'replace';
  readonly value: number;
}
const aPath = fc.constantFrom('a', 'b', 'c', 'd/e', 'd/\xe9');
const aStep: fc.Arbitrary<Step> = fc.record({
  path: aPath,
  other: aPath,
  kind: fc.constantFrom('set', 'remove', 'mode', 'link', 'rename', 'unlink', 'change', 'replace'),
  value: fc.integer({ min: 0, max: 2 }),
});

/** As a sink does it, command by command. */
function play(memory: FolderMemory, journal: FolderJournal, step: Step, at: number): void {
  const [path, other] = [text(step.path), text(step.other)];
  const note = (name: Buffer): void => {
    const entry = memory.find(name);
    if (entry !== undefined) journal.note(at, name, entry);
  };
  const { kind, value } = step;
  const memo = memory.find(path)?.memo;
  if (kind === 'set') (memory.memo(path).xattrs ??= new Attributes()).set(`${value}`, text('v'));
  if (kind === 'remove') memo?.xattrs?.delete(`${value}`);
  if (kind === 'mode') memory.memo(path).mode = value;
  if (kind === 'replace') memory.entry(path).memo = { mode: value };
  if (kind === 'change' && memo !== undefined) memo.changed = memory.copy(memory.entry(path));
  if (kind === 'link' && step.path !== step.other) {
    memory.entry(other).memo = memory.memo(path);
    note(other);
  }
  if (kind === 'rename' && step.path !== step.other) {
    const entry = memory.remove(path);
    if (entry === undefined) return;
    memory.put(other, { memo: entry.memo, copy: entry.copy });
    journal.moved(at, path, other);
    note(other);
  }
  if (kind === 'unlink') {
    memory.remove(path);
    journal.gone(at, path);
  }
  note(path);
}

/** All that is remembered, and which names share it. */
function contents(memory: FolderMemory): string[] {
  const firsts = new Map<unknown, string>();
  return [...memory.walk()]
    .filter(({ entry: { memo } }) => memo !== undefined)
    .sort((one, other) => (one.text < other.text ? -1 : 1))
    .map(({ text: path, entry }: { text: string; entry: Entry }) => {
      const memo = entry.memo!;
      if (!firsts.has(memo)) firsts.set(memo, path);
      const { xattrs, ...fields } = fieldsOf(memo);
      const isChanged = memo.changed !== undefined && memo.changed === entry.copy;
      return JSON.stringify([
        path,
        firsts.get(memo),
        isChanged,
        fields,
        [...(xattrs ?? [])].sort(),
      ]);
    });
}

test('what one name of a file changes back, another having changed it, is said', () => {
  const at = (kind: Step['kind'], path: string, value = 0): Step => ({
    ...{ kind, path, other: 'b', value },
  });
  const made = [at('mode', 'a', 1), at('link', 'a')];
  const modes = [at('mode', 'a', 2), at('mode', 'b', 1)];
  const contents = [at('change', 'a'), at('change', 'b'), at('change', 'a')];
  expectAllSaid([...made, ...modes]);
  expectAllSaid([...made, ...contents]);
});

test('what it says after each command is what was remembered then', () => {
  fc.assert(
    fc.property(fc.array(aStep, { maxLength: 25 }), (steps) => expectAllSaid(steps)),
    { numRuns: 300 },
  );
});

function expectAllSaid(steps: readonly Step[]): void {
  const memory = new FolderMemory();
  const journal = begin(memory);
  const then: string[][] = [];
  steps.forEach((step, index) => {
    play(memory, journal, step, index + 1);
    then.push(contents(memory));
  });
  journal.close();
  then.forEach((expected, index) => expect(contents(read(index + 1))).toEqual(expected));
}

test('attributes come through an interruption after any command', () => {
  const name = (i: number): Buffer => text(`trusted.${i % 5}`);
  const stream = fullStream('kept', (e) => {
    e.mkfile(text('file'), 257);
    for (let i = 0; i < 8; i += 1) e.setXattr(text('file'), name(i), text(`value ${i}`));
    e.link(text('link'), text('file'));
    for (let i = 0; i < 3; i += 1) e.removeXattr(text('link'), name(i));
    e.setXattr(text('file'), name(1), text('again'));
    e.unlink(text('file'));
    e.setXattr(text('link'), name(2), text('last'));
  });
  const expected = [
    ['trusted.1', 'again'],
    ['trusted.2', 'last'],
    ['trusted.3', 'value 3'],
    ['trusted.4', 'value 4'],
  ];
  for (let cut = 4; cut <= 16; cut += 1) {
    const target = mkdtempSync(join(folder, 'target-'));
    const sink = new FolderSink(target, { asksAdmits: true });
    const stopped = ioError('device-gone', 'pulled', { hint: '' });
    const admits = (index: number, checksum: number): boolean => {
      if (index === cut) throw stopped;
      return sink.admits(index, checksum);
    };
    expect(() => decodeStream(bytesSource(stream), sink, { admits })).toThrow(stopped.message);
    sink.abort(stopped);
    const { folders } = receiveFolder({ source: bytesSource(stream), target });
    expect(folders[0]!.resumedAt).toBe(cut);
    const { xattrs } = sidecarOf(`${target}/kept`).memory.find(text('link'))!.memo!;
    expect([...xattrs!].map(([key, value]) => [key, value.toString()]).sort()).toEqual(expected);
  }
});

// Each write into a large hole cut it in two, with no end to how many there may be.
test('of a file no more than a thousand holes are remembered', () => {
  const MIB = 1 << 20;
  let holes = withHole([], { at: 0, length: 2 ** 20 * MIB });
  for (let i = 1; i <= 1_500; i += 1) holes = withoutRange(holes, i * 17 * MIB, i * 17 * MIB + 1);
  expect(holes.length).toBe(1_000);
  const end = 1_500 * 17 * MIB + 1;
  expect(holes.at(-1)).toEqual({ at: end, length: 2 ** 20 * MIB - end });
});
