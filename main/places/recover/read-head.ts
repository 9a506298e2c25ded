import { basename, dirname, join } from 'node:path';
import { namesIn, openInput, partsOf } from '../../archive/import/open-input.ts';
import type { CommandSink } from '../../engine/stream/command-sink.ts';
import { decodeStream } from '../../engine/stream/decode.ts';

/** What the first command of a stream says. */
export interface FoundHead {
  /** Text of one character a byte. */
  readonly name: string;
  /** Hexadecimal. */
  readonly uuid: string;
  readonly ctransid: number;
  /** Null for a full stream. */
  readonly parentUuid: string | null;
}

class HeadRead extends Error {}

/**
 * The head of a stream file, plain, packed or split; nothing behind it is read.
 * @throws Corrupt 'not-a-stream', Unsupported 'input-encrypted', Conflict 'tool-missing'
 */
export function readHead(file: string): FoundHead {
  const whole = file.replace(/\.split_aa$/, '');
  const names = namesIn(dirname(file)).map((name) => join(dirname(file), name));
  const input = openInput(partsOf(whole, names));
  let head: FoundHead | undefined;
  const take = (
    name: Uint8Array,
    uuid: Uint8Array,
    ctransid: number,
    parent?: Uint8Array,
  ): never => {
    const parentUuid = parent === undefined ? null : hex(parent);
    head = { name: Buffer.from(name).toString('latin1'), uuid: hex(uuid), ctransid, parentUuid };
    throw new HeadRead();
  };
  const sink: Pick<CommandSink, 'subvol' | 'snapshot'> = { subvol: take, snapshot: take };
  try {
    decodeStream(input, sink as CommandSink);
  } catch (error) {
    if (!(error instanceof HeadRead) && head === undefined) throw error;
  } finally {
    input.close();
  }
  return head ?? { name: basename(file), uuid: '', ctransid: 0, parentUuid: null };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
