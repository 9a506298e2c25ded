import { createHash } from 'node:crypto';
import type { Bytes } from '../stream/command-sink.ts';

/** What tells one stream from another: its first command. Bytes are copies of ours. */
export interface StreamIdentity {
  readonly name: Buffer;
  readonly uuid: Buffer;
  readonly ctransid: number;
  /** Undefined for a full stream. */
  readonly parentUuid?: Buffer | undefined;
  readonly parentCtransid?: number | undefined;
}

export function identityOf(
  name: Bytes,
  uuid: Bytes,
  ctransid: number,
  parentUuid?: Bytes,
  parentCtransid?: number,
): StreamIdentity {
  return {
    name: Buffer.from(name),
    uuid: Buffer.from(uuid),
    ctransid,
    parentUuid: parentUuid === undefined ? undefined : Buffer.from(parentUuid),
    parentCtransid,
  };
}

/** 16 hexadecimal digits that name the leftover of this stream. */
export function identityKey(identity: StreamIdentity): string {
  return createHash('sha256').update(identityJson(identity)).digest('hex').slice(0, 16);
}

export function identityJson(identity: StreamIdentity): string {
  return JSON.stringify({
    format: 1,
    name: identity.name.toString('hex'),
    uuid: identity.uuid.toString('hex'),
    ctransid: identity.ctransid,
    parentUuid: identity.parentUuid?.toString('hex') ?? null,
    parentCtransid: identity.parentCtransid ?? null,
  });
}

/** Reads back what `identityJson` wrote; undefined for anything else. */
export function parseIdentity(text: string): StreamIdentity | undefined {
  try {
    const parsed = JSON.parse(text) as Record<string, unknown>;
    const { name, uuid, ctransid, parentUuid, parentCtransid } = parsed;
    if (typeof name !== 'string' || typeof uuid !== 'string') return undefined;
    if (typeof ctransid !== 'number') return undefined;
    return {
      name: Buffer.from(name, 'hex'),
      uuid: Buffer.from(uuid, 'hex'),
      ctransid,
      parentUuid: typeof parentUuid === 'string' ? Buffer.from(parentUuid, 'hex') : undefined,
      parentCtransid: typeof parentCtransid === 'number' ? parentCtransid : undefined,
    };
  } catch {
    return undefined;
  }
}
