import type { FarContact, SourceHealth } from '../../shared/model/health.ts';

/** A point of a source, and where its copies are. */
export interface HealthPoint {
  readonly pointId: string;
  readonly takenAtMs: number;
  readonly copies: readonly {
    readonly volumeId: string;
    readonly volumeName: string;
    readonly place: 'local' | 'drive';
    readonly present: boolean;
  }[];
}

export interface HealthFacts {
  /** In any order; only whole ones. */
  readonly points: readonly HealthPoint[];
  readonly lastSeenAtMs: (volumeId: string) => number | null;
  /** Of a place on another computer: when that answered. */
  readonly farContact?: (volumeId: string) => FarContact | undefined;
  /** When a copy of the point on a drive was last checked and found right. */
  readonly provenAtMs: (pointId: string) => number | null;
}

const NONE: SourceHealth = {
  level: 'none',
  untilMs: null,
  drives: [],
  farEnds: [],
  alsoHere: false,
  lastSeenAtMs: null,
  provenAtMs: null,
};

/**
 * What protects a source, said of the newest point that would survive the loss of its own disk.
 * Nothing is claimed for it that holds of an older point only.
 */
export function healthOf({
  points,
  lastSeenAtMs,
  provenAtMs,
  farContact = () => undefined,
}: HealthFacts): SourceHealth {
  const newestFirst = [...points].sort((a, b) => b.takenAtMs - a.takenAtMs);
  const [newest] = newestFirst.filter(({ copies }) => copies.length > 0);
  if (!newest) return NONE;
  const safe = newestFirst.find(({ copies }) => copies.some(isOnDrive));
  if (!safe) return { ...NONE, level: 'here-only', untilMs: newest.takenAtMs, alsoHere: true };
  const holders = safe.copies.filter(isOnDrive);
  const isHere = holders.some(
    ({ present, volumeId }) => present && (farContact(volumeId)?.failedAtMs ?? null) === null,
  );
  const farIds = new Set(holders.map(({ volumeId }) => volumeId));
  const seen = holders.flatMap(({ volumeId }) => lastSeenAtMs(volumeId) ?? []);
  return {
    level: isHere ? 'safe' : 'away',
    untilMs: safe.takenAtMs,
    drives: [...new Set(holders.map(({ volumeName }) => volumeName))],
    farEnds: [...farIds].flatMap((volumeId) => farContact(volumeId) ?? []),
    alsoHere: newestFirst
      .filter(({ takenAtMs }) => takenAtMs >= safe.takenAtMs)
      .some(({ copies }) => copies.some((copy) => copy.place === 'local' && copy.present)),
    lastSeenAtMs: isHere || seen.length === 0 ? null : Math.max(...seen),
    provenAtMs: provenAtMs(safe.pointId),
  };
}

function isOnDrive({ place }: HealthPoint['copies'][number]): boolean {
  return place === 'drive';
}
