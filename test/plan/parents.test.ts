import { describe, expect, it } from 'vitest';
import { commonParents } from '../../main/plan/parents.ts';
import type { Subvolume } from '../../shared/model/subvolume.ts';

const uuid = (n: number): string => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;

function snapshot(id: number, change: Partial<Subvolume> = {}): Subvolume {
  return {
    volumeId: 'laptop',
    subvolumeId: id,
    kind: 'snapshot',
    path: `s${id}`,
    mountedPath: null,
    uuid: uuid(id),
    parentUuid: uuid(99),
    receivedUuid: null,
    parentId: 5,
    generation: id,
    ctransid: id,
    otransid: id,
    stransid: 0,
    rtransid: 0,
    readOnly: true,
    createdAtMs: id,
    whole: true,
    ...change,
  };
}
const copyOf = (id: number, change: Partial<Subvolume> = {}): Subvolume =>
  snapshot(id + 1_000, {
    volumeId: 'drive',
    kind: 'received',
    parentUuid: null,
    receivedUuid: uuid(id),
    stransid: id,
    ...change,
  });
const found = (remote: Subvolume[], local = [300, 310, 320, 330].map((id) => snapshot(id))) =>
  commonParents(snapshot(330), local, remote);

describe('common parents', () => {
  it('are the snapshots both sides hold, the nearest first', () => {
    const { pairs } = found([copyOf(300), copyOf(320)]);
    expect(pairs.map((pair) => pair.local.subvolumeId)).toEqual([320, 300]);
  });

  it('never the snapshot itself, nor a writable one', () => {
    expect(found([copyOf(330)]).pairs).toEqual([]);
    const writable = snapshot(320, { readOnly: false });
    expect(found([copyOf(320)], [writable]).pairs).toEqual([]);
  });

  it('not a copy that became writable, was received in part, or is of another state', () => {
    const { pairs, notes } = found([
      copyOf(300, { readOnly: false }),
      // as a receive has it that was cut off, or is under way
      copyOf(310, { whole: false, readOnly: false }),
      copyOf(320, { stransid: 319 }),
    ]);
    expect(pairs).toEqual([]);
    expect(notes.map(({ code }) => code)).toEqual([
      'parent-writable',
      'parent-partial',
      'parent-changed',
    ]);
    expect(notes.map(({ text }) => text).join(' ')).toMatch(/read-only.*in part.*changed/);
  });

  it('a snapshot that itself came by a stream is known by what it was received as', () => {
    const local = snapshot(320, { receivedUuid: uuid(7), stransid: 70 });
    const { pairs } = found([copyOf(7, { stransid: 70 })], [local]);
    expect(pairs).toHaveLength(1);
  });

  it('a snapshot that came from the target is paired with its origin there', () => {
    const local = snapshot(320, { receivedUuid: uuid(555) });
    const origin = snapshot(555, { volumeId: 'drive' });
    expect(found([origin], [local]).pairs).toHaveLength(1);
  });
});
