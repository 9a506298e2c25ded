// What an engine has open stays open for its next verb, by the names of the devices. Another drive
// that came under such a name was answered for out of the one before it.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { CancelToken } from '../../main/engine/cancel.ts';
import { identityOfDevice } from '../../main/engine/device/index.ts';
import { closeVolumes, forgetVolume, volumeFor } from '../../main/engine/open-volumes.ts';
import { listDirectory } from '../../main/engine/verbs/list-directory.ts';
import { forgetRescue, rescueLook } from '../../main/engine/verbs/rescue.ts';
import { hex } from '../../main/engine/volume/members.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { describeKernel } from '../harness/kernel.ts';
import { run, runText } from '../harness/run.ts';
import { openFixture, type Fixture } from '../images/fixtures.ts';

const ONE = 'laptop';
const OTHER = 'xxhash-explicit-holes-zstd';
const context = { cancel: new CancelToken(), progress: () => undefined };

function labelOf(images: readonly string[]): string {
  const volume = openVolume(images);
  onTestFinished(() => volume.close());
  return volume.label;
}

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

  test('put in its place, while it is rescued from', () => {
    const paths = input.devices;
    const labels = fixtures.map(({ images }) => labelOf(images));
    onTestFinished(forgetRescue);
    expect(rescueLook({ paths }, context).label).toBe(labels[0]);
    const other = join(folder, 'other');
    copyFileSync(fixtures[1]!.images[0]!, other);
    renameSync(other, paths[0]!);
    expect(rescueLook({ paths }, context).label).toBe(labels[1]);
    expect(labels[1]).not.toBe(labels[0]);
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
  test('on which a filesystem is made like the one before it: its folders are its own', () => {
    const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
    onTestFinished(() => {
      closeVolumes();
      rmSync(folder, { recursive: true, force: true });
    });
    const volume = { devices: [join(folder, 'image')], mountPath: null };
    const generations = ['first', 'second'].map((name) => {
      const tree = join(folder, name);
      mkdirSync(tree);
      writeFileSync(join(tree, `the ${name}`), name);
      rmSync(volume.devices[0]!, { force: true });
      writeFileSync(volume.devices[0]!, '');
      truncateSync(volume.devices[0]!, 128 << 20);
      run('mkfs.btrfs', ['-q', '--rootdir', tree, volume.devices[0]!]);
      const asked = { volume, subvolumeId: 5, path: '', offset: 0, limit: 9 };
      const { entries } = listDirectory(asked, context);
      expect(entries.map((entry) => entry.name)).toEqual([`the ${name}`]);
      return volumeFor(volume).generation;
    });
    expect(generations[1]).toBe(generations[0]);
  });

  test('of the same name and number is another one once something else was plugged in', () => {
    const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const image = join(folder, 'image');
    writeFileSync(image, Buffer.alloc(1 << 20));
    const attached = <T>(look: (device: string) => T): T => {
      const device = runText('losetup', ['-f', '--show', image]).trim();
      try {
        return look(device);
      } finally {
        run('losetup', ['-d', device]);
      }
    };
    const seen = new Map<string, string>();
    let isAgain = false;
    // Others may take a number in between.
    for (let tries = 0; tries < 50 && !isAgain; tries += 1) {
      attached((device) => {
        const identity = identityOfDevice(device)!;
        expect(identityOfDevice(device)).toBe(identity);
        isAgain = seen.has(device);
        expect(identity).not.toBe(seen.get(device));
        seen.set(device, identity);
      });
    }
    expect(isAgain).toBe(true);
  });
});
