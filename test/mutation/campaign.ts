import { SUPERBLOCK_OFFSETS, SUPERBLOCK_SIZE } from '../../main/engine/format/constants.ts';
import { HEADER } from '../../main/engine/format/layouts.ts';
import { Random } from '../harness/random.ts';
import { MemoryDevice } from '../../main/engine/device/index.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { exercise, type Outcome } from './exercise.ts';
import { craft } from './craft.ts';
import { mutate } from './mutate.ts';
import { mutateSuperblock } from './rescue.ts';
import type { Block, Subject } from './subject.ts';

/**
 * - `right`: every copy changed, the checksum made right again: the change must be caught
 *   by what else is checked, or be a value that can be believed.
 * - `crafted`: the same with fields of items that a forger would choose.
 * - `wrong`: every copy changed, checksums not: the same data or typed errors only.
 * - `superblock`: every superblock changed, the checksums made right again.
 * - `one`: one copy changed, where there is another: the same data, healed, only.
 */
export type Mode = 'right' | 'crafted' | 'wrong' | 'one' | 'superblock';

export interface Result {
  mutations: number;
  /** Nothing to be seen of the change. */
  same: number;
  /** Another, believable value (mode `right` only). */
  different: number;
  typedErrors: number;
  slowestMs: number;
  codes: Map<string, number>;
  failures: string[];
}

const SLOW_MS = 10_000;

/** Runs mutations `from` to `to`, each one of its own seed: any can be run again alone. */
export function runCampaign(
  subject: Subject,
  mode: Mode,
  from: number,
  to: number,
  deepEvery = 20,
): Result {
  const result = emptyResult();
  const whole = openVolume(
    subject.devices.map(({ bytes, name }) => new MemoryDevice(bytes.slice(), name)),
  );
  const clean = {
    false: exercise(subject.devices, false, whole),
    true: exercise(subject.devices, true, whole),
  };
  if (clean.true.errors.length > 0) throw new Error(`not clean: ${clean.true.errors.join()}`);
  const blocks =
    mode === 'one' ? subject.blocks.filter(({ copies }) => copies.length > 1) : subject.blocks;
  if (blocks.length === 0) return result;
  for (let seed = from; seed < to; seed += 1) {
    const random = new Random(seed);
    const block = random.pick(blocks);
    const deep = seed % deepEvery === 0;
    const { kind, restore } =
      mode === 'superblock' ? spoilSuperblocks(subject, seed) : apply(subject, block, mode, random);
    const name = `${subject.name}, ${mode}, seed ${seed}: ${kind} in tree ${block.owner} level ${block.level}`;
    try {
      judge(
        result,
        name,
        mode,
        () => exercise(subject.devices, deep, whole),
        clean[`${deep}`].lines,
      );
    } finally {
      restore();
    }
  }
  return result;
}

export function emptyResult(): Result {
  return {
    mutations: 0,
    same: 0,
    different: 0,
    typedErrors: 0,
    slowestMs: 0,
    codes: new Map(),
    failures: [],
  };
}

export function judge(
  result: Result,
  name: string,
  mode: Mode,
  run: () => Outcome,
  clean: readonly string[],
): void {
  result.mutations += 1;
  const start = performance.now();
  try {
    const { lines, errors } = run();
    for (const code of errors) result.codes.set(code, (result.codes.get(code) ?? 0) + 1);
    if (errors.length > 0) result.typedErrors += 1;
    const known = new Set(clean);
    const strange = lines.find((line) => !known.has(line));
    if (strange === undefined && errors.length === 0) result.same += 1;
    const isRight = mode === 'right' || mode === 'crafted' || mode === 'superblock';
    if (strange !== undefined && isRight) result.different += 1;
    if (strange !== undefined && !isRight) result.failures.push(`${name}: wrong data: ${strange}`);
    if (mode === 'one' && errors.length > 0)
      result.failures.push(`${name}: not healed: ${errors[0]}`);
  } catch (error) {
    result.failures.push(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
  }
  const elapsed = performance.now() - start;
  result.slowestMs = Math.max(result.slowestMs, elapsed);
  if (elapsed > SLOW_MS) result.failures.push(`${name}: took ${elapsed} ms`);
}

/** The same change in every copy on every device: none can be told from the others. */
function spoilSuperblocks(subject: Subject, seed: number): { kind: string; restore: () => void } {
  const places = subject.devices.flatMap((device) =>
    SUPERBLOCK_OFFSETS.filter((at) => at + SUPERBLOCK_SIZE <= device.sizeBytes).map((at) => ({
      device,
      at,
      before: device.bytes.slice(at, at + SUPERBLOCK_SIZE),
    })),
  );
  for (const { device, at, before } of places) {
    const changed = Uint8Array.from(before);
    mutateSuperblock(changed, new Random(seed));
    changed.set(subject.checksum.compute(changed.subarray(32)));
    device.bytes.set(changed, at);
  }
  const restore = (): void => places.forEach((p) => p.device.bytes.set(p.before, p.at));
  return { kind: 'superblocks', restore };
}

function apply(
  subject: Subject,
  block: Block,
  mode: Mode,
  random: Random,
): { kind: string; restore: () => void } {
  const { nodeSize, checksum } = subject;
  const first = block.copies[0]!;
  const original = first.device.bytes.slice(first.physical, first.physical + nodeSize);
  const changed = Uint8Array.from(original);
  const kind = (mode === 'crafted' ? craft : mutate)(changed, subject, random);
  if (mode === 'right' || mode === 'crafted')
    changed.set(checksum.compute(changed.subarray(HEADER.at.fsid)));
  else if (Buffer.compare(changed.subarray(32), original.subarray(32)) === 0) changed[40]! ^= 1;
  const chosen = mode === 'one' ? [random.pick(block.copies)] : block.copies;
  for (const { device, physical } of chosen) device.bytes.set(changed, physical);
  return {
    kind,
    restore: () => {
      for (const { device, physical } of chosen) device.bytes.set(original, physical);
    },
  };
}
