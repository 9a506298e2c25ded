import { afterAll, beforeAll, expect, test } from 'vitest';
import { join } from 'node:path';
import { streamFingerprint } from '../../main/engine/send-identity.ts';
import { planSend, send, type SendRequest } from '../../main/engine/send.ts';
import { planParents } from '../../main/engine/send-parents.ts';
import { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { openSubvolume } from '../../main/engine/tree/index.ts';
import { openVolume, type Volume } from '../../main/engine/volume/index.ts';
import { proveElsewhere, runSeed } from '../fuzz/send-seed.ts';
import { makeShape, shapes } from '../fuzz/shapes.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { RandomTree } from '../harness/random-tree.ts';
import { run } from '../harness/run.ts';

describeKernel('question 8: modifications that nobody thought of', () => {
  // `npm run fuzz:send` runs as many as are wanted.
  for (const [index, shape] of shapes.entries()) {
    test(`random histories arrive: ${JSON.stringify(shape)}`, () => {
      const source = makeShape({ sizeMiB: 1024, ...shape });
      const target = makeBtrfs({ sizeMiB: 1024, mkfsArgs: ['-n', '65536'] });
      try {
        const results = [0, 1, 2].map((seed) => runSeed(source, target, 10_000 + 4 * index + seed));
        for (const { failure } of results) expect(failure).toBe('');
        source.unmount();
        expect(proveElsewhere(source, shape.spare ?? 0, results[0]!)).toBe('');
      } finally {
        source.close();
        target.close();
      }
    });
  }
});

describeKernel('a stream', () => {
  let disk: TestBtrfs;
  let volume: Volume;
  beforeAll(() => {
    disk = makeBtrfs({ sizeMiB: 512 });
    const work = join(disk.dir, 'work');
    run('btrfs', ['-q', 'subvolume', 'create', work]);
    fillTree(work, { files: 50 });
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', work, join(disk.dir, 'a')]);
    new RandomTree(join(work, 'tree'), 3).edit(80);
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', work, join(disk.dir, 'b')]);
    disk.sync();
    volume = openVolume(disk.devices);
  });
  afterAll(() => {
    volume.close();
    disk.close();
  });

  const requests: Record<string, () => SendRequest> = {
    'full, version 1': () => ({ volume, snapshot: open('b') }),
    'full, version 2, compressed': () => ({
      volume,
      snapshot: open('b'),
      protocol: 2,
      compressedData: true,
    }),
    'increment, version 1': () => ({ volume, snapshot: open('b'), parent: open('a') }),
    'increment, version 2': () => ({
      volume,
      snapshot: open('b'),
      parent: open('a'),
      protocol: 2,
    }),
    'increment, no data': () => ({
      volume,
      snapshot: open('b'),
      parent: open('a'),
      noData: true,
    }),
    'without some paths': () => ({ volume, snapshot: open('b'), excludes: ['*-1*', '/links/'] }),
  };
  const open = (name: string) => openSubvolume(volume, Buffer.from(name));

  for (const [name, request] of Object.entries(requests)) {
    test(`is planned to the byte and always the same: ${name}`, () => {
      const plan = planSend(request());
      const [first, second] = [bytesOf(request()), bytesOf(request())];
      expect(plan.streamBytes).toBe(first.stream.length);
      expect(plan.commands).toBe(first.commands);
      expect(first.stream.equals(second.stream)).toBe(true);
    });

    test(`goes on from any command without what is before it: ${name}`, () => {
      const whole = commandsOf(bytesOf(request()).stream);
      const step = Math.max(1, Math.floor(whole.length / 7));
      for (let from = 1; from < whole.length; from += step) {
        const rest = commandsOf(bytesOf({ ...request(), resumeFrom: from }).stream);
        const isSame = Buffer.concat(rest.slice(1)).equals(Buffer.concat(whole.slice(from)));
        expect(isSame).toBe(true);
        const first = rest[0]!.toString('latin1');
        expect(first).toContain(String.fromCharCode(0x52, 0x44, 8, 0, from & 255, from >> 8));
      }
    });
  }

  test('has a fingerprint of all that decides its bytes', () => {
    const all = Object.values(requests).map((request) => streamFingerprint(request()));
    expect(new Set(all).size).toBe(all.length);
  });

  test('is smallest from the parent that is chosen', () => {
    const plans = planParents({ volume, snapshot: open('b') }, [open('a')]);
    expect(plans.map(({ parent }) => parent?.info.path.toString())).toEqual([
      open('a').info.path.toString(),
      undefined,
    ]);
    expect(plans[0]!.plan.streamBytes).toBeLessThan(plans[1]!.plan.streamBytes);
  });
});

function bytesOf(request: SendRequest): { stream: Buffer; commands: number } {
  const parts: Buffer[] = [];
  const encoder = new StreamEncoder((bytes) => void parts.push(Buffer.from(bytes)), {
    protocol: request.protocol ?? 1,
  });
  const { commands } = send(request, encoder);
  return { stream: Buffer.concat(parts), commands };
}

function commandsOf(stream: Buffer): Buffer[] {
  const commands: Buffer[] = [];
  for (let at = 17; at < stream.length;) {
    const end = at + 10 + stream.readUInt32LE(at);
    commands.push(stream.subarray(at, end));
    at = end;
  }
  return commands;
}
