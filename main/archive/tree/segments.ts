import { GROUP, type Segment, type SegmentMemory } from './segment-memory.ts';

export type { Segment } from './segment-memory.ts';

/** Some that follow each other: the last ones of a file as they are, others put away. */
interface Group {
  /** Where the first begins. */
  readonly start: number;
  count: number;
  readonly held: Segment[] | number;
}

/**
 * Which stretches of a file hold data: sorted, without overlaps; what lies between is zeros.
 * Laying one over others cuts or replaces them. Groups keep an insertion cheap in files of very
 * many pieces, and all but the last of them may be out of memory.
 */
export class SegmentMap {
  readonly #memory: SegmentMemory;
  #groups: Group[] = [];
  /** Where the last segment ends. */
  #end = 0;
  /** Somebody goes through it, or lays it out. */
  #users = 0;

  constructor(memory: SegmentMemory) {
    this.#memory = memory;
  }

  /** To lay it out again would take long. */
  get isLarge(): boolean {
    return this.#groups.length > 1;
  }

  /** Objects that are in memory for it. */
  get held(): number {
    return this.#groups.length + (this.#groups.at(-1)?.count ?? 0);
  }

  /** Every segment that touches [start, end), cut to it. */
  within(start: number, end: number): Generator<Segment> {
    this.#users += 1;
    return this.#within(start, end);
  }

  /** Whatever else is forgotten meanwhile, this is not. */
  using(work: () => void): void {
    this.#users += 1;
    try {
      work();
    } finally {
      this.#users -= 1;
    }
  }

  lay(segment: Segment): void {
    if (segment.end <= segment.start) return;
    if (segment.start >= this.#end) return this.#append(segment);
    this.#replace(segment.start, segment.end, segment);
  }

  /** Zeros again. */
  clear(start: number, end: number): void {
    if (end > start && start < this.#end) this.#replace(start, end);
  }

  /** It is not kept any more: its room is free, unless somebody still has to do with it. */
  drop(): void {
    if (this.#users > 0) return;
    for (const group of this.#groups) this.#release(group);
    this.#groups = [];
  }

  *#within(start: number, end: number): Generator<Segment> {
    try {
      for (let g = this.#groupOf(start); g < this.#groups.length; g += 1) {
        const group = this.#groups[g]!;
        if (group.start >= end) return;
        for (let i = 0; i < group.count; i += 1) {
          const segment = this.#at(group, i);
          if (segment.end <= start) continue;
          if (segment.start >= end) return;
          yield cut(segment, start, end);
        }
      }
    } finally {
      this.#users -= 1;
    }
  }

  #append(segment: Segment): void {
    this.#end = segment.end;
    const last = this.#groups.at(-1);
    if (last !== undefined && last.count < GROUP && typeof last.held !== 'number') {
      last.count = last.held.push(segment);
      return;
    }
    if (last !== undefined) this.#groups[this.#groups.length - 1] = this.#putAway(last);
    this.#groups.push(groupOf([segment]));
  }

  /** Of the groups between the first and the last that it touches nothing stays. */
  #replace(start: number, end: number, by?: Segment): void {
    const first = this.#groupOf(start);
    let last = first;
    while (last + 1 < this.#groups.length && this.#groups[last + 1]!.start < end) last += 1;
    const touched = this.#groups.slice(first, last + 1);
    const fresh: Segment[] = [];
    let isIn = by === undefined;
    for (const group of first === last ? touched : [touched[0]!, touched.at(-1)!]) {
      for (const segment of this.#all(group)) {
        if (segment.end <= start) {
          fresh.push(segment);
          continue;
        }
        if (segment.start < start) fresh.push(cut(segment, segment.start, start));
        if (!isIn && (isIn = true)) fresh.push(by!);
        if (segment.end > end) fresh.push(cut(segment, Math.max(segment.start, end), segment.end));
      }
    }
    if (!isIn) fresh.push(by!);
    for (const group of touched) this.#release(group);
    const isTail = last === this.#groups.length - 1;
    this.#groups.splice(first, touched.length, ...this.#grouped(fresh, isTail));
    if (isTail) this.#settleLast();
  }

  /** The last group of all is at hand: most that comes goes there, and small files have no other. */
  #grouped(segments: Segment[], isTail: boolean): Group[] {
    if (segments.length === 0) return [];
    const length = segments.length <= GROUP ? GROUP : GROUP / 2;
    const groups: Group[] = [];
    for (let at = 0; at < segments.length; at += length) {
      const group = groupOf(length === GROUP ? segments : segments.slice(at, at + length));
      const isLast = isTail && at + length >= segments.length;
      groups.push(isLast ? group : this.#putAway(group));
    }
    return groups;
  }

  #settleLast(): void {
    const last = this.#groups.at(-1);
    if (last === undefined) {
      this.#end = 0;
      return;
    }
    const segments = this.#all(last);
    this.#release(last);
    this.#groups[this.#groups.length - 1] = groupOf(segments);
    this.#end = segments.at(-1)!.end;
  }

  #putAway(group: Group): Group {
    if (typeof group.held === 'number') return group;
    return { start: group.start, count: group.count, held: this.#memory.put(group.held) };
  }

  #release({ held }: Group): void {
    if (typeof held === 'number') this.#memory.release(held);
  }

  #all({ held, count }: Group): Segment[] {
    if (typeof held !== 'number') return held;
    return Array.from({ length: count }, (_, i) => this.#memory.at(held, i));
  }

  #at({ held }: Group, i: number): Segment {
    return typeof held === 'number' ? this.#memory.at(held, i) : held[i]!;
  }

  /** The last group that begins at or before the place. */
  #groupOf(place: number): number {
    let low = 0;
    let high = this.#groups.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#groups[middle]!.start <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Never of none: where it begins nobody could say. */
function groupOf(segments: Segment[]): Group {
  return { start: segments[0]!.start, count: segments.length, held: segments };
}

function cut(segment: Segment, start: number, end: number): Segment {
  if (segment.start >= start && segment.end <= end) return segment;
  return {
    ...segment,
    start: Math.max(segment.start, start),
    end: Math.min(segment.end, end),
  };
}
