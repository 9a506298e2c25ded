import { corrupt, DendroError, unsupported } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import type { CommandSink } from './command-sink.ts';
import { streamChecksum } from './crc.ts';
import { Attributes, broken } from './decode-attributes.ts';
import { DecodeBuffer } from './decode-buffer.ts';
import { dispatch } from './decode-dispatch.ts';
import type { ByteSource } from './decode-source.ts';
import { ATTRIBUTE as A, COMMAND as C, COMMAND_HEADER_SIZE } from './protocol.ts';
import { LAST_COMMAND, MAX_COMMAND_BYTES } from './protocol.ts';
import { STREAM_HEADER_SIZE, STREAM_MAGIC } from './protocol.ts';

export interface DecodeOptions {
  readonly cancel?: { check(): void };
  /** Stop after the first END (`btrfs receive -e`); what follows is not read as a stream. */
  readonly stopAtEnd?: boolean;
  /**
   * Nothing is read from the source but what is used, for somebody else reads on: one command
   * with each read, which takes longer.
   */
  readonly isFrugal?: boolean;
  /** A stream that ends between two commands, or before another's header, without END, is whole. Default: it was cut short. */
  readonly endOptional?: boolean;
  /** So many commands may fail at the sink (`-E`); 0 is no limit. Default 1: the first is the end. */
  readonly maxErrors?: number;
  /** Called for each error that is gone on after, with its place filled in. */
  readonly onError?: (error: DendroError) => void;
  /** Called once for each read, with the bytes and commands used so far. */
  readonly onProgress?: (bytes: number, commands: number) => void;
  /**
   * Asked before each command but the first of a subvolume: false passes it over. `index` counts
   * within the subvolume, `checksum` is the command's own.
   */
  readonly admits?: (index: number, checksum: number) => boolean;
  /** Called before each command with its bytes, borrowed, and where in the stream they begin. */
  readonly onCommand?: (bytes: Buffer, offset: number) => void;
  /** Called for the header of each stream. */
  readonly onVersion?: (version: number) => void;
}

export interface DecodeSummary {
  readonly bytes: number;
  readonly commands: number;
  /** Commands that failed at the sink and were gone on after. */
  readonly errors: number;
  readonly version: number;
}

/**
 * Reads send streams, one after another, and calls the sink for each command. Magic, version,
 * checksum, bounds and types are checked before the sink hears of a command.
 * Throws Corrupt (`stream-cut-short`, `stream-checksum`, `stream-malformed`, `not-a-stream`),
 * Unsupported, and whatever the sink throws, with offset and command in its place.
 */
export function decodeStream(
  source: ByteSource,
  sink: CommandSink,
  options: DecodeOptions = {},
): DecodeSummary {
  return new StreamDecoder(source, sink, options).run();
}

class StreamDecoder {
  readonly #buffer: DecodeBuffer;
  readonly #sink: CommandSink;
  readonly #options: DecodeOptions;
  readonly #attributes = new Attributes();
  #version = 0;
  #commands = 0;
  #errors = 0;
  /** Index of the next command within its subvolume; -1 before the first and after END. */
  #index = -1;
  /** A header was read, and no command behind it. */
  #isBare = false;

  constructor(source: ByteSource, sink: CommandSink, options: DecodeOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#buffer = new DecodeBuffer(source, () => this.#onRead(), options.isFrugal);
  }

  run(): DecodeSummary {
    try {
      this.#header();
      while (this.#next());
      this.#onRead();
    } catch (error) {
      throw this.#placed(error);
    }
    const { offset: bytes } = this.#buffer;
    return { bytes, commands: this.#commands, errors: this.#errors, version: this.#version };
  }

  #onRead(): number {
    this.#options.cancel?.check();
    this.#options.onProgress?.(this.#buffer.offset, this.#commands);
    return this.#commands;
  }

  #header(): void {
    const buffer = this.#buffer;
    if (this.#isBare) throw cutShort(NOTHING_SENT);
    this.#isBare = true;
    if (!buffer.has(STREAM_HEADER_SIZE)) {
      throw notAStream(buffer.end === buffer.at ? 'It is empty.' : 'It is too short.');
    }
    const magic = buffer.bytes.subarray(buffer.at, buffer.at + STREAM_MAGIC.length);
    if (!magic.equals(STREAM_MAGIC)) throw notAStream('It does not begin as one.');
    const version = buffer.view.getUint32(buffer.at + STREAM_MAGIC.length, true);
    if (version < 1 || version > 3) {
      throw unsupported(
        'stream-version',
        say`Send streams of version ${{ version }} are not known.`,
        {
          hint: 'Update Dendro, or send again with a lower --proto.',
        },
      );
    }
    this.#version = version;
    this.#options.onVersion?.(version);
    buffer.at += STREAM_HEADER_SIZE;
  }

  /** One command, or the header of a further stream; false at the end. */
  #next(): boolean {
    const buffer = this.#buffer;
    const isWhole = buffer.has(COMMAND_HEADER_SIZE);
    if (this.#isBetween && this.#isForeign()) throw followed();
    if (!isWhole) {
      if (buffer.end !== buffer.at) throw cutShort();
      if (this.#isBare) throw cutShort(NOTHING_SENT);
      if (this.#index >= 0) this.#endWithoutEnd(NO_END);
      return false;
    }
    if (this.#isHeader()) {
      if (this.#index >= 0) this.#endWithoutEnd(BEGUN_AGAIN);
      this.#header();
      return true;
    }
    return this.#command();
  }

  /** Behind an END. */
  get #isBetween(): boolean {
    return this.#index < 0 && this.#commands > 0;
  }

  /** Whether what follows is neither a header nor the command that begins a subvolume. */
  #isForeign(): boolean {
    const { bytes, view, at, end } = this.#buffer;
    const seen = Math.min(STREAM_MAGIC.length, end - at);
    if (bytes.compare(STREAM_MAGIC, 0, seen, at, at + seen) === 0) return false;
    if (end - at < COMMAND_HEADER_SIZE) return true;
    return ![C.subvol, C.snapshot, C.end].some((known) => known === view.getUint16(at + 4, true));
  }

  /** A command's length never reads as the magic: it would be a gigabyte. */
  #isHeader(): boolean {
    const { bytes, at } = this.#buffer;
    return bytes[at] === STREAM_MAGIC[0] && bytes.compare(STREAM_MAGIC, 0, 6, at, at + 6) === 0;
  }

  #command(): boolean {
    const buffer = this.#buffer;
    const length = buffer.view.getUint32(buffer.at, true);
    if (length > MAX_COMMAND_BYTES) throw broken(`claims ${length} bytes`);
    // Behind an END there may be nothing of this stream; behind all else there is a header.
    const isEnd = buffer.view.getUint16(buffer.at + 4, true) === C.end;
    const further = isEnd ? 0 : COMMAND_HEADER_SIZE;
    if (!buffer.has(COMMAND_HEADER_SIZE + length, further)) throw cutShort();
    const start = buffer.at;
    const end = start + COMMAND_HEADER_SIZE + length;
    const command = buffer.view.getUint16(start + 4, true);
    const checksum = this.#checked(start, end);
    this.#admit(command);
    this.#options.onCommand?.(buffer.bytes.subarray(start, end), buffer.offset);
    this.#apply(command, checksum, start + COMMAND_HEADER_SIZE, end);
    buffer.at = end;
    this.#isBare = false;
    this.#commands += 1;
    this.#index = command === C.end ? -1 : this.#following();
    return !(command === C.end && this.#options.stopAtEnd === true);
  }

  /** A resumed stream goes on at the command that its first one names. */
  #following(): number {
    const isResumed = this.#index === 0 && this.#attributes.has(A.resumeFrom);
    return isResumed ? this.#attributes.u64(A.resumeFrom) : this.#index + 1;
  }

  #checked(start: number, end: number): number {
    const { bytes, view, checked } = this.#buffer;
    const stored = view.getInt32(start + 6, true);
    if (end <= checked) return stored;
    view.setInt32(start + 6, 0, true);
    const found = streamChecksum(bytes, start, end) | 0;
    view.setInt32(start + 6, stored, true);
    if (found === stored) return stored;
    throw corrupt('stream-checksum', 'The stream is damaged: a command has a wrong checksum.', {
      hint: 'Send it again, or take another copy of the stream file.',
    });
  }

  #admit(command: number): void {
    const last = LAST_COMMAND[this.#version as 1 | 2 | 3];
    if (command === 0 || command > last) {
      throw unsupported('stream-command', say`The stream has the unknown command ${{ command }}.`, {
        hint: 'Update Dendro, or send again with a lower --proto.',
      });
    }
    const isFirst = command === C.subvol || command === C.snapshot;
    if (isFirst) {
      if (this.#index >= 0) this.#endSubvolume();
      this.#index = 0;
    } else if (this.#index < 0 && command !== C.end) {
      throw broken('comes before its subvolume');
    }
  }

  #apply(command: number, checksum: number, start: number, end: number): void {
    const { bytes, view } = this.#buffer;
    this.#attributes.parse(bytes, view, start, end, this.#version);
    const index = this.#index;
    if (index > 0 && this.#options.admits?.(index, checksum) === false) return;
    if (command === C.end && index < 0) return;
    try {
      dispatch(command, this.#attributes, this.#sink, end <= this.#buffer.checked);
    } catch (error) {
      this.#goOnAfter(error, index);
    }
  }

  #goOnAfter(error: unknown, index: number): void {
    const max = this.#options.maxErrors ?? 1;
    const isOurs = error instanceof DendroError;
    const isFinal = !isOurs || index <= 0 || error.kind === 'Cancelled' || error.kind === 'Bug';
    this.#errors += 1;
    if (isFinal || (max !== 0 && this.#errors >= max)) throw error;
    this.#options.onError?.(this.#placed(error) as DendroError);
  }

  /**
   * The stream ends, or another one begins: whoever sent this one may have died. (Within a stream
   * another subvolume proves it whole: `btrfs send -e` writes one END behind all of them.)
   */
  #endWithoutEnd(hint: string): void {
    if (this.#options.endOptional !== true) throw cutShort(hint);
    this.#endSubvolume();
  }

  #endSubvolume(): void {
    this.#sink.end();
    this.#index = -1;
  }

  #placed(error: unknown): unknown {
    if (!(error instanceof DendroError)) return error;
    const { kind, code, message, place, values } = error;
    const hint = error.hint === '' && kind === 'Conflict' ? DOES_NOT_FIT : error.hint;
    const here = { offset: this.#buffer.offset, command: Math.max(this.#index, 0), ...place };
    return new DendroError(kind, code, message, { hint, place: here, values, cause: error });
  }
}

/** Of what a command says that is not so where it is applied: a name is missing, or taken. */
const DOES_NOT_FIT = 'The stream does not fit what it builds on: send it again, or a full one.';

const NOTHING_SENT = 'It holds nothing but its header: see what the sending side says.';

const NO_END = 'It has no END; if you know it to be whole, say so with --end-optional.';
const BEGUN_AGAIN =
  'Another one begins before its END: the sender failed, or is a btrfs send that was stopped (Ctrl-Z) and went on, which begins anew then. Send it again: a receive goes on where it stopped.';

const SEND_AGAIN =
  'Send it again, or take another copy of the stream file: a receive goes on where it stopped.';

function cutShort(hint = SEND_AGAIN): DendroError {
  return corrupt('stream-cut-short', 'The stream ends in the middle.', { hint });
}

function followed(): DendroError {
  return corrupt('not-a-stream', 'What follows the end of the stream is no stream.', {
    hint: 'What came before was read to its end; with -e, what follows is not looked at.',
  });
}

function notAStream(why: string): DendroError {
  return corrupt('not-a-stream', say`This is not a btrfs send stream. ${{ why }}`, {
    hint: 'A compressed or encrypted stream file is unpacked first.',
  });
}
