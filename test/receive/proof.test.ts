import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareSnapshots, type Proof } from '../../main/engine/proof/compare-snapshots.ts';
import { compareWithRecord, recordSnapshot } from '../../main/engine/proof/record.ts';
import { openSubvolume } from '../../main/engine/tree/index.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { dendro } from '../harness/dendro.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { errorOf, kernelStream, receiveBytes, takeSnapshot } from './receive-harness.ts';

const AT_5_TIB = ['bs=1M', 'count=1', `seek=${5 << 20}`, 'conv=notrunc'];

describeKernel('proof of a received snapshot', () => {
  let source: TestBtrfs;
  let target: TestBtrfs;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512 });
    target = makeBtrfs({ sizeMiB: 512 });
    run('btrfs', ['subvolume', 'create', `${source.dir}/live`]);
    fillTree(`${source.dir}/live`, { files: 80 });
    run('dd', ['if=/dev/urandom', `of=${source.dir}/live/large`, 'bs=1M', 'count=3']);
    // Its holes were read and hashed, for hours.
    run('truncate', ['-s', '8T', `${source.dir}/live/huge`]);
    run('dd', ['if=/dev/urandom', `of=${source.dir}/live/huge`, ...AT_5_TIB]);
    // No stream knows of a nested subvolume: it is not missing in the copy.
    run('btrfs', ['subvolume', 'create', `${source.dir}/live/nested`]);
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

  test('sent in one process: the record is made on the way and kept with the snapshot', () => {
    const [live, folder] = [`${source.dir}/live`, `${target.dir}/sent`];
    mkdirSync(folder);
    run(dendro, ['send', '-q', '--to', folder, `${source.dir}/one`]);
    run('bash', ['-c', 'cd "$1" && echo more >> large && cp tree/* -r new', 'x', live], {
      accept: [0, 1],
    });
    writeFileSync(`${live}/added`, 'added');
    takeSnapshot(live, `${source.dir}/next`);
    run(dendro, ['send', '-q', '--to', folder, '-p', `${source.dir}/one`, `${source.dir}/next`]);
    for (const name of ['one', 'next']) {
      const args = ['verify', '--json', '--kept', `${folder}/${name}`];
      const proof = JSON.parse(runText(dendro, args)) as Proof;
      expect(proof).toMatchObject({ isSame: true, filesOpen: 0, filesByChecksums: 0 });
      expect(proof.filesByContent).toBeGreaterThan(80);
    }
    // The hashes are those that sha256sum prints.
    const kept = keptLines(folder).find(({ path }) => path === 'large')!;
    expect(runText('sha256sum', [`${source.dir}/one/large`])).toContain(kept.hash);
    run('btrfs', ['property', 'set', '-f', `${folder}/next`, 'ro', 'false']);
    appendFileSync(`${folder}/next/added`, '!');
    run('btrfs', ['property', 'set', `${folder}/next`, 'ro', 'true']);
    const lost = run(dendro, ['verify', '--kept', `${folder}/next`], { accept: [6] });
    expect(lost.stderr).toContain('record-missing');
    run('btrfs', ['subvolume', 'delete', '-C', `${folder}/next`]);
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

/** The record of `one`, unpacked by zstd(1). */
function keptLines(folder: string): { path: string; hash: string }[] {
  const records = `${folder}/.dendro-records`;
  const files = readdirSync(records).map((name) => `${records}/${name}`);
  const oldest = files.sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)[0]!;
  return zstd(oldest)
    .split('\n')
    .filter((line) => line.includes('"path"'))
    .map((line) => {
      const { path, hash } = JSON.parse(line) as { path: string; hash: string };
      return { path: Buffer.from(path, 'hex').toString(), hash };
    });
}

function zstd(file: string): string {
  const unpacked = run('zstd', ['-dcq', file]);
  return unpacked.stdout.toString();
}
