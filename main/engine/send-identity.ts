import { createHash } from 'node:crypto';
import type { SendRequest } from './send.ts';
import { activePatterns } from './stream/exclude.ts';
import type { StreamIdentity } from './stream/puncher.ts';
import type { Subvolume } from './tree/subvolume.ts';

/**
 * As the kernel names it: a received snapshot goes by the uuid that it had at its origin. What
 * arrives without some paths is another snapshot, so it gets a uuid of its own, made from both:
 * an increment that was made for the one can then never be applied to the other.
 * @param excludes what it was sent without.
 */
export function identityOf(
  { info }: Pick<Subvolume, 'info'>,
  excludes: readonly string[] = [],
): StreamIdentity {
  const isReceived = info.receivedUuid.some((byte) => byte !== 0);
  const uuid = isReceived ? info.receivedUuid : info.uuid;
  return { uuid: partialUuid(uuid, activePatterns(excludes)), ctransid: info.ctransid };
}

/** The same from and to text: 8-4-4-4-12 hexadecimal digits. */
export function sentUuid(uuid: string, excludes: readonly string[]): string {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  return hex(partialUuid(bytes, activePatterns(excludes))).replace(
    /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    '$1-$2-$3-$4-$5',
  );
}

/** What the parent or a clone source was sent without. */
export function excludesAt(
  { excludes = [], excludesOf }: SendRequest,
  sent: Subvolume,
): readonly string[] {
  return excludesOf?.(sent) ?? excludes;
}

/**
 * Names everything that decides which bytes a request gives, besides the two snapshots: streams
 * with the same fingerprint, uuids and transids are the same, command for command.
 */
export function streamFingerprint(request: SendRequest): string {
  const { snapshot, parent, cloneSources = [], excludes = [] } = request;
  const sent = (one: Subvolume): string => hex(identityOf(one, excludesAt(request, one)).uuid);
  const parts = [
    STREAM_RULES,
    request.protocol ?? 1,
    request.noData ?? false,
    request.compressedData ?? false,
    hex(identityOf(snapshot, excludes).uuid),
    parent === undefined ? '' : sent(parent),
    ...cloneSources.map(sent).sort(),
  ];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

/** Grows when the same snapshots come to give other commands. */
const STREAM_RULES = 3;

/** A uuid of version 8 (RFC 9562): sixteen bytes of a hash over the uuid and the patterns. */
function partialUuid(uuid: Uint8Array, patterns: readonly string[]): Uint8Array {
  if (patterns.length === 0) return uuid;
  const text = JSON.stringify(['dendro: sent without', hex(uuid), ...patterns]);
  const made = createHash('sha256').update(text).digest().subarray(0, 16);
  made[6] = (made[6]! & 0x0f) | 0x80;
  made[8] = (made[8]! & 0x3f) | 0x80;
  return made;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
