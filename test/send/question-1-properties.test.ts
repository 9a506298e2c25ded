import * as fs from 'node:fs';
import { expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { setTimes, setXattr } from '../harness/syscalls.ts';
import { netRawCapability } from '../harness/fill.ts';
import { dump } from './round-trip.ts';
import { Stage } from './scenario.ts';

describeKernel('question 1: mode, owner and other properties', () => {
  const stage = new Stage();
  const make = (dir: string): void => {
    for (const name of ['a', 'b', 'c', 'd']) fs.writeFileSync(`${dir}/${name}`, name);
    fs.mkdirSync(`${dir}/sub`);
    fs.chmodSync(`${dir}/b`, 0o6755);
    setXattr(`${dir}/c`, 'security.capability', netRawCapability());
  };

  stage.arrives('each arrives', [
    make,
    (dir) => {
      fs.chmodSync(`${dir}/a`, 0o4711);
      fs.chownSync(`${dir}/a`, 1000, 4_000_000_000);
      fs.chownSync(`${dir}/b`, 1, 2);
      fs.chmodSync(`${dir}/b`, 0o6755);
      fs.chownSync(`${dir}/c`, 7, 7);
      setXattr(`${dir}/c`, 'security.capability', netRawCapability());
      fs.chmodSync(`${dir}/sub`, 0o1777);
    },
    (dir) => {
      setTimes(`${dir}/a`, -1n, 5_000_000_000_000_000_007n);
      setTimes(`${dir}/sub`, 1n, 2n);
      setTimes(dir, 3n, 4n);
    },
  ]);

  test('only what changed is sent', () => {
    const [first, second] = stage.play([make, (dir) => fs.chmodSync(`${dir}/a`, 0o600)]);
    const words = dump(stage.stream(second!, { parent: first }))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/\s+/g, ' ').split(' ').slice(0, 2).join(' '));
    expect(words).toEqual(['snapshot ./snap', 'chmod ./snap/a', 'utimes ./snap/a']);
  });

  test('equal snapshots give an empty increment, in both directions', () => {
    const [first, second] = stage.play([make, () => undefined]);
    for (const [snapshot, parent] of [
      [second!, first!],
      [first!, second!],
    ] as const) {
      const lines = dump(stage.stream(snapshot, { parent }))
        .split('\n')
        .filter((line) => line !== '');
      expect(lines).toHaveLength(1);
    }
  });

  stage.arrives('an empty subvolume arrives', [
    () => undefined,
    (dir) => fs.writeFileSync(`${dir}/f`, ''),
    (dir) => fs.rmSync(`${dir}/f`),
  ]);
});
