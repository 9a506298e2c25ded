import { conflict, DendroError, toErrorData } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import type {
  StreamCommandName,
  StreamEntry,
  StreamLook,
  StreamSubvolume,
} from '../../../shared/model/stream.ts';
import type { VerbContext } from '../../engine/context.ts';
import { decodeStream } from '../../engine/stream/decode.ts';
import { packingOf } from '../import/open-input.ts';
import { numberOf, RecordingSink, textOf, type CommandRecord } from './command-record.ts';
import { streamBytes, type StreamBytes } from './stream-bytes.ts';
import { TouchedTree } from './touched-tree.ts';

export interface LookInput {
  /** Absolute paths: a stream file, or its parts in order. */
  readonly paths: readonly string[];
}

/** Where reading can begin in the middle: at a command, with what has to go before it. */
export interface Mark {
  readonly index: number;
  readonly offset: number;
  readonly version: number;
  /** The bytes of the command that began the subvolume; null where one begins. */
  readonly beginning: Buffer | null;
}

/** What is kept of a stream that was looked at. */
export interface Looked {
  readonly bytes: StreamBytes;
  readonly look: StreamLook;
  readonly marks: readonly Mark[];
  readonly trees: readonly TouchedTree[];
}

/** So many commands lie between two marks. */
const MARK_EVERY = 2_048;
/** Streams whose trees stay in memory. */
const KEPT = 3;
const kept = new Map<string, Looked>();

/**
 * Reads a stream to its end. One that is damaged is told up to where it is: `problem`.
 * @throws Conflict, Unsupported, Io: there is no stream to read; Cancelled
 */
export async function lookStream(input: LookInput, context: VerbContext): Promise<StreamLook> {
  return (await lookedAt(input, context)).look;
}

export interface FolderInput extends LookInput {
  readonly subvolume: number;
  readonly path: string;
  readonly offset: number;
  readonly limit: number;
}

/** @throws Conflict 'path-not-found', and as `lookStream` */
export async function listStreamFolder(
  { subvolume, path, offset, limit, ...input }: FolderInput,
  context: VerbContext,
): Promise<{ entries: StreamEntry[]; total: number }> {
  const tree = (await lookedAt(input, context)).trees[subvolume];
  if (tree !== undefined) return tree.list(path, offset, limit);
  throw conflict('path-not-found', say`The stream has no subvolume number ${{ subvolume }}.`);
}

/** What is known of these files, as long as they are what they were; else they are read. */
export async function lookedAt({ paths }: LookInput, context: VerbContext): Promise<Looked> {
  const bytes = streamBytes(paths);
  const key = JSON.stringify([paths, bytes.stamp]);
  const known = kept.get(key);
  if (known) return known;
  const looked = await new Look(paths, bytes, context).run();
  if (kept.size >= KEPT) kept.delete(kept.keys().next().value!);
  kept.set(key, looked);
  return looked;
}

class Look {
  readonly #paths: readonly string[];
  readonly #bytes: StreamBytes;
  readonly #context: VerbContext;
  readonly #counts = new Map<StreamCommandName, number>();
  readonly #subvolumes: (StreamSubvolume & { commands: number; dataBytes: number })[] = [];
  readonly #trees: TouchedTree[] = [];
  readonly #marks: Mark[] = [];
  #version = 0;
  #index = -1;
  #beginning: Buffer | null = null;
  #streamBytes = 0;

  constructor(paths: readonly string[], bytes: StreamBytes, context: VerbContext) {
    this.#paths = paths;
    this.#bytes = bytes;
    this.#context = context;
  }

  async run(): Promise<Looked> {
    const problem = await this.#read();
    const look: StreamLook = {
      paths: [...this.#paths],
      fileBytes: this.#bytes.fileBytes,
      packing: packingOf(this.#paths[0]!),
      version: this.#version,
      streamBytes: this.#streamBytes,
      commands: this.#index + 1,
      counts: [...this.#counts].map(([name, count]) => ({ name, count })),
      subvolumes: this.#subvolumes,
      problem,
      isTreeCut: this.#trees.some(({ isCut }) => isCut),
    };
    return { bytes: this.#bytes, look, marks: this.#marks, trees: this.#trees };
  }

  async #read(): Promise<StreamLook['problem']> {
    const input = this.#bytes.open(0);
    try {
      decodeStream(input, new RecordingSink((record) => this.#take(record)), {
        cancel: this.#context.cancel,
        onVersion: (version) => (this.#version = version),
        onCommand: (bytes, offset) => this.#begin(bytes, offset),
        onProgress: (bytes) => this.#progress(bytes),
      });
      await input.end();
      return null;
    } catch (error) {
      const isOfTheStream = error instanceof DendroError && error.kind === 'Corrupt';
      // Without one command there is nothing to show.
      if (!isOfTheStream || this.#index < 0) throw error;
      return toErrorData(error);
    } finally {
      input.close();
    }
  }

  #begin(bytes: Buffer, offset: number): void {
    this.#index += 1;
    this.#streamBytes = offset + bytes.length;
    const command = bytes.readUInt16LE(4);
    const isFirst = command <= 2;
    if (isFirst) this.#beginning = Buffer.from(bytes);
    if (!isFirst && this.#index % MARK_EVERY !== 0) return;
    const beginning = isFirst ? null : this.#beginning;
    this.#marks.push({ index: this.#index, offset, version: this.#version, beginning });
  }

  #take(record: CommandRecord): void {
    const { name, dataBytes } = record;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (name === 'subvol' || name === 'snapshot') this.#enter(record);
    const current = this.#subvolumes.at(-1);
    if (current === undefined) return;
    current.commands += 1;
    current.dataBytes += dataBytes;
    if (name === 'end') current.hasEnd = true;
    this.#trees.at(-1)!.take(record);
  }

  #enter(record: CommandRecord): void {
    const parent = textOf(record, 'parent');
    const ctransid = numberOf(record, 'parentTransid');
    this.#trees.push(new TouchedTree());
    this.#subvolumes.push({
      name: record.path,
      uuid: textOf(record, 'uuid'),
      ctransid: numberOf(record, 'transid'),
      parent: parent === '' ? null : { uuid: parent, ctransid },
      firstCommand: this.#index,
      commands: 0,
      dataBytes: 0,
      hasEnd: false,
    });
  }

  #progress(bytes: number): void {
    this.#context.progress({
      ...{
        step: 'read',
        bytes,
        totalBytes: null,
        files: this.#counts.get('mkfile') ?? 0,
        totalFiles: null,
      },
      current: '',
    });
  }
}
