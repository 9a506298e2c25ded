// What an engine has open stays open for its next verb, by the names of the devices. Another drive
// that came under such a name was answered for out of the one before it.
import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identityOfDevice } from '../../main/engine/device/index.ts';
import { closeVolumes, forgetVolume, volumeFor } from '../../main/engine/open-volumes.ts';
import { hex } from '../../main/engine/volume/members.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { openFixture, type Fixture } from '../images/fixtures.ts';

const ONE = 'laptop';
const OTHER = 'xxhash-explicit-holes-zstd';

describe('an image of another filesystem under the name of one that is open', () => {
  let fixtures: Fixture[];
  let folder: string;
  let input: { readonly devices: readonly string[]; readonly mountPath: null };

  beforeEach(() => {
    fixtures = [ONE, OTHER].map(openFixture);
    folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
    const image = join(folder, 'disk.img');
    copyFileSync(fixtures[0]!.images[0]!, image);
    input = { devices: [image], mountPath: null };
  });

  afterEach(() => {
    closeVolumes();
    for (const fixture of fixtures) fixture.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function expectThatOf(name: number): void {
    const expected = openVolume(fixtures[name]!.images);
    try {
      for (let times = 0; times < 2; times += 1) {
        expect(hex(volumeFor(input).fsid)).toBe(hex(expected.fsid));
      }
    } finally {
      expected.close();
    }
  }

  test('put in its place', () => {
    expectThatOf(0);
    const other = join(folder, 'other');
    copyFileSync(fixtures[1]!.images[0]!, other);
    renameSync(other, input.devices[0]!);
    expectThatOf(1);
  });

  test('written over it', () => {
    expectThatOf(0);
    copyFileSync(fixtures[1]!.images[0]!, input.devices[0]!);
    expectThatOf(1);
  });

  test('gone without another: what is open is read on', () => {
    expectThatOf(0);
    rmSync(input.devices[0]!);
    expectThatOf(0);
    forgetVolume(input);
    expect(() => volumeFor(input)).toThrow('is not there');
  });
});

describeKernel('a device', () => {
  test('of the same name and number is another one once something else was plugged in', () =>
    withBtrfs({ mount: false }, ({ device, images }) => {
      const before = identityOfDevice(device);
      expect(before).toBe(identityOfDevice(device));
      run('losetup', ['-d', device]);
      run('losetup', [device, images[0]!]);
      expect(runText('losetup', ['-n', '-O', 'BACK-FILE', device])).toContain(images[0]!);
      expect(identityOfDevice(device)).not.toBe(before);
    }));
});
