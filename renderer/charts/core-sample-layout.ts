/** One restore point as the core sample sees it; times in epoch milliseconds. */
export interface SamplePoint {
  readonly at: number;
  /** Bytes that changed since the point before; null when nobody has counted them. */
  readonly changedBytes: number | null;
  readonly tone: SampleTone;
}

/** Where a point is kept: only on this computer, also on a backup drive, or only on a drive. */
export type SampleTone = 'here' | 'both' | 'away';

/** In the order in which a band of several is laid, from its top. */
export const TONES: readonly SampleTone[] = ['here', 'both', 'away'];

export interface ToneCount {
  readonly tone: SampleTone;
  readonly count: number;
}

export interface Band {
  readonly x: number;
  readonly width: number;
  /** How many of its points are of each tone, in the order of `TONES`; one that has none is left out. */
  readonly tones: readonly ToneCount[];
  /** The points this band stands for: first and last index, both included. */
  readonly first: number;
  readonly last: number;
}

export interface Gap {
  readonly x: number;
  readonly width: number;
  readonly days: number;
}

export interface SampleLayout {
  readonly bands: readonly Band[];
  readonly gaps: readonly Gap[];
}

export interface SampleOptions {
  readonly widthPx: number;
  /** A pause longer than this is drawn as a gap. */
  readonly gapAfterMs: number;
  /** Room between two bands. */
  readonly grainPx?: number;
  readonly minBandPx?: number;
}

const DAY_MS = 86_400_000;
const GAP_PX = 10;

/**
 * Lays points (oldest first) out as bands. A band's width grows with the square root of what
 * changed, so that one large day does not hide the others; when there are more points than
 * fit, neighbours are joined into one band.
 */
export function layoutSample(
  points: readonly SamplePoint[],
  { widthPx, gapAfterMs, grainPx = 2, minBandPx = 3 }: SampleOptions,
): SampleLayout {
  if (points.length === 0 || widthPx <= 0) return { bands: [], gaps: [] };
  const fits = points.length <= widthPx / (minBandPx + grainPx);
  // Joined bands get room to differ: at their least width all would look alike.
  const room = fits ? points.length : Math.max(1, Math.floor(widthPx / (3 * minBandPx)));
  const groups = joined(points, room);
  const pauses = groups.map((group, i) => {
    const before = groups[i - 1];
    if (before === undefined) return 0;
    const pause = points[group.first]!.at - points[before.last]!.at;
    return pause > gapAfterMs ? pause : 0;
  });
  const gapCount = pauses.filter((pause) => pause > 0).length;
  const gapPx = Math.min(GAP_PX, gapCount === 0 ? 0 : (widthPx * 0.3) / gapCount);
  const fixed = groups.length * minBandPx + (groups.length - 1) * grainPx + gapCount * gapPx;
  return place(groups, pauses, {
    widthPx,
    gapPx,
    grainPx,
    minBandPx,
    spare: Math.max(0, widthPx - fixed),
  });
}

interface Group {
  first: number;
  last: number;
  weight: number;
  tones: readonly ToneCount[];
}

function joined(points: readonly SamplePoint[], room: number): Group[] {
  const each = Math.ceil(points.length / room);
  const groups: Group[] = [];
  for (let first = 0; first < points.length; first += each) {
    const last = Math.min(points.length, first + each) - 1;
    let bytes = 0;
    const counts = { here: 0, both: 0, away: 0 };
    for (let i = first; i <= last; i++) {
      const point = points[i]!;
      bytes += point.changedBytes ?? 0;
      counts[point.tone] += 1;
    }
    const tones = TONES.map((tone) => ({ tone, count: counts[tone] }));
    const present = tones.filter(({ count }) => count > 0);
    groups.push({ first, last, weight: Math.sqrt(bytes), tones: present });
  }
  return groups;
}

interface Measures {
  readonly widthPx: number;
  readonly gapPx: number;
  readonly grainPx: number;
  readonly minBandPx: number;
  readonly spare: number;
}

/** A lone band must not fill the strip: its share of the room is limited, to a part of a wide one. */
const MAX_EXTRA_PX = 44;
const MAX_EXTRA_PART = 1 / 32;
/** What a band gets where no point's change is known. */
const UNKNOWN_EXTRA_PX = 12;

function place(groups: readonly Group[], pauses: readonly number[], m: Measures): SampleLayout {
  const weights = groups.reduce((sum, group) => sum + group.weight, 0);
  const maxExtra = Math.max(MAX_EXTRA_PX, m.widthPx * MAX_EXTRA_PART);
  const bands: Band[] = [];
  const gaps: Gap[] = [];
  let x = 0;
  groups.forEach((group, i) => {
    const pause = pauses[i]!;
    if (pause > 0) {
      gaps.push({ x: x - m.grainPx, width: m.gapPx + m.grainPx, days: Math.round(pause / DAY_MS) });
      x += m.gapPx;
    }
    const known = weights > 0;
    const share = m.spare * (known ? group.weight / weights : 1 / groups.length);
    const width = m.minBandPx + Math.min(known ? maxExtra : UNKNOWN_EXTRA_PX, share);
    bands.push({ x, width, tones: group.tones, first: group.first, last: group.last });
    x += width + m.grainPx;
  });
  return { bands, gaps };
}

export interface Layer {
  readonly tone: SampleTone;
  readonly y: number;
  readonly height: number;
}

/** So that one point among hundreds is still seen. */
const MIN_LAYER_PX = 4;

/** A band's tones one above the other, each as high as its part of the points. */
export function layersOf({ tones }: Band, heightPx: number): readonly Layer[] {
  const total = tones.reduce((sum, { count }) => sum + count, 0);
  const least = Math.min(MIN_LAYER_PX, heightPx / tones.length);
  const spare = heightPx - least * tones.length;
  let y = 0;
  return tones.map(({ tone, count }) => {
    const layer = { tone, y, height: least + (spare * count) / total };
    y += layer.height;
    return layer;
  });
}
