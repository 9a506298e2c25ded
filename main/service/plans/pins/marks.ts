import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { z } from 'zod';
import { bytesFromText } from '../../../../shared/model/bytes-text.ts';
import { joined } from '../../volumes/mounted-path.ts';

/**
 * A file beside the snapshots, at their source and on the drive: which of them the next backup
 * builds on. Whoever deletes snapshots, this computer after the loss of its history or another
 * one, can see what must stay.
 */
export const MARK_NAME = '.dendro-pins.json';
const MOST_BYTES = 1 << 20;
const FILE_MODE = 0o644;
const ABOUT =
  'Dendro: the snapshots named here are what the next backup builds on. Deleting one makes it a full one.';

export const PinMark = z.object({
  sourceUuid: z.string().max(64),
  placeId: z.string().max(8_192),
  pointId: z.string().max(64),
  /** For people who find the file. */
  pointName: z.string().max(4_096),
  sentAtMs: z.int(),
});
export type PinMark = z.infer<typeof PinMark>;

const Marks = z.object({ dendro: z.literal('pins'), pins: z.array(PinMark).max(10_000) });

/** What a folder says; nothing when it says nothing, or what is no mark. */
export function readMarks(folder: string): PinMark[] {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  let fd: number;
  try {
    fd = openSync(pathBytes(joined(folder, MARK_NAME)), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return [];
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > MOST_BYTES) return [];
    return Marks.safeParse(JSON.parse(readFileSync(fd, 'utf8'))).data?.pins ?? [];
  } catch {
    return [];
  } finally {
    closeSync(fd);
  }
}

/** Takes the place of the pin of the same source and place. Whole or not at all. */
export function writeMark(folder: string, mark: PinMark): void {
  const others = readMarks(folder).filter((one) => !isSame(one, mark));
  write(folder, [...others, mark]);
}

/** Takes the pins of a place away. */
export function removeMarks(folder: string, placeId: string): void {
  const before = readMarks(folder);
  const after = before.filter((one) => one.placeId !== placeId);
  if (after.length < before.length) write(folder, after);
}

function write(folder: string, pins: readonly PinMark[]): void {
  const path = pathBytes(joined(folder, MARK_NAME));
  const temporary = pathBytes(joined(folder, `${MARK_NAME}.${randomUUID()}`));
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const text = `${JSON.stringify({ dendro: 'pins', about: ABOUT, pins }, undefined, 2)}\n`;
  const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE);
  try {
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function pathBytes(path: string): Buffer {
  return Buffer.from(bytesFromText(path));
}

function isSame(a: PinMark, b: PinMark): boolean {
  return a.sourceUuid === b.sourceUuid && a.placeId === b.placeId;
}
