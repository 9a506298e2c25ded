import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { walkAll, walkChanges, type ItemVisitor } from '../../main/engine/diff/walk.ts';
import { openDevice, type Device } from '../../main/engine/device/index.ts';
import { closeVolumes, volumeFor } from '../../main/engine/open-volumes.ts';
import { receive } from '../../main/engine/receive.ts';
import { send } from '../../main/engine/send.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { openSubvolume } from '../../main/engine/tree/index.ts';
import { openVolume, type Node } from '../../main/engine/volume/index.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel, onPath } from '../harness/kernel.ts';
import { withBtrfs, type BtrfsOptions, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { createSnapshot, createSubvolume, setXattr } from '../harness/syscalls.ts';
import { encode } from './round-trip.ts';

/** Where they stand on a device of this size. */
const SUPERBLOCKS = [65_536, 67_108_864];

/** Two snapshots of every kind of file, with changes between. */
function makeSnapshots(disk: TestBtrfs): void {
  const work = join(disk.dir, 'work');
  createSubvolume(work);
  fillTree(work, { files: 60 });
  fs.writeFileSync(join(work, 'large'), new Random(4).bytes(6_000_001));
  createSnapshot(work, join(disk.dir, 'a'), true);
  const fd = fs.openSync(join(work, 'large'), 'r+');
  for (let i = 0; i < 40; i++) fs.writeSync(fd, new Random(i).bytes(9000), 0, 9000, 140_000 * i);
  fs.closeSync(fd);
  fs.renameSync(join(work, 'links'), join(work, 'tree', 'links'));
  createSnapshot(work, join(disk.dir, 'b'), true);
}

function streams(devices: readonly string[]): Buffer[] {
  const volume = openVolume(devices);
  try {
    return [encode(volume, 'a', {}), encode(volume, 'b', { parent: 'a', protocol: 2 })];
  } finally {
    volume.close();
  }
}

/**
 * Something happens to the devices while data comes.
 * @param act is told how many pieces came before.
 * @param candidates where the volume may look for devices that come later.
 */
/** A read-only snapshot `a` of files that are long enough for something to happen while one is read. */
function makeLongFiles(volume: TestBtrfs): void {
  const work = join(volume.dir, 'work');
  createSubvolume(work);
  for (let i = 0; i < 4; i++) {
    fs.writeFileSync(join(work, `file${i}`), new Random(i).bytes(16_000_000));
  }
  createSnapshot(work, join(volume.dir, 'a'), true);
  volume.sync();
}

function sendWhile(
  devices: readonly string[],
  act: (pieces: number) => void,
  candidates: readonly string[] = [],
): Buffer {
  const volume = openVolume(devices, { candidates: () => candidates });
  const parts: Buffer[] = [];
  const drain = (bytes: Uint8Array): void => {
    act(parts.length);
    parts.push(Buffer.from(bytes));
  };
  const encoder = new StreamEncoder(drain, { protocol: 1 });
  try {
    send({ volume, snapshot: openSubvolume(volume, Buffer.from('a')) }, encoder);
  } finally {
    volume.close();
  }
  return Buffer.concat(parts);
}

describeKernel('snapshots on volumes of many kinds', () => {
  // btrfs-convert keeps a symbolic link's target with the NUL behind it, which the kernel sends.
  test.skipIf(!onPath('mkfs.ext4') || !onPath('btrfs-convert'))('converted from ext4', async () => {
    await withBtrfs({ sizeMiB: 512, mount: false }, async (source) => {
      run('mkfs.ext4', ['-q', '-F', source.device]);
      run('mount', [source.device, source.dir]);
      fs.mkdirSync(join(source.dir, 'links/below'), { recursive: true });
      fs.mkdirSync(join(source.dir, 'tree'));
      fs.symlinkSync('short', join(source.dir, 'links/short'));
      fs.symlinkSync('x'.repeat(300), join(source.dir, 'links/long'));
      fs.writeFileSync(join(source.dir, 'links/below/file'), new Random(5).bytes(300_001));
      fs.writeFileSync(join(source.dir, 'small'), 'inline');
      fs.linkSync(join(source.dir, 'small'), join(source.dir, 'tree/second'));
      run('umount', [source.dir]);
      run('btrfs-convert', [source.device]);
      source.mount();
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', source.dir, join(source.dir, 'a')]);
      fs.renameSync(join(source.dir, 'links'), join(source.dir, 'tree', 'links'));
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', source.dir, join(source.dir, 'b')]);
      source.sync();
      const [full, increment] = streams(source.devices);
      const byKernel = run('btrfs', ['-q', 'send', join(source.dir, 'a')]).stdout;
      await withBtrfs({ sizeMiB: 512 }, (target) => {
        const arrived = (name: string, folder: string): string[] =>
          showDifferences(
            compareTrees(join(source.dir, name), join(target.dir, folder, name), {
              except: ['flags'],
            }),
          );
        for (const folder of ['stock', 'ours', 'kernel']) fs.mkdirSync(join(target.dir, folder));
        for (const stream of [full, increment]) {
          run('btrfs', ['-q', 'receive', join(target.dir, 'stock')], { input: stream! });
          receive({ source: bytesSource(stream!), target: join(target.dir, 'ours') });
        }
        for (const name of ['a', 'b']) {
          for (const folder of ['stock', 'ours']) expect(arrived(name, folder)).toEqual([]);
        }
        receive({ source: bytesSource(byKernel), target: join(target.dir, 'kernel') });
        expect(arrived('a', 'kernel')).toEqual([]);
      });
    });
  });

  // mkfs.btrfs writes the property alone; the kernel sets its flag with the next change. Back from
  // there, taking the flag away took the property away at our receiver.
  test('made by mkfs from a folder, a compression property without its flag', async () => {
    await withBtrfs({}, async (stage) => {
      const folder = join(stage.dir, 'folder');
      fs.mkdirSync(join(folder, 'd'), { recursive: true });
      for (const [name, value] of [
        ['f', 'zstd'],
        ['g', 'none'],
        ['d', 'lzo'],
      ] as const) {
        if (name !== 'd') fs.writeFileSync(join(folder, name), 'x'.repeat(30_000));
        setXattr(join(folder, name), 'btrfs.compression', Buffer.from(value));
      }
      await withBtrfs({ mkfsArgs: ['--rootdir', folder] }, async (source) => {
        const snapshot = (name: string): void =>
          createSnapshot(source.dir, join(source.dir, name), true);
        snapshot('a');
        for (const name of ['f', 'g', 'd']) fs.chmodSync(join(source.dir, name), 0o700);
        snapshot('b');
        source.sync();
        await withBtrfs({}, (target) => {
          const arrives = (name: string, parent?: string): void => {
            const volume = openVolume(source.devices);
            const stream = encode(volume, name, { protocol: 2, ...(parent && { parent }) });
            volume.close();
            const into = join(target.dir, `${name}-from-${parent}`);
            fs.mkdirSync(into);
            receive({ source: bytesSource(stream), target: into });
            const found = compareTrees(join(source.dir, name), join(into, name));
            expect(showDifferences(found), `${name} from ${parent}`).toEqual([]);
          };
          arrives('a');
          arrives('b', 'a');
          arrives('a', 'b');
        });
      });
    });
  });

  const kinds: Record<string, BtrfsOptions> = {
    'mixed data and metadata': { mkfsArgs: ['-M'] },
    'RAID0 of three': { devices: 3, mkfsArgs: ['-m', 'raid1', '-d', 'raid0'] },
    'RAID10 of four, sha256': {
      devices: 4,
      mkfsArgs: ['-m', 'raid10', '-d', 'raid10', '--csum', 'sha256'],
    },
  };
  test.each(Object.entries(kinds))('%s', async (_, options) => {
    await withBtrfs({ sizeMiB: 512, ...options }, async (source) => {
      makeSnapshots(source);
      await withBtrfs({ sizeMiB: 512 }, (target) => {
        for (const stream of streams(source.devices)) {
          run('btrfs', ['-q', 'receive', target.dir], { input: stream });
        }
        for (const name of ['a', 'b']) {
          const found = compareTrees(join(source.dir, name), join(target.dir, name), {
            except: ['flags'],
          });
          expect(showDifferences(found)).toEqual([]);
        }
      });
    });
  });

  test.each(['raid1', 'raid5'])(
    '%s with a device missing gives the same bytes',
    async (profile) => {
      const mkfsArgs = ['-m', profile === 'raid5' ? 'raid1' : profile, '-d', profile];
      const devices = profile === 'raid5' ? 3 : 2;
      await withBtrfs({ sizeMiB: 512, devices, mkfsArgs }, (source) => {
        makeSnapshots(source);
        source.sync();
        const all = streams(source.devices);
        source.unmount();
        expect(streams(source.images.slice(1)).map((stream, i) => stream.equals(all[i]!))).toEqual([
          true,
          true,
        ]);
      });
    },
  );
});

describeKernel('sending from a volume that is written to', () => {
  // Zeros were sent of files without checksums, and others were told as damaged.
  test.each(['nodatasum', 'datasum'])(
    'ends when its device is replaced and used for something else, %s',
    async (mountOptions) => {
      await withBtrfs({ sizeMiB: 512, mountOptions }, async (source) => {
        await withBtrfs({ sizeMiB: 512, mount: false }, (spare) => {
          const work = join(source.dir, 'work');
          createSubvolume(work);
          fs.writeFileSync(join(work, 'file'), new Random(6).bytes(16_000_000));
          createSnapshot(work, join(source.dir, 'a'), true);
          const [device] = source.devices;
          const replace = (pieces: number): void => {
            if (pieces > 0) return;
            run('btrfs', ['replace', 'start', '-B', '-f', '1', spare.device, source.dir]);
            run('blkdiscard', ['-f', device!]);
          };
          expect(() => sendWhile([device!], replace)).toThrow('does not belong to the filesystem');
        });
      });
    },
  );

  // It ended with device-left, and of several devices with device-missing.
  test.each([
    ['single', 1, 'goes on'],
    ['raid0', 2, 'goes on'],
    ['raid0', 2, 'there and back again'],
  ] as const)('%s of %i is read where a replace has put it: %s', async (profile, devices, how) => {
    const mkfsArgs = ['-d', profile, '-m', devices === 1 ? 'single' : 'raid1'];
    const options = { sizeMiB: 512, devices, mkfsArgs, mountOptions: 'nodatasum' };
    await withBtrfs(options, async (source) => {
      await withBtrfs({ sizeMiB: 512, mount: false }, (spare) => {
        makeLongFiles(source);
        const [device] = source.devices;
        const expected = sendWhile(source.devices, () => {});
        const move = (to: string): void =>
          void run('btrfs', ['replace', 'start', '-B', '-f', '1', to, source.dir]);
        const act = (pieces: number): void => {
          if (pieces === 0) {
            move(spare.device);
            run('blkdiscard', ['-f', device!]);
          } else if (pieces === 20 && how !== 'goes on') {
            move(device!);
            run('blkdiscard', ['-f', spare.device]);
          }
        };
        const got = sendWhile(source.devices, act, [device!, spare.device]);
        expect(got.equals(expected)).toBe(true);
        source.unmount();
      });
    });
  });

  // With excludes both trees are looked through before the walk, and the volume moves on there: the
  // walk then began at a root that was gone, and the send ended with a bad tree block.
  test('begins a walk over trees that were moved after they were looked up', async () => {
    await withBtrfs({ sizeMiB: 512 }, (source) => {
      makeSnapshots(source);
      source.sync();
      let volume = openVolume(source.devices);
      const keysOf = (walk: (visitor: ItemVisitor) => void): string[] => {
        const keys: string[] = [];
        const tell = (what: string) => (node: Node, slot: number) =>
          void keys.push(`${what} ${node.objectId(slot)} ${node.type(slot)}`);
        const changed = (_: Node, __: number, node: Node, slot: number) =>
          tell('changed')(node, slot);
        walk({ onlyOld: tell('old'), onlyNew: tell('new'), changed, upcoming: () => undefined });
        return keys;
      };
      try {
        const [a, b] = ['a', 'b'].map((name) => openSubvolume(volume, Buffer.from(name)).root);
        const walks = [
          (visitor: ItemVisitor) => walkChanges(volume, a!, b!, visitor),
          (visitor: ItemVisitor) => walkAll(volume, b!, visitor),
        ];
        const before = walks.map(keysOf);
        expect(before.every((keys) => keys.length > 50)).toBe(true);
        run('btrfs', ['balance', 'start', '--full-balance', source.dir]);
        source.sync();
        volume.close();
        volume = openVolume(source.devices); // as after `refresh`, with nothing in memory
        expect(walks.map(keysOf)).toEqual(before);
      } finally {
        volume.close();
      }
    });
  });

  // It ended with device-missing: only when one had left, others were looked for.
  test('goes on where a device that was added meanwhile has got the data', async () => {
    await withBtrfs({ sizeMiB: 512, mountOptions: 'nodatasum' }, async (source) => {
      await withBtrfs({ sizeMiB: 2048, mount: false }, (spare) => {
        makeLongFiles(source);
        const [device] = source.devices;
        const expected = sendWhile([device!], () => undefined);
        const act = (pieces: number): void => {
          if (pieces > 0) return;
          run('btrfs', ['device', 'add', '-f', spare.device, source.dir]);
          run('btrfs', ['balance', 'start', '--full-balance', source.dir]);
        };
        try {
          const got = sendWhile([device!], act, [device!, spare.device]);
          expect(got.equals(expected)).toBe(true);
        } finally {
          source.unmount();
        }
      });
    });
  });

  // It ended with a bad tree block: between superblock and chunk tree the filesystem had moved on.
  test('opens a filesystem whose superblock is read just before a commit', async () => {
    await withBtrfs({ sizeMiB: 512 }, (source) => {
      makeSnapshots(source);
      source.sync();
      const expected = streams(source.devices);
      const device = openDevice(source.device);
      const old = new Map<number, Uint8Array>();
      for (const place of SUPERBLOCKS) {
        const bytes = new Uint8Array(4096);
        device.read(place, bytes.length, bytes, 0);
        old.set(place, bytes);
      }
      run('btrfs', ['balance', 'start', '--full-balance', source.dir]);
      source.sync();
      let isOld = false;
      const asBefore: Device = {
        name: device.name,
        sizeBytes: device.sizeBytes,
        read: (position, length, target, at) => {
          const bytes = old.get(position);
          old.delete(position);
          if (SUPERBLOCKS.includes(position)) isOld = bytes !== undefined;
          if (bytes !== undefined) target.set(bytes, at);
          else if (isOld)
            target.fill(0, at, at + length); // what it led to is overwritten by now
          else device.read(position, length, target, at);
        },
        close: () => device.close(),
      };
      const volume = openVolume([asBefore]);
      try {
        expect(old.size).toBe(0);
        expect(encode(volume, 'a', {}).equals(expected[0]!)).toBe(true);
      } finally {
        volume.close();
      }
    });
  });

  // It said that there is no btrfs on the device, of a path on a mounted filesystem.
  test('opens a mounted filesystem of which a device has left since it was listed', async () => {
    await withBtrfs({ sizeMiB: 512 }, async (source) => {
      await withBtrfs({ sizeMiB: 512, mount: false }, (spare) => {
        makeSnapshots(source);
        const [device] = source.devices;
        run('btrfs', ['replace', 'start', '-B', '-f', '1', spare.device, source.dir]);
        try {
          const volume = volumeFor({ devices: [device!], mountPath: source.dir });
          expect(encode(volume, 'a', {}).length).toBeGreaterThan(1_000_000);
        } finally {
          closeVolumes();
          source.unmount();
        }
      });
    });
  });

  // The kernel refuses to make a snapshot writable while it sends it; a part of what came later was
  // sent, and the stream ended well.
  test.each(['a', 'b'])('ends when %s is made writable and changed', async (changed) => {
    await withBtrfs({ sizeMiB: 512 }, (source) => {
      makeSnapshots(source);
      source.sync();
      const volume = openVolume(source.devices);
      const [a, b] = ['a', 'b'].map((name) => openSubvolume(volume, Buffer.from(name)));
      const encoder = new StreamEncoder(() => undefined, { protocol: 1 });
      const toggle = (isReadOnly: boolean): void =>
        void run('btrfs', ['property', 'set', join(source.dir, changed), 'ro', `${isReadOnly}`]);
      try {
        toggle(false);
        fs.writeFileSync(join(source.dir, changed, 'large'), 'shorter');
        toggle(true);
        source.sync();
        volume.refresh();
        expect(() => send({ volume, snapshot: b!, parent: a! }, encoder)).toThrow(
          expect.objectContaining({ code: 'snapshot-changed' }),
        );
      } finally {
        volume.close();
      }
    });
  });

  /**
   * Deletes `a` when a part of it has come.
   * @param isCleaned its root item is gone, and others have its blocks; else there are no references to it.
   */
  const deleteMeanwhile = (source: TestBtrfs, isCleaned: boolean) => {
    makeLongFiles(source);
    run('btrfs', ['-q', 'subvolume', 'delete', '-c', join(source.dir, 'work')]);
    run('btrfs', ['-q', 'subvolume', 'sync', source.dir]);
    source.sync();
    const expected = sendWhile(source.devices, () => undefined);
    const act = (pieces: number): void => {
      if (pieces !== 20) return;
      run('btrfs', ['-q', 'subvolume', 'delete', '-c', join(source.dir, 'a')]);
      if (!isCleaned) return;
      run('btrfs', ['-q', 'subvolume', 'sync', source.dir]);
      fs.writeFileSync(join(source.dir, 'other'), new Random(9).bytes(150_000_000));
      source.sync();
    };
    return { expected, send: () => sendWhile(source.devices, act) };
  };

  // Nothing but the root item tells that what is read may belong to others soon.
  test.each([false, true])(
    'of data without checksums nothing is sent from a snapshot that was deleted (cleaned: %s)',
    async (isCleaned) => {
      await withBtrfs({ sizeMiB: 512, mountOptions: 'nodatasum' }, (source) => {
        const { send: sendDeleted } = deleteMeanwhile(source, isCleaned);
        expect(sendDeleted).toThrow(expect.objectContaining({ code: 'tree-gone' }));
      });
    },
  );

  test('a snapshot that was deleted is sent as long as its blocks are there', async () => {
    await withBtrfs({ sizeMiB: 512 }, (source) => {
      const { expected, send: sendDeleted } = deleteMeanwhile(source, false);
      expect(sendDeleted().equals(expected)).toBe(true);
    });
  });

  // The stream had an empty name, which nobody receives; the kernel's send ends with ENOENT.
  test('refuses the top level, which has no name', async () => {
    await withBtrfs({}, (source) => {
      run('btrfs', ['property', 'set', source.dir, 'ro', 'true']);
      source.sync();
      const volume = openVolume(source.devices);
      expect(() => encode(volume, '', {})).toThrow('has no name');
      volume.close();
      expect(run('btrfs', ['-q', 'send', source.dir], { accept: [1] }).stderr).toContain('-2');
    });
  });

  test('does not mind a snapshot that is writable for a while and not changed', async () => {
    await withBtrfs({ sizeMiB: 512 }, (source) => {
      makeSnapshots(source);
      source.sync();
      const expected = sendWhile(source.devices, () => undefined);
      const toggle = (pieces: number): void => {
        if (pieces > 0) return;
        for (const isReadOnly of [false, true]) {
          run('btrfs', ['property', 'set', join(source.dir, 'a'), 'ro', `${isReadOnly}`]);
        }
        source.sync();
      };
      expect(sendWhile(source.devices, toggle).equals(expected)).toBe(true);
    });
  });

  /** Moves blocks, shares data, deletes other snapshots, without pause, until killed. */
  const churn = (dir: string): string[] => [
    `while true; do btrfs balance start --full-balance ${dir}; done`,
    `while true; do cp --reflink=always ${dir}/b/large ${dir}/work/copy; sync -f ${dir}
       rm ${dir}/work/copy; done`,
    `while true; do btrfs subvolume snapshot ${dir}/work ${dir}/gone; rm -rf ${dir}/gone/extents
       btrfs subvolume delete ${dir}/gone; btrfs subvolume sync ${dir}; done`,
  ];

  test('gives the same bytes while blocks move and other snapshots come and go', async () => {
    await withBtrfs({ sizeMiB: 1024 }, async (source) => {
      makeSnapshots(source);
      source.sync();
      // Which clones are found follows what is shared: leave out what the churn shares.
      const expected = streams(source.devices);
      const workers = churn(source.dir).map((script) =>
        spawn('sh', ['-c', script], { stdio: 'ignore', detached: true }),
      );
      try {
        for (let round = 0; round < 6; round++) {
          const now = streams(source.devices);
          expect(now.map((stream, i) => stream.equals(expected[i]!))).toEqual([true, true]);
          await new Promise((resolve) => setTimeout(resolve, 300));
        }
      } finally {
        for (const { pid } of workers) process.kill(-pid!, 'SIGKILL');
        run('btrfs', ['balance', 'cancel', source.dir], { accept: [0, 1, 2] });
      }
    });
  });
});
