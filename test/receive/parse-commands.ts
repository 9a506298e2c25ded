import { streamChecksum } from '../../main/engine/stream/crc.ts';
import { ATTRIBUTE } from '../../main/engine/stream/protocol.ts';

export interface Attribute {
  type: number;
  value: Buffer;
  /** A length to claim instead of the value's own. */
  claims?: number;
}

export interface Command {
  number: number;
  attributes: Attribute[];
  /** A length to claim instead of the command's own. */
  claims?: number;
}

const HEADER = 17;

/** Takes a stream apart, for tests that put it together again in other ways. */
export function parseCommands(stream: Buffer): { version: number; commands: Command[] } {
  const version = stream.readUInt32LE(13);
  const commands: Command[] = [];
  for (let at = HEADER; at < stream.length;) {
    const end = at + 10 + stream.readUInt32LE(at);
    commands.push({
      number: stream.readUInt16LE(at + 4),
      attributes: parseAttributes(stream.subarray(at + 10, end), version),
    });
    at = end;
  }
  return { version, commands };
}

function parseAttributes(bytes: Buffer, version: number): Attribute[] {
  const attributes: Attribute[] = [];
  for (let at = 0; at < bytes.length;) {
    const type = bytes.readUInt16LE(at);
    const isOpenEnded = version >= 2 && type === ATTRIBUTE.data;
    const start = at + (isOpenEnded ? 2 : 4);
    const end = isOpenEnded ? bytes.length : start + bytes.readUInt16LE(at + 2);
    attributes.push({ type, value: Buffer.from(bytes.subarray(start, end)) });
    at = end;
  }
  return attributes;
}

/** Puts commands together, every checksum right however wrong the rest. */
export function joinCommands(version: number, commands: readonly Command[]): Buffer {
  const header = Buffer.alloc(HEADER);
  header.write('btrfs-stream\0', 'latin1');
  header.writeUInt32LE(version, 13);
  return Buffer.concat([header, ...commands.map((command) => joinCommand(version, command))]);
}

function joinCommand(version: number, command: Command): Buffer {
  const parts = command.attributes.flatMap(({ type, value, claims }) => {
    const isOpenEnded = version >= 2 && type === ATTRIBUTE.data;
    const head = Buffer.alloc(isOpenEnded ? 2 : 4);
    head.writeUInt16LE(type & 0xffff, 0);
    if (!isOpenEnded) head.writeUInt16LE((claims ?? value.length) & 0xffff, 2);
    return [head, value];
  });
  const body = Buffer.concat(parts);
  const bytes = Buffer.concat([Buffer.alloc(10), body]);
  bytes.writeUInt32LE((command.claims ?? body.length) >>> 0, 0);
  bytes.writeUInt16LE(command.number & 0xffff, 4);
  bytes.writeInt32LE(streamChecksum(bytes, 0, bytes.length) | 0, 6);
  return bytes;
}
