import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createService, inProcessClient, type Service } from '../../main/service/service.ts';
import type { CallInput, CallOutput } from '../../shared/contract/calls.ts';
import { textFromBytes } from '../../shared/model/bytes-text.ts';
import type { Client } from '../../shared/contract/client.ts';
import type { Run } from '../../shared/model/run.ts';
import type { StreamCommand, StreamEntry } from '../../shared/model/stream.ts';
import { describeKernel } from '../harness/kernel.ts';
import { run, runText } from '../harness/run.ts';
import { differences, makeChain, type Chain } from './archive-harness.ts';
import { textOf } from '../../shared/said.ts';

describeKernel('a look into stream files', () => {
  let chain: Chain;
  let state: string;
  let service: Service;
  let client: Client;
  let full: string;
  let increment: string;
  beforeAll(() => {
    chain = makeChain(1, 31);
    const { dir } = chain.source;
    const live = `${dir}/live`;
    run('bash', [
      '-ec',
      // Names, content and owners change, folders move, and what was there goes.
      `mkdir -p ${live}/kept/deep ${live}/old; echo one > ${live}/kept/deep/a; echo two > ${live}/old/b;
       echo three > ${live}/gone; btrfs -q subvolume snapshot -r ${live} ${dir}/a;
       mv ${live}/old ${live}/new; echo more >> ${live}/kept/deep/a; rm ${live}/gone;
       chown 7:8 ${live}/new/b; echo fresh > ${live}/fresh; btrfs -q subvolume snapshot -r ${live} ${dir}/b;
       btrfs send -q ${dir}/a > ${dir}/a.btrfs; btrfs send -q -p ${dir}/a ${dir}/b > ${dir}/b.btrfs`,
    ]);
    full = `${dir}/a.btrfs`;
    increment = `${dir}/b.btrfs`;
    state = mkdtempSync(join(tmpdir(), 'dendro-look-state-'));
    service = createService({
      historyPath: join(state, 'history.sqlite'),
      version: 'test',
      carrier: 'in-process',
      runPlans: false,
    });
    client = inProcessClient(service);
  });
  afterAll(async () => {
    await service?.close();
    rmSync(state, { recursive: true, force: true });
    chain?.source.close();
  });

  const ended = async (runId: string): Promise<Run> => {
    for (;;) {
      const now = await client.call('runs.get', { runId });
      if (now.state !== 'running') return now;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const look = async (...paths: string[]): Promise<string> => {
    const { runId } = await client.call('stream.look', { paths });
    expect((await ended(runId)).error).toBe(null);
    return runId;
  };
  const found = (runId: string): Promise<CallOutput<'stream.found'>> =>
    client.call('stream.found', { runId });
  const all = async (runId: string): Promise<StreamCommand[]> => {
    const commands: StreamCommand[] = [];
    for (;;) {
      const page = await client.call('stream.commands', {
        runId,
        offset: commands.length,
        limit: 1_777,
      });
      if (page.length === 0) return commands;
      commands.push(...page);
    }
  };
  const folder = (runId: string, path: string): Promise<CallOutput<'stream.directory'>> =>
    client.call('stream.directory', { runId, path, limit: 5_000 });

  test('lists the commands that the stock dump lists, from any place on', async () => {
    for (const file of [full, increment]) {
      const dump = runText('btrfs', ['receive', '--dump', '-f', file]).trimEnd().split('\n');
      // The value of an attribute may hold line ends.
      const titles = dump.map((line) => /^([a-z_]+) +\.\//.exec(line)?.[1]).filter(Boolean);
      const runId = await look(file);
      const commands = await all(runId);
      // The dump says nothing of the end.
      expect(commands.map(({ name }) => name)).toEqual([...titles, 'end']);
      expect(commands.map(({ index }) => index)).toEqual(commands.map((_, i) => i));
      const bytes = readFileSync(file);
      for (const { offset, lengthBytes } of commands)
        expect(bytes.readUInt32LE(offset) + 10).toBe(lengthBytes);
      const { counts, commands: count, streamBytes, problem } = await found(runId);
      expect([count, streamBytes, problem]).toEqual([commands.length, bytes.length, null]);
      expect(counts.reduce((sum, one) => sum + one.count, 0)).toBe(commands.length);
      const somewhere = Math.floor(commands.length / 2);
      const page = await client.call('stream.commands', { runId, offset: somewhere, limit: 3 });
      expect(page).toEqual(commands.slice(somewhere, somewhere + 3));
    }
  });

  test('shows the tree of a full stream as find lists it', async () => {
    const runId = await look(full);
    const paths: string[] = [];
    const collect = async (path: string): Promise<void> => {
      for (const entry of (await folder(runId, path)).entries) {
        expect(entry.change).toBe('added');
        const below = path === '' ? entry.name : `${path}/${entry.name}`;
        paths.push(below);
        if (entry.type === 'directory') await collect(below);
      }
    };
    await collect('');
    const top = `${chain.source.dir}/a`;
    const real = readTree(top);
    expect(new Set(paths)).toEqual(new Set(real));
    expect(paths.length).toBe(real.length);
  });

  test('shows what an increment does, by the paths that it deals with', async () => {
    const runId = await look(increment);
    const { entries } = await folder(runId, '');
    const of = (name: string): StreamEntry => entries.find((entry) => entry.name === name)!;
    expect(of('new')).toMatchObject({ change: 'renamed', previousPath: 'old', type: 'directory' });
    expect(of('gone')).toMatchObject({ change: 'removed' });
    expect(of('fresh')).toMatchObject({ change: 'added', sizeBytes: 6, dataBytes: 6 });
    expect(of('kept')).toMatchObject({ change: 'none', type: 'directory', dataBytes: 9 });
    expect(entries.map(({ name }) => name)).not.toContain('old');
    const deep = (await folder(runId, 'kept/deep')).entries;
    expect(deep).toMatchObject([{ name: 'a', change: 'changed', type: 'file' }]);
    const moved = (await folder(runId, 'new')).entries;
    expect(moved).toMatchObject([{ name: 'b', change: 'renamed', previousPath: 'old/b', uid: 7 }]);
    await expect(folder(runId, 'nowhere')).rejects.toMatchObject({ code: 'path-not-found' });
  });

  test('finds commands by kind and by text', async () => {
    const runId = await look(full);
    const commands = await all(runId);
    const names: CallInput<'stream.search'>['names'] = ['rename', 'symlink'];
    const wanted = commands.filter(({ name }) => names.includes(name as never));
    const by = await client.call('stream.search', { runId, names, limit: 5_000 });
    expect(by).toEqual({ commands: wanted, next: null });
    const text = await client.call('stream.search', { runId, text: 'KEPT/deep', limit: 2 });
    expect(text.commands.length).toBe(2);
    const rest = await client.call('stream.search', {
      runId,
      text: 'KEPT/deep',
      after: text.next!,
    });
    const held = commands.filter(({ path, other }) => `${path}\0${other}`.includes('kept/deep'));
    expect([...text.commands, ...rest.commands]).toEqual(held);
  });

  test('reads packed streams and streams in parts, and several subvolumes of one file', async () => {
    const { dir } = chain.source;
    run('bash', [
      '-ec',
      `cd ${dir}; zstd -q a.btrfs; gzip -k a.btrfs; split -b 100000 a.btrfs a.part-; cat a.btrfs b.btrfs > two.btrfs`,
    ]);
    const plain = await all(await look(full));
    const parts = runText('bash', ['-c', `ls ${dir}/a.part-*`])
      .trimEnd()
      .split('\n');
    expect(parts.length).toBeGreaterThan(1);
    for (const files of [[`${full}.zst`], [`${full}.gz`], parts])
      expect(await all(await look(...files))).toEqual(plain);
    const runId = await look(`${dir}/two.btrfs`);
    const { subvolumes, commands } = await found(runId);
    expect(subvolumes.map(({ name, hasEnd }) => [name, hasEnd])).toEqual([
      ['a', true],
      ['b', true],
    ]);
    expect(subvolumes[1]!.parent).toMatchObject({ uuid: subvolumes[0]!.uuid });
    expect((await all(runId)).length).toBe(commands);
  });

  test('tells of a damaged stream where it is damaged, and shows what comes before', async () => {
    const whole = readFileSync(full);
    const commands = await all(await look(full));
    const victim = commands[Math.floor(commands.length * 0.7)]!;
    const damaged = Buffer.from(whole);
    damaged[victim.offset + 10]! ^= 0xff;
    const path = join(state, 'damaged.btrfs');
    writeFileSync(path, damaged);
    const runId = await look(path);
    const { problem, commands: count } = await found(runId);
    expect(problem).toMatchObject({ code: 'stream-checksum', place: { offset: victim.offset } });
    expect(count).toBe(victim.index);
    expect(await all(runId)).toEqual(commands.slice(0, victim.index));
    truncateSync(path, victim.offset + 5);
    expect((await found(await look(path))).problem).toMatchObject({ code: 'stream-cut-short' });
    for (const [file, code] of [
      [`${chain.source.dir}`, 'not-a-file'],
      [`${state}/nothing`, 'not-found'],
      ['/etc/passwd', 'not-a-stream'],
    ] as const) {
      const started = await client.call('stream.look', { paths: [file] });
      expect((await ended(started.runId)).error).toMatchObject({ code });
    }
  });

  test('unpacks a stream as a snapshot, and as plain files', async () => {
    const { dir } = chain.source;
    run('mkdir', [`${dir}/in`, `${dir}/plain`, `${dir}/stock`]);
    run('btrfs', ['receive', '-q', '-f', full, `${dir}/stock`]);
    const unpack = async (input: CallInput<'stream.unpack'>): Promise<Run> =>
      ended((await client.call('stream.unpack', input)).runId);
    const snapshot = { paths: [full], folder: `${dir}/in`, asSnapshot: true };
    expect(await unpack(snapshot)).toMatchObject({ error: null, result: { path: `${dir}/in/a` } });
    expect(differences(`${dir}/stock/a`, `${dir}/in/a`)).toEqual([]);
    const plain = await unpack({ paths: [full], folder: `${dir}/plain` });
    expect(plain.error).toBe(null);
    // Device nodes are made only where that is asked for; each is told.
    const isDevice = (path: string): boolean => /^special\/(null|block|big-character)$/.test(path);
    expect(readTree(`${dir}/plain/a`)).toEqual(readTree(`${dir}/a`).filter((p) => !isDevice(p)));
    expect(plain.notes.filter((note) => textOf(note).includes('special/null')).length).toBe(1);
    // Onto itself: it is there already.
    expect((await unpack(snapshot)).error).not.toBe(null);
  });
});

/** Paths below a folder, as text that keeps every byte. */
function readTree(top: string): string[] {
  const bytes = run('find', [top, '-mindepth', '1', '-printf', '%P\\0']).stdout;
  const paths = [];
  for (let start = 0, end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
    paths.push(textFromBytes(bytes.subarray(start, end)));
    start = end + 1;
  }
  return paths.sort();
}
