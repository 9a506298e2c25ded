import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syntheticFull } from '../../main/archive/compose/synthetic-full.ts';
import { importStreams } from '../../main/archive/import/import-streams.ts';
import { restoreArchiveSnapshot } from '../../main/archive/restore/restore-snapshot.ts';
import { readArchiveFile } from '../../main/archive/verbs/browse.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { context, exportSnapshot } from './archive-harness.ts';

const FILES = ['one', 'two'];

/**
 * A stream file was put in the place of another one: every checksum in it is right. Its bytes
 * came back as content of files, and a synthetic full of them took the place of what was right.
 */
describeKernel('a stream in the place of another one', () => {
  let source: TestBtrfs;
  let folder: string;
  const at = (name: string): string => `${source.dir}/${name}`;
  beforeAll(async () => {
    source = makeBtrfs();
    folder = at('archive');
    run('btrfs', ['-q', 'subvolume', 'create', at('live')]);
    const random = new Random(7);
    for (let i = 0; i < 3; i += 1) {
      for (const name of FILES) writeFileSync(at(`live/${name}`), random.bytes(20_000));
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', at('live'), at(`snap.${i}`)]);
      if (i === 0) writeFileSync(at('live/part'), random.bytes(300_000));
      else
        run('dd', [
          'if=/dev/urandom',
          `of=${at('live/part')}`,
          'bs=4096',
          'count=1',
          'conv=notrunc',
        ]);
      await exportSnapshot(at(`snap.${i}`), folder);
    }
    copyFileSync(`${folder}/live/snap.1.btrfs.zst`, `${folder}/live/snap.2.btrfs.zst`);
    listSize(`${folder}/live/snap.2.btrfs.zst`, `${folder}/manifest.json`);
  });
  afterAll(() => source.close());

  test.each(FILES)('%s does not come back with other bytes', async (path) => {
    await expect(
      readArchiveFile({ folder, point: 'snap.2', path }, context(), () => {}),
    ).rejects.toMatchObject({ code: 'content-hash', place: { path } });
  });

  test('a synthetic full is not made of it, and nothing is taken away', async () => {
    const before = readdirSync(`${folder}/live`).sort();
    await expect(
      syntheticFull({ folder, point: 'snap.2', nowMs: Date.now() }, context()),
    ).rejects.toMatchObject({ code: 'content-hash' });
    expect(readdirSync(`${folder}/live`).sort()).toEqual(before);
  });

  test('it is not received as the snapshot; what it builds on is', async () => {
    const destination = at('received');
    mkdirSync(destination);
    await restoreArchiveSnapshot({ folder, point: 'snap.1', destination }, context());
    expect(readFileSync(`${destination}/snap.1/part`)).toEqual(readFileSync(at('snap.1/part')));
    await expect(
      restoreArchiveSnapshot({ folder, point: 'snap.2', destination }, context()),
    ).rejects.toMatchObject({ code: 'stream-hash' });
    expect(existsSync(`${destination}/snap.2`)).toBe(false);
  });

  // What such a stream met on the way was told: a name that is there, a parent that is not.
  test('of one too long to be proved before it is begun the damage is told', async () => {
    run('btrfs', ['-q', 'subvolume', 'create', at('long')]);
    const stored = at('long-archive');
    for (let i = 0; i < 3; i += 1) {
      writeFileSync(at('long/file'), new Random(i).bytes(1_000_000));
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', at('long'), at(`long.${i}`)]);
      await exportSnapshot(at(`long.${i}`), stored);
    }
    const file = (i: number): string => `${stored}/long/long.${i}.btrfs.zst`;
    copyFileSync(file(1), at('kept'));
    const restore = (i: number, destination: string) =>
      restoreArchiveSnapshot({ folder: stored, point: `long.${i}`, destination }, context());
    for (const name of ['beside-it', 'below-it']) mkdirSync(at(name));
    await restore(1, at('beside-it'));
    for (const [from, into, where] of [
      [file(2), 1, 'below-it'],
      [at('kept'), 2, 'beside-it'],
    ] as const) {
      copyFileSync(from, file(into));
      listSize(file(into), `${stored}/manifest.json`);
      await expect(restore(into, at(where))).rejects.toMatchObject({ code: 'stream-hash' });
      expect(existsSync(at(`${where}/long.${into}`))).toBe(false);
      copyFileSync(at('kept'), file(1));
      listSize(file(1), `${stored}/manifest.json`);
    }
  });

  test('verify says of which files it compared no hash', async () => {
    const { dir } = source;
    const lone = `${dir}/lone`;
    const stream = `${dir}/snap.2.btrfs`;
    mkdirSync(lone);
    run('btrfs', ['-q', 'send', '-p', at('snap.1'), '-f', stream, at('snap.2')]);
    run('btrfs', ['-q', 'send', '-f', `${dir}/snap.1.btrfs`, at('snap.1')]);
    const input = { folder: lone, source: 'live', nowMs: Date.now() };
    await importStreams({ ...input, files: [stream] }, context());
    // The point that it builds on comes to a place where nothing looks for what it lacks.
    const other = `${dir}/other`;
    await importStreams({ ...input, folder: other, files: [`${dir}/snap.1.btrfs`] }, context());
    cpSync(other, lone, {
      recursive: true,
      filter: (from) => from === other || from.startsWith(`${other}/live`),
    });
    const verdict = await verifyArchive({ folder: lone, level: 'full' }, context());
    expect(verdict).toMatchObject({ points: 2, wholePoints: 2, problems: [] });
    const told = verdict.notes.filter(({ code }) => code === 'files-not-hashed');
    expect(told.map(({ values }) => values['name'])).toEqual(['live/snap.2']);
  });
});

/** As if it had been as long as the other one by chance. */
function listSize(file: string, manifest: string): void {
  const { size } = statSync(file);
  const record = file.replace('.btrfs.zst', '.point.json');
  for (const json of [manifest, record]) {
    const text = readFileSync(json, 'utf8');
    const listed = new RegExp(`("file": "${basename(file)}",\\s*"bytes": )\\d+`);
    expect(text).toMatch(listed);
    writeFileSync(json, text.replace(listed, `$1${size}`));
  }
}
