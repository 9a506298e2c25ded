import type { DataRun, EncodedPiece } from './inode.ts';

/** A stretch of a file whose bytes stand in a stream: byte `i` of the file is byte `i - shift` of what `op` covers. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly op: DataRun | EncodedPiece | 'missing';
  /** What the file's offset is ahead of the offset that `op` counts in. */
  readonly shift: number;
}

/** Segments of one group; groups keep an insertion cheap in files of very many pieces. */
const GROUP = 512;

/**
 * Which stretches of a file hold data: sorted, without overlaps; what lies between is zeros.
 * Laying one over others cuts or replaces them.
 */
export class SegmentMap {
  #groups: Segment[][] = [[]];

  /** Every segment that touches [start, end), cut to it. */
  *within(start: number, end: number): Generator<Segment> {
    for (let g = this.#groupOf(start); g < this.#groups.length; g += 1) {
      for (const segment of this.#groups[g]!) {
        if (segment.end <= start) continue;
        if (segment.start >= end) return;
        yield cut(segment, start, end);
      }
    }
  }

  lay(segment: Segment): void {
    if (segment.end <= segment.start) return;
    const last = this.#groups.at(-1)!.at(-1);
    if (last === undefined || segment.start >= last.end) return this.#append(segment);
    this.#replace(segment.start, segment.end, [segment]);
  }

  /** Zeros again. */
  clear(start: number, end: number): void {
    if (end > start) this.#replace(start, end, []);
  }

  #append(segment: Segment): void {
    const group = this.#groups.at(-1)!;
    if (group.length < GROUP) group.push(segment);
    else this.#groups.push([segment]);
  }

  #replace(start: number, end: number, by: readonly Segment[]): void {
    const first = this.#groupOf(start);
    let last = first;
    while (last + 1 < this.#groups.length && (this.#groups[last + 1]![0]?.start ?? end) < end)
      last += 1;
    const old = this.#groups.slice(first, last + 1).flat();
    const fresh: Segment[] = [];
    let isIn = false;
    for (const segment of old) {
      if (segment.end <= start) fresh.push(segment);
      else {
        if (segment.start < start) fresh.push(cut(segment, segment.start, start));
        if (!isIn && (isIn = true)) fresh.push(...by);
        if (segment.end > end) fresh.push(cut(segment, Math.max(segment.start, end), segment.end));
      }
    }
    if (!isIn) fresh.push(...by);
    this.#groups.splice(first, last - first + 1, ...grouped(fresh));
    if (this.#groups.length === 0) this.#groups.push([]);
  }

  /** The last group that begins at or before the place. */
  #groupOf(place: number): number {
    let low = 0;
    let high = this.#groups.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#groups[middle]![0]?.start ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Never an empty one: where it begins nobody could say. */
function grouped(segments: Segment[]): Segment[][] {
  if (segments.length === 0) return [];
  if (segments.length <= GROUP) return [segments];
  const groups: Segment[][] = [];
  for (let at = 0; at < segments.length; at += GROUP / 2) {
    groups.push(segments.slice(at, at + GROUP / 2));
  }
  return groups;
}

function cut(segment: Segment, start: number, end: number): Segment {
  if (segment.start >= start && segment.end <= end) return segment;
  return {
    ...segment,
    start: Math.max(segment.start, start),
    end: Math.min(segment.end, end),
  };
}
