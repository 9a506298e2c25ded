import { hashOfContent } from '../../engine/proof/content-hash.ts';
import type { ContentVersion } from './inode.ts';
import { readNamed } from './read-content.ts';
import type { ContentResolver } from './resolve.ts';
import type { Segment } from './segments.ts';

export interface Content {
  readonly version: ContentVersion;
  readonly sha256: Buffer | undefined;
  readonly resolver: ContentResolver;
}

/**
 * Whether two files hold the same bytes: by their hashes, else by where their bytes stand, and
 * only when neither says it by reading both.
 */
export function sameContent(a: Content, b: Content): boolean {
  if (a.version.size !== b.version.size) return false;
  if (a.sha256 !== undefined && b.sha256 !== undefined) return a.sha256.equals(b.sha256);
  if (sameSegments(a, b)) return true;
  return hashOf(a).equals(hashOf(b));
}

/** The same pieces of the same streams. */
function sameSegments(a: Content, b: Content): boolean {
  const [left, right] = [a, b].map(({ version, resolver }) => placed(version, resolver));
  for (;;) {
    const [one, two] = [left!.next().value, right!.next().value];
    if (one === undefined || two === undefined) return one === two;
    const isSame = one.start === two.start && one.end === two.end && samePlace(one, two);
    if (!isSame) return false;
  }
}

type Placed = Segment & { readonly op: ReturnType<ContentResolver['opOf']> };

function* placed(version: ContentVersion, resolver: ContentResolver): Generator<Placed> {
  for (const segment of resolver.segments(version).within(0, version.size)) {
    yield { ...segment, op: resolver.opOf(segment) };
  }
}

function samePlace(a: Placed, b: Placed): boolean {
  if (a.op === 'missing' || b.op === 'missing') return false;
  if (a.op.kind !== b.op.kind || a.op.stream.name !== b.op.stream.name || a.op.at !== b.op.at)
    return false;
  return a.op.offset + a.shift === b.op.offset + b.shift;
}

function hashOf({ version, resolver }: Content): Buffer {
  return hashOfContent(readNamed('', version, resolver), version.size);
}
