import type { ByteSource } from '../../engine/stream/decode-source.ts';
import type { CommandSink } from '../../engine/stream/command-sink.ts';
import { decodeStream } from '../../engine/stream/decode.ts';

/** What the first command of a stream says. */
export interface StreamHead {
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
 * Nothing behind it is read; undefined for a stream that holds nothing.
 * @throws Corrupt of the stream
 */
export function headOf(source: ByteSource): StreamHead | undefined {
  let head: StreamHead | undefined;
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
    decodeStream(source, sink as CommandSink);
  } catch (error) {
    if (!(error instanceof HeadRead) && head === undefined) throw error;
  }
  return head;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
