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
  readonly nowMs: number;
  readonly lastSeenAtMs: (volumeId: string) => number | null;
  /** Of a place on another computer: when that answered. */
  readonly farContact?: (volumeId: string) => FarContact | undefined;
  /** When a copy of the point on a drive was last checked and found right. */
  readonly provenAtMs: (pointId: string) => number | null;
}

const NONE: SourceHealth = {
  level: 'none',
  untilMs: null,
  aheadOfClock: false,
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
  nowMs,
  lastSeenAtMs,
  provenAtMs,
  farContact = () => undefined,
}: HealthFacts): SourceHealth {
  const isAhead = ({ takenAtMs }: HealthPoint): boolean => takenAtMs > nowMs;
  const newestFirst = [...points].sort(newestByClock(nowMs));
  const [newest] = newestFirst.filter(({ copies }) => copies.length > 0);
  if (!newest) return NONE;
  const safe = newestFirst.find(({ copies }) => copies.some(isOnDrive));
  if (!safe) {
    const aheadOfClock = isAhead(newest);
    const untilMs = newest.takenAtMs;
    return { ...NONE, level: 'here-only', untilMs, aheadOfClock, alsoHere: true };
  }
  const holders = safe.copies.filter(isOnDrive);
  const isHere = holders.some(
    ({ present, volumeId }) => present && (farContact(volumeId)?.failedAtMs ?? null) === null,
  );
  const farIds = new Set(holders.map(({ volumeId }) => volumeId));
  // Of what is dated ahead of the clock nobody knows whether it is newer.
  const isNewer = (one: HealthPoint, other: HealthPoint): boolean =>
    one.takenAtMs >= other.takenAtMs && !isAhead(one) && !isAhead(other);
  const proven = provenAtMs(safe.pointId);
  const seen = holders.flatMap(({ volumeId }) => lastSeenAtMs(volumeId) ?? []);
  return {
    level: isHere ? 'safe' : 'away',
    untilMs: safe.takenAtMs,
    aheadOfClock: isAhead(safe),
    drives: [...new Set(holders.map(({ volumeName }) => volumeName))],
    farEnds: [...farIds].flatMap((volumeId) => farContact(volumeId) ?? []),
    alsoHere: newestFirst
      .filter((one) => one === safe || isNewer(one, safe))
      .some(({ copies }) => copies.some((copy) => copy.place === 'local' && copy.present)),
    lastSeenAtMs: isHere || seen.length === 0 ? null : Math.max(...seen),
    provenAtMs: proven !== null && proven <= nowMs ? proven : null,
  };
}

/** The newest first; what is dated ahead of the clock is of no known age and comes after all. */
export function newestByClock(nowMs: number) {
  const ahead = ({ takenAtMs }: { readonly takenAtMs: number }): number =>
    Number(takenAtMs > nowMs);
  return <P extends { readonly takenAtMs: number }>(a: P, b: P): number =>
    ahead(a) - ahead(b) || b.takenAtMs - a.takenAtMs;
}

function isOnDrive({ place }: HealthPoint['copies'][number]): boolean {
  return place === 'drive';
}
