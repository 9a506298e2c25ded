import type { StreamCommandName } from '../../../shared/model/stream.ts';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { Bytes, CommandSink, EncodedWrite } from '../../engine/stream/command-sink.ts';

type Fact = readonly [name: string, value: number | string];

/** One command as plain data: what people and trees want of it, without the file data. */
export interface CommandRecord {
  readonly name: StreamCommandName;
  /** As text that keeps its bytes; see `StreamCommand`. */
  readonly path: string;
  readonly other: string | null;
  readonly facts: readonly Fact[];
  /** File data that it carries. */
  readonly dataBytes: number;
}

interface Parts {
  readonly other?: Bytes;
  readonly facts?: readonly Fact[];
  readonly dataBytes?: number;
}

const MTIME_AT = 24;

/** Hands each command on as a record. */
export class RecordingSink implements CommandSink {
  readonly #take: (record: CommandRecord) => void;

  constructor(take: (record: CommandRecord) => void) {
    this.#take = take;
  }

  subvol(path: Bytes, uuid: Bytes, ctransid: number): void {
    this.#record('subvol', path, { facts: identity(uuid, ctransid) });
  }

  snapshot(path: Bytes, uuid: Bytes, ctransid: number, parent: Bytes, transid: number): void {
    const from: Fact[] = [
      ['parent', hex(parent)],
      ['parentTransid', transid],
    ];
    this.#record('snapshot', path, { facts: [...identity(uuid, ctransid), ...from] });
  }

  mkfile(path: Bytes, inode: number): void {
    this.#record('mkfile', path, { facts: [['inode', inode]] });
  }

  mkdir(path: Bytes, inode: number): void {
    this.#record('mkdir', path, { facts: [['inode', inode]] });
  }

  mknod(path: Bytes, inode: number, mode: number, rdev: number): void {
    const facts: Fact[] = [
      ['inode', inode],
      ['mode', mode],
      ['device', rdev],
    ];
    this.#record('mknod', path, { facts });
  }

  mkfifo(path: Bytes, inode: number): void {
    this.#record('mkfifo', path, { facts: [['inode', inode]] });
  }

  mksock(path: Bytes, inode: number): void {
    this.#record('mksock', path, { facts: [['inode', inode]] });
  }

  symlink(path: Bytes, inode: number, target: Bytes): void {
    this.#record('symlink', path, { other: target, facts: [['inode', inode]] });
  }

  rename(from: Bytes, to: Bytes): void {
    this.#record('rename', from, { other: to });
  }

  link(path: Bytes, existing: Bytes): void {
    this.#record('link', path, { other: existing });
  }

  unlink(path: Bytes): void {
    this.#record('unlink', path);
  }

  rmdir(path: Bytes): void {
    this.#record('rmdir', path);
  }

  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    const facts: Fact[] = [
      ['attribute', textFromBytes(name)],
      ['length', value.length],
    ];
    this.#record('set_xattr', path, { facts });
  }

  removeXattr(path: Bytes, name: Bytes): void {
    this.#record('remove_xattr', path, { facts: [['attribute', textFromBytes(name)]] });
  }

  write(path: Bytes, offset: number, { length }: Bytes): void {
    this.#record('write', path, { facts: range(offset, length), dataBytes: length });
  }

  clone(
    path: Bytes,
    offset: number,
    length: number,
    uuid: Bytes,
    transid: number,
    sourcePath: Bytes,
    sourceOffset: number,
  ): void {
    const from: Fact[] = [
      ['sourceOffset', sourceOffset],
      ['source', hex(uuid)],
      ['sourceTransid', transid],
    ];
    this.#record('clone', path, { other: sourcePath, facts: [...range(offset, length), ...from] });
  }

  truncate(path: Bytes, size: number): void {
    this.#record('truncate', path, { facts: [['size', size]] });
  }

  chmod(path: Bytes, mode: number): void {
    this.#record('chmod', path, { facts: [['mode', mode]] });
  }

  chown(path: Bytes, uid: number, gid: number): void {
    const facts: Fact[] = [
      ['uid', uid],
      ['gid', gid],
    ];
    this.#record('chown', path, { facts });
  }

  utimes(path: Bytes, times: Bytes): void {
    this.#record('utimes', path, { facts: [['modifiedAtMs', timeMs(times, MTIME_AT)]] });
  }

  updateExtent(path: Bytes, offset: number, length: number): void {
    this.#record('update_extent', path, { facts: range(offset, length) });
  }

  encodedWrite(path: Bytes, write: EncodedWrite): void {
    const facts: Fact[] = [
      ...range(write.offset, write.unencodedFileLength),
      ['packedLength', write.data.length],
      ['compression', write.compression],
    ];
    this.#record('encoded_write', path, { facts, dataBytes: write.data.length });
  }

  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    this.#record('fallocate', path, { facts: [...range(offset, length), ['mode', mode]] });
  }

  fileattr(path: Bytes, flags: number): void {
    this.#record('fileattr', path, { facts: [['flags', flags]] });
  }

  enableVerity(path: Bytes, algorithm: number, blockSize: number): void {
    const facts: Fact[] = [
      ['algorithm', algorithm],
      ['blockSize', blockSize],
    ];
    this.#record('enable_verity', path, { facts });
  }

  end(): void {
    this.#take({ name: 'end', path: '', other: null, facts: [], dataBytes: 0 });
  }

  #record(
    name: StreamCommandName,
    path: Bytes,
    { other, facts = [], dataBytes = 0 }: Parts = {},
  ): void {
    const second = other === undefined ? null : textFromBytes(other);
    this.#take({ name, path: textFromBytes(path), other: second, facts, dataBytes });
  }
}

/** The fact of that name; 0 when it has none. */
export function numberOf({ facts }: CommandRecord, name: string): number {
  const value = facts.find(([known]) => known === name)?.[1];
  return typeof value === 'number' ? value : 0;
}

/** The fact of that name; '' when it has none. */
export function textOf({ facts }: CommandRecord, name: string): string {
  return String(facts.find(([known]) => known === name)?.[1] ?? '');
}

function identity(uuid: Bytes, ctransid: number): Fact[] {
  return [
    ['uuid', hex(uuid)],
    ['transid', ctransid],
  ];
}

function range(offset: number, length: number): Fact[] {
  return [
    ['offset', offset],
    ['length', length],
  ];
}

function hex(bytes: Bytes): string {
  return Buffer.from(bytes).toString('hex');
}

/** 0 for a time that no clock has. */
function timeMs(times: Bytes, at: number): number {
  const view = new DataView(times.buffer, times.byteOffset + at, 12);
  const ms = Number(view.getBigInt64(0, true)) * 1_000 + Math.floor(view.getUint32(8, true) / 1e6);
  return Number.isSafeInteger(ms) ? ms : 0;
}
