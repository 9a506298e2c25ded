import { createHash } from 'node:crypto';
import { streamChecksum } from '../../engine/stream/crc.ts';
import {
  ATTRIBUTE,
  ATTRIBUTE_HEADER_SIZE,
  COMMAND,
  COMMAND_HEADER_SIZE,
} from '../../engine/stream/protocol.ts';
import { attributeRange } from './half-done.ts';

/** The uuid of what came of a snapshot: nothing else builds on it. Hexadecimal, as it is given. */
export function cutUuid(uuid: string): string {
  return createHash('sha256').update(`cut short ${uuid}`).digest('hex').slice(0, uuid.length);
}

/** A copy of a stream's first command; with another uuid when it is the one that was cut. */
export function withCutUuid(first: Buffer, cut: string | undefined): Buffer {
  const copy = Buffer.from(first);
  const range = attributeRange(first, ATTRIBUTE.uuid);
  const uuid = range && copy.toString('hex', ...range);
  if (range === undefined || uuid === undefined || uuid !== cut) return copy;
  copy.write(cutUuid(uuid), range[0], 'hex');
  return sealed(copy);
}

export function endCommand(): Buffer {
  const command = Buffer.alloc(COMMAND_HEADER_SIZE);
  command.writeUInt16LE(COMMAND.end, 4);
  return sealed(command);
}

export function unlinkCommand(path: Uint8Array): Buffer {
  const command = Buffer.alloc(COMMAND_HEADER_SIZE + ATTRIBUTE_HEADER_SIZE + path.length);
  command.writeUInt32LE(command.length - COMMAND_HEADER_SIZE, 0);
  command.writeUInt16LE(COMMAND.unlink, 4);
  command.writeUInt16LE(ATTRIBUTE.path, COMMAND_HEADER_SIZE);
  command.writeUInt16LE(path.length, COMMAND_HEADER_SIZE + 2);
  command.set(path, COMMAND_HEADER_SIZE + ATTRIBUTE_HEADER_SIZE);
  return sealed(command);
}

/** With the checksum of the command, which is of all of it with the checksum's place as zeros. */
function sealed(command: Buffer): Buffer {
  command.writeUInt32LE(0, 6);
  command.writeInt32LE(streamChecksum(command, 0, command.length) | 0, 6);
  return command;
}
