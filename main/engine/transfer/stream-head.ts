import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { excludesAt, identityOf as sentAs } from '../send-identity.ts';
import type { SendRequest } from '../send.ts';
import { identityOf, type StreamIdentity } from '../sink/stream-identity.ts';

/** A stream's first command, as plain data: UUIDs in hexadecimal, the name as text. */
export interface StreamHead {
  readonly name: string;
  readonly uuid: string;
  readonly ctransid: number;
  readonly parentUuid: string | null;
  readonly parentCtransid: number | null;
}

/** What the first command of the stream of `request` will say. */
export function headOf(request: SendRequest): StreamHead {
  const { snapshot, parent, name } = request;
  const { path } = snapshot.info;
  const own = sentAs(snapshot, request.excludes);
  const from = parent && sentAs(parent, excludesAt(request, parent));
  return {
    name: textFromBytes(name ?? path.subarray(path.lastIndexOf(0x2f) + 1)),
    uuid: Buffer.from(own.uuid).toString('hex'),
    ctransid: own.ctransid,
    parentUuid: from ? Buffer.from(from.uuid).toString('hex') : null,
    parentCtransid: from ? from.ctransid : null,
  };
}

export function headOfIdentity(identity: StreamIdentity): StreamHead {
  const { name, uuid, ctransid, parentUuid, parentCtransid } = identity;
  return {
    name: textFromBytes(name),
    uuid: uuid.toString('hex'),
    ctransid,
    parentUuid: parentUuid?.toString('hex') ?? null,
    parentCtransid: parentCtransid ?? null,
  };
}

export function identityOfHead(head: StreamHead): StreamIdentity {
  const { name, uuid, ctransid, parentUuid, parentCtransid } = head;
  return identityOf(
    bytesFromText(name),
    Buffer.from(uuid, 'hex'),
    ctransid,
    parentUuid === null ? undefined : Buffer.from(parentUuid, 'hex'),
    parentCtransid ?? undefined,
  );
}
