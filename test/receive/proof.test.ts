import { appendFileSync, chmodSync, mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareSnapshots } from '../../main/engine/proof/compare-snapshots.ts';
import { compareWithRecord, recordSnapshot } from '../../main/engine/proof/record.ts';
import { openSubvolume } from '../../main/engine/tree/index.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { errorOf, kernelStream, receiveBytes, takeSnapshot } from './receive-harness.ts';

describeKernel('proof of a received snapshot', () => {
  let source: TestBtrfs;
  let target: TestBtrfs;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512 });
    target = makeBtrfs({ sizeMiB: 512 });
    run('btrfs', ['subvolume', 'create', `${source.dir}/live`]);
    fillTree(`${source.dir}/live`, { files: 80 });
    run('dd', ['if=/dev/urandom', `of=${source.dir}/live/large`, 'bs=1M', 'count=3']);
    takeSnapshot(`${source.dir}/live`, `${source.dir}/one`);
    receiveBytes(kernelStream(`${source.dir}/one`, '--proto', '2'), target.dir);
    run('btrfs', ['subvolume', 'snapshot', `${target.dir}/one`, `${target.dir}/changed`]);
    const dir = `${target.dir}/changed`;
    appendFileSync(`${dir}/large`, 'x');
    chmodSync(`${dir}/names`, 0o711);
    mkdirSync(`${dir}/more`);
    run('rm', ['-r', `${dir}/links`]);
    source.sync();
    target.sync();
  });
  afterAll(() => {
    source.close();
    target.close();
  });

  const withSnapshots = <T>(
    name: string,
    body: (...both: ReturnType<typeof openSubvolume>[]) => T,
  ) => {
    const volumes = [openVolume(source.devices), openVolume(target.devices)] as const;
    try {
      return body(
        openSubvolume(volumes[0], Buffer.from('one')),
        openSubvolume(volumes[1], Buffer.from(name)),
      );
    } finally {
      for (const volume of volumes) volume.close();
    }
  };

  test('the same: most of it by the checksums of both sides, the rest by content', () => {
    const proof = withSnapshots('one', (left, right) => compareSnapshots(left!, right!));
    expect(proof.differences.map(({ path, what }) => `${Buffer.from(path)}: ${what}`)).toEqual([]);
    expect(proof.isSame).toBe(true);
    expect(proof.filesByChecksums).toBeGreaterThan(5);
    expect(proof.names).toBeGreaterThan(100);
  });

  test('what was changed is named', () => {
    const proof = withSnapshots('changed', (left, right) => compareSnapshots(left!, right!));
    const found = proof.differences.map(({ path, what }) => `${Buffer.from(path)}: ${what}`);
    expect(found).toContain('large: size');
    expect(found).toContain('names: mode');
    expect(found).toContain('more: extra');
    expect(found).toContain('links: missing');
  });

  test('against the record, when the source is gone', () => {
    const record = withSnapshots('one', (left) => [...recordSnapshot(left!)]);
    const same = withSnapshots('one', (_, right) => compareWithRecord(record, right!));
    expect(same).toMatchObject({ isSame: true, differenceCount: 0 });
    const changed = withSnapshots('changed', (_, right) => compareWithRecord(record, right!));
    expect(changed.isSame).toBe(false);
    const broken = [...record.slice(0, 3), '{"path":'];
    const error = withSnapshots('one', (_, right) =>
      errorOf(() => compareWithRecord(broken, right!)),
    );
    expect(error).toMatchObject({ kind: 'Corrupt', code: 'record-damaged' });
  });
});
