import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { PinReport } from '../../../shared/model/pin.ts';
import { placeId } from '../../../shared/model/plan-target.ts';
import type { Context } from '../context.ts';
import { removeMarks } from '../plans/pins/marks.ts';
import { folderOf } from '../plans/pins/note-pin.ts';
import type { Handlers } from './index.ts';

const DAY_MS = 86_400_000;

export const pinHandlers: Pick<Handlers, 'pins.list' | 'pins.release'> = {
  'pins.list': async (_, context) => reports(context),

  'pins.release': async ({ placeId: place }, context) => {
    const { history, points, nowMs, hub } = context;
    const released = history.pins.release(place, nowMs());
    if (released === 0) throw unknown(place);
    const { subvolumes } = await points.look();
    const folders = new Set(
      subvolumes.flatMap(({ mountedPath }) => (mountedPath ? [folderOf(mountedPath)] : [])),
    );
    for (const folder of folders) removeMarks(folder, place);
    hub.emit('plans.changed', {});
    return { released };
  },
};

function reports({ history, nowMs }: Context): PinReport[] {
  const pins = history.pins.list().filter(({ releasedAtMs }) => releasedAtMs === null);
  const pinned = history.points.these(
    new Set(),
    pins.map(({ pointId }) => pointId),
  );
  const points = new Map(pinned.map((point) => [point.pointId, point]));
  const volumes = new Map(history.points.volumesSeen().map((one) => [one.volumeId, one]));
  const drives = new Map(history.drives.list().map((one) => [one.driveId, one]));
  const patience = awayDays(history);
  return pins.map((pin): PinReport => {
    const { sourceUuid, placeId: id, pointId, sentAtMs } = pin;
    const point = points.get(pointId);
    const seen = [volumes.get(id)?.lastSeenAtMs, drives.get(id)?.lastSeenAtMs, sentAtMs];
    const lastSeenAtMs = Math.max(...seen.flatMap((at) => at ?? []));
    const days = patience.get(id) ?? 0;
    return {
      ...{ sourceUuid, placeId: id, pointId, sentAtMs, lastSeenAtMs },
      placeName: drives.get(id)?.name ?? volumes.get(id)?.name ?? id,
      pointName: point?.name ?? null,
      takenAtMs: point?.takenAtMs ?? null,
      overdue: days > 0 && nowMs() - lastSeenAtMs > days * DAY_MS,
    };
  });
}

/** How long a place may be away, by the most patient plan that sends there; 0 is for ever. */
function awayDays({ plans }: Context['history']): Map<string, number> {
  const days = new Map<string, number>();
  for (const { draft } of plans.list()) {
    for (const id of draft.targets.map(placeId)) {
      const own = draft.awayDays === 0 ? Infinity : draft.awayDays;
      days.set(id, Math.max(days.get(id) ?? 0, own));
    }
  }
  return days;
}

function unknown(place: string): Error {
  return conflict('pin-unknown', say`Nothing is held for "${{ place: printable(place) }}".`, {
    hint: 'List what is held: dendro pins',
  });
}
