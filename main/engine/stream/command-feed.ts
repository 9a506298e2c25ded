import type { CommandSink } from './command-sink.ts';
import { Attributes } from './decode-attributes.ts';
import { dispatch } from './decode-dispatch.ts';
import { COMMAND_HEADER_SIZE, STREAM_HEADER_SIZE, STREAM_MAGIC } from './protocol.ts';

/**
 * Decodes one stream as its maker hands it over, piece by piece, without a copy. What another
 * process or a disk had in hand goes through `decodeStream`: neither checksums nor the order of
 * commands are looked at here.
 */
export class CommandFeed {
  readonly #sink: CommandSink;
  readonly #attributes = new Attributes();
  /** A command whose end has not come yet. */
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the stream before `#rest`. */
  #before = 0;
  #version = 0;
  #base = 0;

  constructor(sink: CommandSink) {
    this.#sink = sink;
  }

  /** What is added to the `byteOffset` of what the sink gets, for its place in the stream. */
  get base(): number {
    return this.#base;
  }

  /** Whether what was pushed ends with a whole command. */
  get isBetween(): boolean {
    return this.#rest.length === 0;
  }

  /** The sink borrows from `piece`; it may change when this returns. */
  push(piece: Buffer): void {
    const bytes = this.isBetween ? piece : Buffer.concat([this.#rest, piece]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#base = this.#before - bytes.byteOffset;
    let at = this.#header(bytes, view);
    for (;;) {
      const start = at + COMMAND_HEADER_SIZE;
      if (this.#version === 0 || start > bytes.length) break;
      const end = start + view.getUint32(at, true);
      if (end > bytes.length) break;
      this.#attributes.parse(bytes, view, start, end, this.#version);
      dispatch(view.getUint16(at + 4, true), this.#attributes, this.#sink);
      at = end;
    }
    this.#before += at;
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  /** Where the commands begin. */
  #header(bytes: Buffer, view: DataView): number {
    if (this.#version > 0 || bytes.length < STREAM_HEADER_SIZE) return 0;
    this.#version = view.getUint32(STREAM_MAGIC.length, true);
    return STREAM_HEADER_SIZE;
  }
}
