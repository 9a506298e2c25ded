import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { pruneArchive } from '../../main/archive/prune/prune-archive.ts';
import { listArchive } from '../../main/archive/verbs/list-points.ts';
import { drillArchive } from '../../main/archive/verify/drill.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import { typedFs } from '../../main/linux/libc-error.ts';
import { describeKernel } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';
import { context, exportSnapshot, makeChain, type Chain } from './archive-harness.ts';

const POINTS = 3;

describeKernel('an archive on a drive that is full to the last byte', () => {
  let chain: Chain;
  let drive: string;
  let folder: string;
  beforeAll(() => {
    chain = makeChain(POINTS, 41, 10);
    drive = `${chain.source.dir}/drive`;
    folder = `${drive}/backups`;
    mkdirSync(drive);
  });
  beforeEach(async () => {
    run('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'none', drive]);
    for (const snapshot of chain.snapshots) await exportSnapshot(snapshot, folder);
    run('bash', ['-c', `! dd if=/dev/zero of=${drive}/other bs=4k status=none`]);
  });
  afterEach(() => void run('umount', [drive]));
  afterAll(() => chain.source.close());

  // Nothing could be written, not even that a point goes: what makes room needed room.
  test('prune makes room', async () => {
    const input = { folder, points: ['snap.2'], nowMs: Date.now() };
    const { removed } = await pruneArchive(input, context());
    expect(removed).toEqual(['live/snap.2']);
    expect(listArchive({ folder }).sources[0]!.points.map(({ name }) => name)).toEqual([
      ...['snap.0', 'snap.1'],
    ]);
    expect(readdirSync(`${folder}/live`).filter((name) => name.startsWith('snap.2'))).toEqual([]);
    expect((await verifyArchive({ folder, level: 'full' }, context())).problems).toEqual([]);
  });

  // It said "Could not write: ENOSPC", of no place.
  test('what finds no room says where', async () => {
    const [oldest] = chain.snapshots;
    const full = typedFs(
      await exportSnapshot(oldest!, `${folder}/new`).catch((error: unknown) => error),
    );
    expect(full).toMatchObject({
      ...{ kind: 'Io', code: 'target-full' },
      place: { path: expect.stringContaining(`${folder}/new/`) as string },
    });
    rmSync(`${drive}/other`);
    run('bash', [
      '-c',
      `head -c $((32<<20)) /dev/zero > ${drive}/other || truncate -s -256K ${drive}/other`,
    ]);
    const some = typedFs(
      await exportSnapshot(oldest!, `${folder}/new`).catch((error: unknown) => error),
    );
    expect(some).toMatchObject({
      ...{ kind: 'Io', code: 'target-full' },
      place: { path: expect.stringContaining(`${folder}/new/live/`) as string },
    });
  });

  // A half receipt stayed beside the others for ever.
  test('a drill runs, says that its receipt is not there, and leaves nothing', async () => {
    const input = { folder, point: 'snap.0', scratch: chain.source.dir, nowMs: Date.now() };
    const { receipt, notes } = await drillArchive(input, context());
    expect(receipt.passed).toBe(true);
    expect(notes.map(({ code }) => code)).toEqual(['receipt-not-on-drive']);
    expect(
      readdirSync(folder, { recursive: true }).filter((name) => /tmp$/.test(`${name}`)),
    ).toEqual([]);
  });
});
