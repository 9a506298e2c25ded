import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inProcessClient, type Service } from '../../main/service/service.ts';
import type { Client } from '../../shared/contract/client.ts';
import { textOf } from '../../shared/said.ts';
import type { Run } from '../../shared/model/run.ts';
import { dendro } from '../cli/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { openService } from './open-service.ts';

const LAPTOP = `told-laptop-${process.pid}`;
const DRIVE = `told-drive-${process.pid}`;

let laptop: TestBtrfs;
let drive: TestBtrfs;
let state: string;
let service: Service;
let client: Client;

const at = (...path: string[]): string => join(laptop.dir, ...path);

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  laptop = makeBtrfs({ sizeMiB: 256, mkfsArgs: ['-L', LAPTOP] });
  drive = makeBtrfs({ sizeMiB: 256, mkfsArgs: ['-L', DRIVE] });
  run('btrfs', ['subvolume', 'create', at('home')]);
  mkdirSync(at('home/letters/old/empty'), { recursive: true });
  writeFileSync(at('home/letters/one'), 'one');
  writeFileSync(at('home/letters/old/two'), 'two');
  symlinkSync('one', at('home/letters/shortcut'));
  state = mkdtempSync(join(tmpdir(), 'dendro-told-'));
  service = openService(join(state, 'history.sqlite'));
  client = inProcessClient(service);
});
afterAll(async () => {
  await service?.close();
  laptop?.close();
  drive?.close();
  if (state) rmSync(state, { recursive: true });
});

async function ended(runId: string): Promise<Run> {
  for (;;) {
    const one = await client.call('runs.get', { runId });
    if (one.state !== 'running') return one;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function request() {
  const volumes = await client.call('volumes.list', {});
  const { volumeId } = volumes.find(({ label }) => label === DRIVE)!;
  const own = volumes.find(({ label }) => label === LAPTOP)!;
  const sources = await client.call('sources.list', {});
  const source = sources.find((one) => one.volumeId === own.volumeId && one.name === 'home')!;
  const { subvolumeId } = source;
  return {
    source: { volumeId: own.volumeId, subvolumeId },
    target: { volumeId, folder: '' },
  };
}

const details = ({ steps }: Run): string[] => steps.map(({ detail }) => textOf(detail));

// Folders were counted as files: two files and a link in four folders were told as seven files.
describeKernel('what is told of two files and a link in four folders', () => {
  it('is three files, before a backup and after it', async () => {
    const { candidates } = await client.call('backup.plan', await request());
    expect(candidates).toMatchObject([{ files: 3 }]);
    const done = await ended((await client.call('backup.start', await request())).runId);
    expect(done).toMatchObject({ state: 'done', progress: { files: 3, totalFiles: 3 } });
    expect(details(done)).toContain('in full: 3 files');
  });

  it('is one file where one was added, and none where one went', async () => {
    writeFileSync(at('home/letters/old/three'), 'three');
    const more = await ended((await client.call('backup.start', await request())).runId);
    expect(more.progress).toMatchObject({ files: 1, totalFiles: 1 });
    rmSync(at('home/letters/old/three'));
    const fewer = await ended((await client.call('backup.start', await request())).runId);
    expect(fewer.progress).toMatchObject({ files: 0, totalFiles: 0 });
  });

  it('is three files of a restore, out of a snapshot and out of stream files', async () => {
    run('btrfs', ['subvolume', 'snapshot', '-r', at('home'), at('point')]);
    mkdirSync(at('stick'));
    const exported = dendro(['archive', 'export', '--json', at('stick'), at('point')]);
    expect(JSON.parse(exported.stdout.toString())).toMatchObject([{ changedFiles: 3 }]);
    for (const from of [at('point/letters'), `${at('stick')}:point:/letters`]) {
      mkdirSync(at('to'));
      const planned = dendro(['restore', '--dry-run', from, at('to')]).stdout.toString();
      expect([from, planned]).toEqual([from, expect.stringContaining('\n3 files, ')]);
      const said = dendro(['restore', '--no-share', from, at('to')]).stdout.toString();
      expect([from, said]).toEqual([from, expect.stringContaining('\n3 files, ')]);
      rmSync(at('to'), { recursive: true });
    }
    const drilled = dendro(['archive', 'drill', at('stick')]).stdout.toString();
    expect(drilled).toContain('passed, 3 files, ');
  });

  it('is each name of a file with several', () => {
    linkSync(at('home/letters/one'), at('home/letters/again'));
    run('btrfs', ['subvolume', 'snapshot', '-r', at('home'), at('linked')]);
    expect(dendro(['archive', 'export', at('stick'), at('linked')]).status).toBe(0);
    for (const from of [at('linked/letters'), `${at('stick')}:linked:/letters`]) {
      for (const how of [['--dry-run'], ['--no-share']]) {
        mkdirSync(at('to'));
        const said = dendro(['restore', ...how, from, at('to')]).stdout.toString();
        expect([from, said]).toEqual([from, expect.stringContaining('\n4 files, ')]);
        rmSync(at('to'), { recursive: true });
      }
    }
    const drilled = dendro(['archive', 'drill', at('stick'), 'linked']).stdout.toString();
    expect(drilled).toContain('passed, 4 files, ');
  });
});
