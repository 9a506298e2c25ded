import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { inProcessClient, type LocalService } from '../../main/service/service.ts';
import { MARK_NAME } from '../../main/service/plans/pins/marks.ts';
import type { Client } from '../../shared/contract/client.ts';
import { PlanDraft } from '../../shared/model/plan.ts';
import type { Source } from '../../shared/model/subvolume.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { latestOnly } from '../plan/latest-only.ts';
import { openService } from './open-service.ts';

vi.setConfig({ testTimeout: 300_000 });

const HOUR_MS = 3_600_000;
const LAPTOP = `dead-laptop-${process.pid}`;
const DRIVE = `dead-drive-${process.pid}`;
let laptop: TestBtrfs;
let drive: TestBtrfs;
let work: string;
let opened = 0;
let clockMs = Date.now();

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  laptop = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', LAPTOP] });
  drive = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', DRIVE] });
  run('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
  work = mkdtempSync(join(tmpdir(), 'dendro-dead-'));
});
afterAll(() => {
  laptop?.close();
  drive?.close();
  if (work) rmSync(work, { recursive: true });
});

/** A service that knows nothing of before. */
async function withService<T>(use: (client: Client, service: LocalService) => Promise<T>) {
  const service = openService(join(work, `history-${(opened += 1)}.sqlite`), () => clockMs);
  try {
    return await use(inProcessClient(service), service);
  } finally {
    await service.close();
  }
}

/** Sources of which the drive holds points. */
async function onDrive(client: Client): Promise<Source[]> {
  const found = await client.call('sources.list', {});
  return found.filter(({ places }) => places.some(({ name }) => name === DRIVE));
}

const namesOf = ({ points }: Source): string[] => points.map(({ name }) => name).sort();
const backups = (): string[] => readdirSync(drive.dir).filter((name) => name.startsWith('home.'));

// They were points of no source, which the page and `dendro status` showed nowhere.
describeKernel('backups on a drive whose computer is dead, and its history with it', () => {
  it('are those of one source, by the mark that lies beside them', async () => {
    const [uuid] = await withService(async (client, service) => {
      const volumes = await client.call('volumes.list', {});
      const idOf = (label: string): string =>
        volumes.find((volume) => volume.label === label)!.volumeId;
      const found = await client.call('subvolumes.list', { volumeId: idOf(LAPTOP) });
      const home = found.find(({ path }) => path === 'home')!;
      const { volumeId, subvolumeId } = home;
      const draft = PlanDraft.parse({
        name: 'home',
        sources: [{ volumeId, subvolumeId, path: 'home' }],
        when: [],
        keepLocal: { ...latestOnly, latest: 1 },
        targets: [
          { kind: 'btrfs', volumeId: idOf(DRIVE), keep: { ...latestOnly, latest: 9 }, folder: '' },
        ],
      });
      const { planId } = await client.call('plans.create', draft);
      for (let round = 0; round < 5; round += 1) {
        clockMs += HOUR_MS;
        writeFileSync(join(laptop.dir, 'home', 'file'), `round ${round}`);
        await client.call('plans.run', { planId });
        await service.scheduler.idle();
      }
      return [home.uuid];
    });
    laptop.unmount();
    laptop.detach(0);
    expect(backups()).toHaveLength(5);
    const [source, ...others] = await withService(onDrive);
    expect(others).toEqual([]);
    expect(source).toMatchObject({ name: 'home', uuid, present: false, pointCount: 5 });
    expect(namesOf(source!)).toEqual(backups().sort());
  });

  it('and without it, and with gaps between them, by folder and name', async () => {
    rmSync(join(drive.dir, MARK_NAME));
    const [, second, , fourth] = backups().sort();
    for (const name of [second!, fourth!])
      run('btrfs', ['subvolume', 'delete', join(drive.dir, name)]);
    await withService(async (client) => {
      const [source, ...others] = await onDrive(client);
      expect(others).toEqual([]);
      expect(source).toMatchObject({ name: 'home', present: false, pointCount: 3 });
      expect(namesOf(source!)).toEqual(backups().sort());
      // The same at the next look, when the oldest is gone.
      run('btrfs', ['subvolume', 'delete', join(drive.dir, backups().sort()[0]!)]);
      const [later] = await onDrive(client);
      expect(later).toMatchObject({ uuid: source!.uuid, pointCount: 2 });
      // The disk that they came from is there after all.
      laptop.attach(0);
      laptop.mount();
      const found = await onDrive(client);
      const home = found.find(({ present }) => present)!;
      expect(home).toMatchObject({ name: 'home', present: true });
      expect(home.points[0]!.copies).toHaveLength(2);
    });
  });
});

// They looked whole then, and were no copies of what is here.
describeKernel('copies without some paths, once the history is lost', () => {
  const FOLDER = 'in-part';

  it('are of the snapshots that are here, and lack these; what comes next builds on them', async () => {
    mkdirSync(join(drive.dir, FOLDER));
    run('btrfs', ['subvolume', 'create', join(laptop.dir, 'work')]);
    mkdirSync(join(laptop.dir, 'work', 'cache'));
    writeFileSync(join(laptop.dir, 'work', 'large'), randomBytes(1 << 20));
    writeFileSync(join(laptop.dir, 'work', 'cache', 'junk'), 'junk');
    const backUp = (): Promise<void> =>
      withService(async (client, service) => {
        const volumes = await client.call('volumes.list', {});
        const idOf = (label: string): string =>
          volumes.find((volume) => volume.label === label)!.volumeId;
        const found = await client.call('subvolumes.list', { volumeId: idOf(LAPTOP) });
        const { volumeId, subvolumeId } = found.find(({ path }) => path === 'work')!;
        const draft = PlanDraft.parse({
          name: 'in part',
          sources: [{ volumeId, subvolumeId, path: 'work' }],
          ...{ when: [], excludes: ['cache/'], keepLocal: { ...latestOnly, latest: 5 } },
          targets: [
            {
              ...{ kind: 'btrfs', volumeId: idOf(DRIVE), folder: FOLDER },
              keep: { ...latestOnly, latest: 9 },
            },
          ],
        });
        const { planId } = await client.call('plans.create', draft);
        clockMs += HOUR_MS;
        await client.call('plans.run', { planId });
        await service.scheduler.idle();
        const [ran] = (await client.call('runs.list', { limit: 1 })).runs;
        expect(ran).toMatchObject({ state: 'done' });
      });
    await backUp();
    const inPartOf = async (client: Client) => {
      const points = (await onDrive(client)).flatMap((source) => source.points);
      return points.flatMap(({ copies }) => copies.filter(({ path }) => path.startsWith(FOLDER)));
    };
    expect(await withService(inPartOf)).toEqual([
      expect.objectContaining({ excludes: ['cache/'] }),
    ]);
    await backUp();
    const made = readdirSync(join(drive.dir, FOLDER)).filter((name) => name.startsWith('work.'));
    const [first, second] = made.sort();
    const uuidOf = (name: string): string =>
      run('btrfs', ['subvolume', 'show', join(drive.dir, FOLDER, name)]).stdout.toString();
    expect(/Parent UUID:\s+(\S+)/.exec(uuidOf(second!))![1]).toBe(
      /\n\s+UUID:\s+(\S+)/.exec(uuidOf(first!))![1],
    );

    // What a note says of another list of paths is not so: it is not believed.
    const records = join(drive.dir, FOLDER, '.dendro-records');
    for (const name of readdirSync(records)) {
      const note = JSON.parse(readFileSync(join(records, name), 'utf8')) as object;
      writeFileSync(join(records, name), JSON.stringify({ ...note, excludes: [] }));
    }
    writeFileSync(join(records, `${'0'.repeat(32)}-1.without`), 'no note');
    const unproved = await withService(inPartOf);
    expect(unproved.filter(({ excludes }) => excludes !== undefined)).toEqual([]);
  });
});
