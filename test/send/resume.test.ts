import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planSend, type SendRequest } from '../../main/engine/send.ts';
import { openSubvolume } from '../../main/engine/tree/index.ts';
import { openVolume, type Volume } from '../../main/engine/volume/index.ts';
import { tailFrom } from '../fuzz/commands.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { HeldFiles, moreEdits } from '../harness/more-edits.ts';
import { RandomTree } from '../harness/random-tree.ts';
import { createSnapshot, createSubvolume } from '../harness/syscalls.ts';
import { bytesOf } from './round-trip.ts';

describeKernel('a stream of random edits', () => {
  let disk: TestBtrfs;
  beforeAll(() => {
    disk = makeBtrfs({ mountOptions: 'compress=zstd' });
    const work = join(disk.dir, 'work');
    createSubvolume(work);
    const held = new HeldFiles();
    const tree = new RandomTree(work, 78, moreEdits(held));
    for (const name of ['a', 'b']) {
      tree.edit(70);
      createSnapshot(work, join(disk.dir, name), true);
    }
    held.close();
  });
  afterAll(() => disk?.close());

  const requests: Record<string, Partial<SendRequest>> = {
    'version 1': {},
    'version 2, compressed': { protocol: 2, compressedData: true },
    'without data': { noData: true },
    'without some paths': { excludes: ['b', '/c/*'] },
  };

  function whole(volume: Volume, request: Partial<SendRequest>): SendRequest {
    const open = (name: string) => openSubvolume(volume, Buffer.from(name));
    return { ...request, volume, snapshot: open('b'), parent: open('a') };
  }

  function withVolume<T>(devices: readonly string[], body: (volume: Volume) => T): T {
    const volume = openVolume(devices);
    try {
      return body(volume);
    } finally {
      volume.close();
    }
  }

  test.each(Object.entries(requests))('goes on at every single command: %s', (_, request) => {
    withVolume(disk.devices, (volume) => {
      const all = whole(volume, request);
      const stream = bytesOf(all);
      const { commands } = planSend(all);
      expect(commands).toBeGreaterThan(50);
      for (let from = 1; from < commands; from++) {
        const rest = tailFrom(bytesOf({ ...all, resumeFrom: from }), 1);
        expect(rest.equals(tailFrom(stream, from)), `from command ${from}`).toBe(true);
      }
    });
  });

  test('has the same bytes from the mounted device, the unmounted one and the image', () => {
    const bytes = (devices: readonly string[]) =>
      Object.values(requests).map((request) =>
        withVolume(devices, (volume) => bytesOf(whole(volume, request)).toString('latin1')),
      );
    const mounted = bytes(disk.devices);
    disk.unmount();
    try {
      expect(bytes(disk.devices)).toEqual(mounted);
      expect(bytes(disk.images)).toEqual(mounted);
    } finally {
      disk.mount();
    }
  });
});
