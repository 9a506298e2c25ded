import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MemoryDevice } from '../../main/engine/device/index.ts';
import { copyAll, listFiles, openRescue } from '../../main/engine/rescue/index.ts';
import { DendroError } from '../../shared/errors.ts';
import { Random } from '../harness/random.ts';
import { mutate } from './mutate.ts';
import type { Block, Subject } from './subject.ts';

export interface RescueResult {
  rescues: number;
  files: number;
  typedErrors: number;
  slowestMs: number;
  failures: string[];
}

const SLOW_MS = 60_000;

/** Several blocks changed at once, then everything that is left copied out. */
export function runRescues(subject: Subject, from: number, to: number): RescueResult {
  const result: RescueResult = {
    rescues: 0,
    files: 0,
    typedErrors: 0,
    slowestMs: 0,
    failures: [],
  };
  for (let seed = from; seed < to; seed += 1) {
    const random = new Random(seed);
    // None twice: what is to be spoilt must still be a block.
    const left = [...subject.blocks];
    const restores = Array.from({ length: random.between(1, 6) }, () =>
      spoil(subject, left.splice(random.between(0, left.length), 1)[0]!, random),
    );
    const start = performance.now();
    try {
      result.rescues += 1;
      result.files += rescueAll(subject.devices);
    } catch (error) {
      if (error instanceof DendroError && error.kind !== 'Bug') result.typedErrors += 1;
      else result.failures.push(`${subject.name}, rescue, seed ${seed}: ${stackOf(error)}`);
    } finally {
      for (const restore of restores.reverse()) restore();
    }
    const elapsed = performance.now() - start;
    result.slowestMs = Math.max(result.slowestMs, elapsed);
    if (elapsed > SLOW_MS) result.failures.push(`${subject.name}, rescue, seed ${seed}: slow`);
  }
  return result;
}

/** A tree block in all copies, or a superblock; the checksum right or wrong. */
function spoil(subject: Subject, block: Block, random: Random): () => void {
  const { checksum, nodeSize } = subject;
  const isSuper = random.chance(0.2);
  const copies = isSuper
    ? subject.devices.map((device) => ({ device, physical: 65_536 }))
    : block.copies;
  const size = isSuper ? 4096 : nodeSize;
  const before = copies.map(({ device, physical }) =>
    device.bytes.slice(physical, physical + size),
  );
  const isRight = random.chance(0.5);
  const seed = random.between(0, 2 ** 31);
  copies.forEach(({ device, physical }) => {
    const changed = device.bytes.slice(physical, physical + size);
    if (isSuper) mutateSuperblock(changed, new Random(seed));
    else mutate(changed, subject, new Random(seed));
    if (isRight) changed.set(checksum.compute(changed.subarray(32)));
    device.bytes.set(changed, physical);
  });
  return () => copies.forEach(({ device, physical }, i) => device.bytes.set(before[i]!, physical));
}

/** A word or a bit anywhere behind the checksum. */
export function mutateSuperblock(bytes: Uint8Array, random: Random): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // most of it is the label and padding: what matters is in front, and in the chunk array
  const at = random.chance(0.7) ? random.between(32, 300) : random.between(32, 3600);
  const word = random.pick([
    0n,
    1n,
    255n,
    4096n,
    1n << 32n,
    1n << 53n,
    1n << 63n,
    (1n << 64n) - 1n,
  ]);
  if (random.chance(0.5)) bytes[at]! ^= 1 << random.between(0, 8);
  else view.setBigUint64(at, word, true);
}

function rescueAll(devices: readonly MemoryDevice[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'dendro-mutation-'));
  try {
    const rescue = openRescue(devices);
    for (const info of rescue.subvolumes().slice(0, 4)) {
      try {
        for (const file of listFiles(rescue.open(info).subvolume)) void file;
      } catch (error) {
        if (!(error instanceof DendroError) || error.kind === 'Bug') throw error;
      }
    }
    const { subvolumes } = copyAll(rescue, join(folder, 'out'), () => true);
    return subvolumes.reduce((sum, { report }) => sum + report.files, 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
