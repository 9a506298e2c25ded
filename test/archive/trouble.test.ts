import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { lockArchive } from '../../main/archive/folder/lock.ts';
import { rebuildIndex } from '../../main/archive/import/rebuild-index.ts';
import { readArchiveFile } from '../../main/archive/verbs/browse.ts';
import { listArchiveFolder } from '../../main/archive/verbs/list-folder.ts';
import { listArchive } from '../../main/archive/verbs/list-points.ts';
import { openTree, type OpenTree } from '../../main/archive/read/open-tree.ts';
import { openReader } from '../../main/archive/read/reader.ts';
import type { ArchiveVerdict } from '../../shared/model/archive.ts';
import { textFromBytes } from '../../shared/model/bytes-text.ts';
import { drillArchive } from '../../main/archive/verify/drill.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import { compareTrees } from '../harness/compare.ts';
import { describeKernel } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';
import { dendro, ENTRY } from '../cli/dendro.ts';
import { context, exportSnapshot, makeChain, wrongFiles, type Chain } from './archive-harness.ts';

/** What no restore may get wrong, whatever else a plain folder cannot keep. */
const WRONG = ['kind', 'size', 'content', 'extra'];
const POINTS = 4;
const names = Array.from({ length: POINTS }, (_, i) => `snap.${i}`);

describeKernel('an archive in trouble', () => {
  let chain: Chain;
  let whole: string;
  let count = 0;
  beforeAll(async () => {
    chain = makeChain(POINTS, 11);
    whole = `${chain.source.dir}/whole`;
    for (const snapshot of chain.snapshots) await exportSnapshot(snapshot, whole);
  });
  afterAll(() => chain.source.close());

  /** A copy to be damaged. */
  const copied = (): string => {
    const folder = `${chain.source.dir}/copy-${(count += 1)}`;
    cpSync(whole, folder, { recursive: true });
    return folder;
  };
  const streamOf = (folder: string, name: string): string => `${folder}/live/${name}.btrfs.zst`;
  const indexOf = (folder: string, name: string): string => `${folder}/live/${name}.index.zst`;
  const verify = (folder: string, level: 'quick' | 'full' | 'chain') =>
    verifyArchive({ folder, level }, context());
  const rightPoints = async (folder: string): Promise<string[]> => {
    const right: string[] = [];
    for (const [i, name] of names.entries()) {
      if ((await wrongFiles(folder, name, chain.snapshots[i]!)).length === 0) right.push(name);
    }
    return right;
  };

  test('whole: verify finds nothing, every file has its hash, a drill passes', async () => {
    for (const level of ['quick', 'chain', 'full'] as const) {
      const verdict = await verify(whole, level);
      expect(verdict.problems).toEqual([]);
      expect(verdict.wholePoints).toBe(POINTS);
    }
    // Below such a name every file was "not there", and the drill failed.
    const bytes = Buffer.concat([Buffer.from(`${chain.source.dir}/größe`), Buffer.of(0xff)]);
    const scratch = textFromBytes(bytes);
    mkdirSync(bytes);
    const input = { folder: whole, point: 'latest', scratch, nowMs: Date.UTC(2026, 10, 28) };
    const { receipt } = await drillArchive(input, context());
    expect(receipt).toMatchObject({ passed: true, unhashed: 0, failures: [] });
    expect(receipt.hashed).toBeGreaterThan(50);
    expect(readdirSync(bytes)).toEqual([]);
    expect(readdirSync(`${whole}/receipts`)[0]).toMatch(/^2026-11-28T00-00-00 /);
  });

  test('bit rot in a frame: named with its file; other points and other files stay readable', async () => {
    const folder = copied();
    const path = streamOf(folder, 'snap.2');
    const bytes = readFileSync(path);
    bytes[Math.floor(bytes.length / 2)]! ^= 0x40;
    writeFileSync(path, bytes);
    const verdict = await verify(folder, 'full');
    expect(verdict.problems.map(({ code }) => code)).toContain('bit-rot');
    expect(verdict.problems[0]).toMatchObject({ file: 'live/snap.2.btrfs.zst' });
    expect(verdict.problems[0]!.spoils).toEqual(['live/snap.2', 'live/snap.3']);
    expect(verdict.wholePoints).toBe(2);
    for (const name of ['snap.0', 'snap.1']) {
      expect(await wrongFiles(folder, name, chain.snapshots[names.indexOf(name)]!)).toEqual([]);
    }
    // The names of the others are in the indexes, which are whole.
    const listed = await listArchiveFolder({ folder, point: 'snap.3', path: '' }, context());
    expect(listed.total).toBeGreaterThan(0);
  });

  test('a stream or an index that cannot be read: named, and the others are looked at', () => {
    const folder = copied();
    chmodSync(streamOf(folder, 'snap.2'), 0);
    chmodSync(indexOf(folder, 'snap.0'), 0);
    // Root without the right to read what is not its own to read.
    const args = ['--bounding-set=-dac_override,-dac_read_search', process.execPath, ENTRY];
    const { status, stdout } = run(
      'setpriv',
      [...args, 'archive', 'verify', '--full', '--json', folder],
      { accept: [0, 1] },
    );
    const verdict = JSON.parse(stdout.toString()) as ArchiveVerdict;
    const unreadable = verdict.problems.filter(({ code }) => code === 'part-unreadable');
    expect(unreadable.map(({ file, spoils }) => [file, spoils])).toEqual([
      ['live/snap.0.index.zst', []],
      ['live/snap.2.btrfs.zst', ['live/snap.2', 'live/snap.3']],
    ]);
    expect([status, verdict.wholePoints]).toEqual([1, 2]);
  });

  test('a missing stream: what builds on it is named, the rest is restorable', async () => {
    const folder = copied();
    rmSync(streamOf(folder, 'snap.1'));
    const verdict = await verify(folder, 'quick');
    expect(verdict.problems).toMatchObject([
      { code: 'part-missing', spoils: ['live/snap.1', 'live/snap.2', 'live/snap.3'] },
    ]);
    expect(await wrongFiles(folder, 'snap.0', chain.snapshots[0]!)).toEqual([]);
    // What stands in the streams that are there comes back; what does not, names the file.
    const { tree } = await opened(folder, 'snap.1');
    let [right, missing] = [0, 0];
    for (const { path, inode } of tree.walk()) {
      if (inode.kind !== 'file') continue;
      const parts: Buffer[] = [];
      const input = { folder, point: 'snap.1', path: text(path) };
      try {
        await readArchiveFile(input, context(), (bytes) => {
          parts.push(Buffer.from(bytes));
        });
        const real = readFileSync(Buffer.from(`${chain.snapshots[1]!}/${path}`, 'latin1'));
        expect(Buffer.concat(parts).equals(real)).toBe(true);
        right += 1;
      } catch (error) {
        expect(error).toMatchObject({ code: 'part-missing', message: /snap\.1/ as never });
        missing += 1;
      }
    }
    expect(right).toBeGreaterThan(10);
    expect(missing).toBeGreaterThan(0);
  });

  // A restore ended at the first file that could not be read.
  test('a restore leaves out what is damaged, names it, and brings all else back', async () => {
    const folder = copied();
    const path = streamOf(folder, 'snap.0');
    const bytes = readFileSync(path);
    bytes[Math.floor(bytes.length / 2)]! ^= 0x40;
    writeFileSync(path, bytes);
    const out = `${chain.source.dir}/out`;
    mkdirSync(out);
    const restored = dendro(['archive', 'restore', folder, 'snap.0', '--to', out, '--plain']);
    expect(restored.status).toBe(1);
    expect(restored.stderr).toMatch(/damaged: .*snap\.0\.btrfs\.zst/);
    const singly = dendro(['archive', 'restore', folder, 'snap.0', '--to', out, '--json', '/']);
    expect(singly.status).toBe(1);
    const { damages } = JSON.parse(singly.stdout.toString()) as { damages: { path: string }[] };
    expect(damages.length).toBeGreaterThan(0);
    for (const copy of [`${out}/snap.0`, `${out}/snap.0 (restored)`]) {
      const found = compareTrees(chain.snapshots[0]!, copy);
      expect(found.length).toBeGreaterThan(0);
      const wrong = found.filter(({ aspect }) => WRONG.includes(aspect));
      expect(wrong).toEqual([]);
    }
    mkdirSync(`${out}/subvolumes`);
    const to = `${out}/subvolumes`;
    const asSubvolume = dendro(['archive', 'restore', folder, 'snap.0', '--to', to]);
    expect(asSubvolume.status).toBe(4);
    expect(asSubvolume.stderr).toMatch(/--plain/);
    const receipts = (): number => readdirSync(`${folder}/receipts`).length;
    const before = existsSync(`${folder}/receipts`) ? receipts() : 0;
    const drill = dendro(['archive', 'drill', folder, 'snap.0', '--json', '--scratch', out]);
    expect(drill.status).toBe(1);
    expect(JSON.parse(drill.stdout.toString())).toMatchObject({ passed: false });
    expect(receipts()).toBe(before + 1);
  });

  test('of several paths none is restored when one is not there', () => {
    const out = `${chain.source.dir}/none`;
    mkdirSync(out);
    const [first] = readdirSync(chain.snapshots[0]!);
    const asked = ['archive', 'restore', whole, 'snap.0', '--to', out, first!, 'nowhere'];
    expect(dendro(asked).stderr).toMatch(/path-not-found/);
    expect(readdirSync(out)).toEqual([]);
  });

  // The archive was made, and no export into it could ever succeed.
  test('a recipient that is none: nothing is made', () => {
    const folder = `${chain.source.dir}/bad-recipient`;
    const asked = ['archive', 'export', folder, chain.snapshots[0]!, '-r', 'age1bogus'];
    expect(dendro(asked).stderr).toMatch(/bad-recipient/);
    expect(existsSync(folder)).toBe(false);
  });

  // The manifest alone knew what was purged: without it the next export brought it back.
  test('what was purged stays so when the manifest is lost', async () => {
    const folder = copied();
    const purge = dendro(['archive', 'purge', folder, 'random/']);
    expect(purge.status).toBe(0);
    rmSync(`${folder}/manifest.json`);
    const [source] = listArchive({ folder }).sources;
    expect(source).toMatchObject({ purged: ['random/'], title: 'live' });
    for (const file of readdirSync(`${folder}/live`)) {
      if (/index|point/.test(file)) rmSync(`${folder}/live/${file}`);
    }
    await rebuildIndex({ folder, nowMs: Date.now() }, context());
    expect(listArchive({ folder }).sources[0]).toMatchObject({ purged: ['random/'] });
  });

  test('a stream that is too short', async () => {
    const folder = copied();
    truncateSync(streamOf(folder, 'snap.0'), 5000);
    const verdict = await verify(folder, 'full');
    expect(verdict.problems.length).toBeGreaterThan(0);
    expect(verdict.wholePoints).toBe(0);
  });

  test('the manifest, the records or the indexes are lost: all is found again', async () => {
    const folder = copied();
    const indexes = names.map((name) => readFileSync(indexOf(folder, name)));
    rmSync(`${folder}/manifest.json`);
    expect(
      listArchive({ folder })
        .notes.map(({ text }) => text)
        .join(),
    ).toMatch(/manifest\.json is missing/);
    expect(await rightPoints(folder)).toEqual(names);
    for (const name of names) rmSync(indexOf(folder, name));
    expect((await wrongFiles(folder, 'snap.3', chain.snapshots[3]!)).join()).toMatch(
      /rebuild-index/,
    );
    for (const name of names) rmSync(`${folder}/live/${name}.point.json`);
    const summary = await rebuildIndex({ folder, nowMs: Date.now() }, context());
    expect(summary.failures).toEqual([]);
    expect(summary.adopted.map((one) => one.replace('live/', '')).sort()).toEqual(names);
    // Byte for byte as the export made them.
    names.forEach((name, i) => {
      expect(readFileSync(indexOf(folder, name)).equals(indexes[i]!)).toBe(true);
    });
    expect(await rightPoints(folder)).toEqual(names);
    expect((await verify(folder, 'full')).problems).toEqual([]);
    // The next export goes on with the same source.
    const next = await exportSnapshot(chain.snapshots[3]!, folder);
    expect(next).toMatchObject({ isNew: false, source: 'live' });
  });

  test('an index of another stream, or a damaged one, is not believed', async () => {
    const folder = copied();
    copyFileSync(indexOf(folder, 'snap.1'), indexOf(folder, 'snap.2'));
    const damaged = readFileSync(indexOf(folder, 'snap.0'));
    damaged.fill(0x5a, 100, 200);
    writeFileSync(indexOf(folder, 'snap.0'), damaged);
    const notes = await wrongFiles(folder, 'snap.3', chain.snapshots[3]!);
    expect(notes.length).toBe(2);
    expect(notes.every((note) => /rebuild-index/.test(note))).toBe(true);
    await rebuildIndex({ folder, nowMs: Date.now() }, context());
    expect(await rightPoints(folder)).toEqual(names);
  });

  test('foreign files do not matter', async () => {
    const folder = copied();
    writeFileSync(`${folder}/live/holiday.jpg`, 'x');
    writeFileSync(`${folder}/live/other.btrfs.zst`, 'x');
    mkdirSync(`${folder}/Photos`);
    expect(await rightPoints(folder)).toEqual(names);
    const verdict = await verify(folder, 'quick');
    expect(verdict.problems.map(({ code }) => code)).toEqual(['not-listed']);
  });

  test('another Dendro writing: refused, and reading goes on', async () => {
    const folder = copied();
    const lock = lockArchive(folder);
    try {
      const other = dendro(['archive', 'prune', folder, '--latest', '1']);
      expect(other.status).toBe(6);
      expect(other.stderr).toMatch(/archive-in-use/);
      expect(dendro(['archive', 'ls', folder, 'latest']).status).toBe(0);
    } finally {
      lock.release();
    }
  });

  test('a drive that is read-only: reading works, writing says why', async () => {
    const folder = copied();
    const mount = `${chain.source.dir}/read-only`;
    mkdirSync(mount);
    run('mount', ['--bind', folder, mount]);
    run('mount', ['-o', 'remount,bind,ro', mount]);
    try {
      expect(await rightPoints(mount)).toEqual(names);
      await expect(exportSnapshot(chain.snapshots[0]!, mount)).rejects.toMatchObject({
        kind: 'Denied',
        code: 'archive-read-only',
      });
    } finally {
      run('umount', [mount]);
    }
  });

  test('a drive that is full: what was there stays, the export goes on when there is room', async () => {
    const drive = `${chain.source.dir}/small`;
    mkdirSync(drive);
    run('mount', ['-t', 'tmpfs', '-o', 'size=2400k', 'none', drive]);
    try {
      await expect(exportSnapshot(chain.snapshots[0]!, `${drive}/a`)).rejects.toMatchObject({
        kind: 'Io',
        code: 'target-full',
      });
      run('mount', ['-o', 'remount,size=200m', drive]);
      const done = await exportSnapshot(chain.snapshots[0]!, `${drive}/a`);
      expect(done.resumedCommands).toBeGreaterThan(0);
      expect(await wrongFiles(`${drive}/a`, 'snap.0', chain.snapshots[0]!)).toEqual([]);
      expect((await verify(`${drive}/a`, 'full')).problems).toEqual([]);
    } finally {
      run('umount', [drive]);
    }
  });

  test('killed at any moment: finished points stay, the export goes on to the same stream', async () => {
    const folder = copied();
    const fresh = `${folder}-killed`;
    for (const delay of [150, 300, 450, 600, 800]) {
      await killedAfter(delay, ['archive', 'export', fresh, chain.snapshots[0]!]);
      if (existsSync(`${fresh}/manifest.json`)) listArchive({ folder: fresh });
    }
    await exportSnapshot(chain.snapshots[0]!, fresh);
    for (const delay of [200, 400, 700]) {
      await killedAfter(delay, ['archive', 'export', fresh, chain.snapshots[1]!]);
      expect(await wrongFiles(fresh, 'snap.0', chain.snapshots[0]!)).toEqual([]);
    }
    await exportSnapshot(chain.snapshots[1]!, fresh);
    expect((await verify(fresh, 'full')).problems).toEqual([]);
    expect(await wrongFiles(fresh, 'snap.1', chain.snapshots[1]!)).toEqual([]);
    expect(readdirSync(`${fresh}/live`).filter((name) => /partial|unfinished/.test(name))).toEqual(
      [],
    );
    const plain = (path: string) => run('zstd', ['-dc', path]).stdout;
    expect(plain(streamOf(fresh, 'snap.0')).equals(plain(streamOf(whole, 'snap.0')))).toBe(true);
  });

  test('killed while it noted something down: the name is free all the same', async () => {
    const folder = `${chain.source.dir}/noting`;
    // As they stand when the kill comes between the write and the rename, or behind the rename.
    mkdirSync(`${folder}/live`, { recursive: true });
    for (const name of ['source.json', 'source.json.tmp', 'snap.0.unfinished.json.tmp']) {
      cpSync(`${whole}/live/source.json`, `${folder}/live/${name}`);
    }
    cpSync(`${whole}/live/snap.0.point.json`, `${folder}/live/snap.0.point.json.tmp`);
    writeFileSync(`${folder}/manifest.json.tmp`, '{');
    const empty = { format: 'dendro-archive', version: 1, archiveId: 'a', createdAtMs: 1 };
    writeFileSync(
      `${folder}/manifest.json`,
      JSON.stringify({ ...empty, encryption: null, sources: [] }),
    );
    await exportSnapshot(chain.snapshots[0]!, folder);
    expect(readdirSync(`${folder}/live`).sort()).toEqual([
      'snap.0.btrfs.zst',
      'snap.0.index.zst',
      'snap.0.point.json',
      'source.json',
    ]);
    expect(existsSync(`${folder}/manifest.json.tmp`)).toBe(false);
    expect(await wrongFiles(folder, 'snap.0', chain.snapshots[0]!)).toEqual([]);
  });

  test('killed when the point was listed and its note not yet gone: the next export takes it away', async () => {
    const folder = copied();
    const note = `${folder}/live/snap.0.unfinished.json`;
    writeFileSync(note, JSON.stringify({ format: 'dendro-unfinished', base: 'snap.0' }));
    await exportSnapshot(chain.snapshots[0]!, folder);
    expect(existsSync(note)).toBe(false);
    expect((await verify(folder, 'full')).problems).toEqual([]);
  });

  // "Holds other things and no archive", said the same command when it was run again.
  test('killed while the first file was written: the export begins again', async () => {
    for (const name of ['manifest.json.tmp', 'key.age.tmp']) {
      const folder = `${chain.source.dir}/first-${name}`;
      mkdirSync(folder);
      writeFileSync(`${folder}/${name}`, '{');
      writeFileSync(`${folder}/.dendro-lock`, '');
      await exportSnapshot(chain.snapshots[0]!, folder);
      expect(existsSync(`${folder}/${name}`)).toBe(false);
    }
    const foreign = `${chain.source.dir}/first-foreign`;
    mkdirSync(foreign);
    writeFileSync(`${foreign}/letter.tmp`, 'x');
    await expect(exportSnapshot(chain.snapshots[0]!, foreign)).rejects.toMatchObject({
      code: 'folder-not-empty',
    });
  });

  test('parts: joined by cat; one that is missing is named', async () => {
    const folder = `${chain.source.dir}/parts`;
    await exportSnapshot(chain.snapshots[0]!, folder, { partBytes: 1 << 20 });
    const parts = readdirSync(`${folder}/live`).filter((name) => name.includes('.part-'));
    expect(parts.length).toBeGreaterThan(2);
    expect(await wrongFiles(folder, 'snap.0', chain.snapshots[0]!)).toEqual([]);
    const joined = run('bash', [
      '-c',
      `cat ${folder}/live/snap.0.btrfs.zst.part-* | zstd -dc`,
    ]).stdout;
    expect(joined.equals(run('zstd', ['-dc', streamOf(whole, 'snap.0')]).stdout)).toBe(true);
    renameSync(`${folder}/live/${parts[1]}`, `${folder}/elsewhere`);
    expect((await verify(folder, 'quick')).problems).toMatchObject([
      { code: 'part-missing', file: `live/${parts[1]}` },
    ]);
  });

  // The archive was made without encryption, and nothing said so.
  test('a passphrase file or an identity given to a new archive: never plain streams', () => {
    const folder = `${chain.source.dir}/meant-sealed`;
    const file = `${chain.source.dir}/passphrase`;
    writeFileSync(file, 'one two three\n');
    const [first, second] = chain.snapshots as [string, string];
    const withIdentity = dendro(['archive', 'export', '-i', file, folder, first]);
    expect(withIdentity.stderr).toContain('recipient-missing');
    expect(existsSync(folder)).toBe(false);
    const words = ['archive', 'export', '--passphrase-file', file];
    for (const snapshot of [first, second]) {
      expect(dendro([...words, folder, snapshot]).status).toBe(0);
    }
    const files = readdirSync(`${folder}/live`).filter((name) => /btrfs|index/.test(name));
    expect(files.filter((name) => !name.endsWith('.age'))).toEqual([]);
    expect(files.length).toBe(4);
    expect(dendro([...words, whole, first]).stderr).toContain('encryption-differs');
    // For an import it may be the key of the streams that are taken in.
    const stream = `${chain.source.dir}/opens-only.btrfs`;
    run('btrfs', ['-q', 'send', '-f', stream, first]);
    const to = `${chain.source.dir}/opens-only`;
    const imported = dendro(['archive', 'import', '--passphrase-file', file, to, stream]);
    expect(imported.stderr).toContain('is not encrypted');
  });

  test('a wrong passphrase, no passphrase, and an identity of a recipient', async () => {
    const folder = `${chain.source.dir}/sealed`;
    const key = `${chain.source.dir}/key.txt`;
    run('age-keygen', ['-o', key]);
    const recipient = /public key: (age1\w+)/.exec(readFileSync(key, 'utf8'))![1]!;
    const encryption = { passphrase: 'right', recipients: [recipient], workFactor: 10 };
    for (const snapshot of chain.snapshots.slice(0, 2))
      await exportSnapshot(snapshot, folder, { encryption });
    const read = (secrets: object) => wrongFiles(folder, 'snap.1', chain.snapshots[1]!, secrets);
    await expect(read({ passphrase: 'wrong' })).rejects.toMatchObject({ code: 'wrong-passphrase' });
    await expect(read({})).rejects.toMatchObject({ code: 'archive-encrypted' });
    expect(await read({ passphrase: 'right' })).toEqual([]);
    expect(await read({ identities: [readFileSync(key, 'utf8')] })).toEqual([]);
    // Without the manifest and the key at the top the copies beside the streams do.
    for (const name of ['manifest.json', 'key.age']) rmSync(`${folder}/${name}`);
    expect(await read({ passphrase: 'right' })).toEqual([]);
    const inside = readdirSync(`${folder}/live`);
    for (const name of inside.filter((one) => /point\.json|index/.test(one)))
      rmSync(`${folder}/live/${name}`);
    const secrets = { passphrase: 'right' };
    expect((await rebuildIndex({ folder, secrets, nowMs: 0 }, context())).failures).toEqual([]);
    expect(await read(secrets)).toEqual([]);
  });
});

function text(latin1: string): string {
  return textFromBytes(Buffer.from(latin1, 'latin1'));
}

/** Open until the test has ended. */
async function opened(folder: string, point: string): Promise<OpenTree> {
  const reader = await openReader(folder);
  onTestFinished(() => reader.close());
  const ref = reader.all.find((one) => one.point.name === point)!;
  return openTree(reader, ref, context().cancel);
}

function killedAfter(delayMs: number, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: 'ignore' });
  const timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
  return new Promise((resolve) => child.on('close', () => (clearTimeout(timer), resolve())));
}
