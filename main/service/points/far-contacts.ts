import type { FarContact } from '../../../shared/model/health.ts';
import { hostOf, placeId } from '../../../shared/model/plan-target.ts';
import type { History } from '../../history/history.ts';

/**
 * The other computers that plans send to or points lie on, by the ids of their places: when each
 * last answered, and when it was called after that in vain.
 */
export function farContacts({
  points,
  plans,
}: Pick<History, 'points' | 'plans'>): Map<string, FarContact> {
  const contacts = new Map<string, FarContact>();
  for (const { volumeId, name, lastSeenAtMs } of points.volumesSeen()) {
    if (!volumeId.startsWith('ssh://')) continue;
    contacts.set(volumeId, { name, reachedAtMs: lastSeenAtMs, failedAtMs: null });
  }
  for (const { draft, parts } of plans.list()) {
    for (const target of draft.targets) {
      if (target.kind !== 'ssh') continue;
      const id = placeId(target);
      const known = contacts.get(id) ?? {
        name: hostOf(target),
        reachedAtMs: null,
        failedAtMs: null,
      };
      const part = parts.find(({ key }) => key === id);
      const isLost = part?.error?.code === 'connection-lost';
      const failedAtMs = isLost ? part.lastRunAtMs : null;
      const isSince = failedAtMs !== null && failedAtMs >= (known.reachedAtMs ?? 0);
      contacts.set(id, isSince ? { ...known, failedAtMs } : known);
    }
  }
  return contacts;
}
