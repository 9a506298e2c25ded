import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { leftoversIn } from '../../main/engine/receive.ts';
import { progressOf } from '../../main/engine/sink/leftover.ts';
import { removeAtFarEnd, describeFarEnd, type SshTarget } from '../../main/engine/wire/index.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { dendro } from '../harness/dendro.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel, onPath } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run, runText } from '../harness/run.ts';
import { missingSsh, SshServer } from './ssh-server.ts';

const missing = missingSsh();
// Programs are started at both ends some ten times.
vi.setConfig({ testTimeout: 600_000 });

describeKernel('over ssh', () => {
  let source: TestBtrfs;
  let target: TestBtrfs;
  let server: SshServer;
  let folder: string;
  let count = 0;
  const at = (name: string) => `${source.dir}/${name}`;
  const url = () => `ssh://far${folder}`;
  const far = (): SshTarget => ({
    ...{ user: null, host: 'far', port: null, path: folder },
    ...{ configFile: server.config, isUnattended: true },
  });
  const sendTo = (args: readonly string[], accept: readonly number[] = [0]) =>
    run(dendro, ['send', '--ssh-config', server.config, '--to', url(), ...args], { accept });
  const differences = (name: string) =>
    showDifferences(compareTrees(at(name), `${folder}/${name}`, {}));

  beforeAll(async () => {
    source = makeBtrfs({ sizeMiB: 512 });
    target = makeBtrfs({ sizeMiB: 1024 });
    server = await SshServer.start();
    run('btrfs', ['subvolume', 'create', at('live')]);
    run('btrfs', ['subvolume', 'snapshot', '-r', at('live'), at('zero')]);
    fillTree(at('live'), { files: 30 });
    writeFileSync(at('live/large'), new Random(7).bytes(16 << 20));
    run('btrfs', ['subvolume', 'snapshot', '-r', at('live'), at('one')]);
    rmSync(at('live/tree'), { recursive: true });
    writeFileSync(at('live/new'), 'new');
    run('btrfs', ['subvolume', 'snapshot', '-r', at('live'), at('two')]);
  });
  beforeEach(() => {
    folder = `${target.dir}/it's ${count++}; "a" $folder`;
    mkdirSync(folder);
  });
  afterAll(() => {
    server?.close();
    source?.close();
    target?.close();
  });

  describe.skipIf(missing !== undefined)(`Dendro at the other end ${missing ?? ''}`, () => {
    beforeAll(() => server.hasDendro(true));

    test('a snapshot and an increment; a second time there is nothing to send', () => {
      sendTo([at('one')]);
      expect(differences('one')).toEqual([]);
      sendTo(['-p', at('one'), at('two')]);
      expect(differences('two')).toEqual([]);
      expect(sendTo([at('two')]).stderr).toContain('there already');
      const described = describeFarEnd(far());
      expect(described).toMatchObject({ farEnd: 'dendro', isBtrfs: true, leftovers: [] });
      const two = described.subvolumes.find(({ path }) => path.endsWith('/two'))!;
      const shown = runText('btrfs', ['subvolume', 'show', `${folder}/two`]);
      expect(shown).toContain(two.uuid);
      expect(shown).toContain(two.receivedUuid);
      removeAtFarEnd(far(), two.uuid!);
      expect(visibleIn(folder)).toEqual(['one']);
    });

    test('cut in the middle: the next run goes on there and sends the rest only', async () => {
      const sending = spawn(dendro, [
        'send',
        '--ssh-config',
        server.config,
        '--to',
        url(),
        at('one'),
      ]);
      const isGone = new Promise((resolve) => sending.on('close', resolve));
      await until(() => commandsIn(folder) > 40);
      sending.kill('SIGKILL');
      await isGone;
      await until(() => !isBusy(folder));
      const had = commandsIn(folder);
      const { stderr } = sendTo([at('one')]);
      expect(Number(/going on at command (\d+)/.exec(stderr)?.[1])).toBe(had);
      expect(differences('one')).toEqual([]);
      expect(visibleIn(folder)).toEqual(['one']);
    });

    // Nobody knew of it any more: it was there already, whole.
    test.skipIf(!onPath('strace'))('killed before the record is stored: it comes later', () => {
      const inject = '-f -qq -o /dev/null -e trace=fsync -e inject=fsync:signal=KILL';
      server.hasInstead(`exec strace ${inject} "$DENDRO" "$@"`);
      expect(sendTo([at('one')], [1]).stderr).toContain('connection-lost');
      server.hasDendro(true);
      const verify = ['verify', '--kept', `${folder}/one`];
      expect(run(dendro, verify, { accept: [6] }).stderr).toContain('record-due');
      // An older one at the other end does not know of it.
      server.hasInstead(`"$DENDRO" "$@" | sed -u '1s/,"can".*/}/'`);
      expect(sendTo([at('one')]).stderr).not.toContain('record');
      expect(run(dendro, verify, { accept: [6] }).stderr).toContain('record-due');
      server.hasDendro(true);
      const { stderr } = sendTo(['-p', at('one'), at('two')]);
      expect(stderr).toContain('made the record of one, which was due');
      for (const name of ['one', 'two']) {
        const proof = runText(dendro, ['verify', '--json', '--kept', `${folder}/${name}`]);
        expect(JSON.parse(proof)).toMatchObject({ isSame: true, filesOpen: 0 });
      }
      expect(sendTo([at('one')]).stderr).not.toContain('record');
    });

    test('errors of either side are told by the near one, typed', () => {
      mkdirSync(`${folder}/one`);
      expect(sendTo([at('one')], [1]).stderr).toContain('exists');
      expect(sendTo(['-p', at('zero'), at('two')], [1]).stderr).toContain('parent-missing');
      expect(visibleIn(folder)).toEqual(['one']);
      rmSync(folder, { recursive: true });
      expect(sendTo([at('one')], [1]).stderr).toContain('target-missing');
    });

    test('a plain pipe through ssh', () => {
      const command = `cd '${folder.replaceAll("'", `'\\''`)}' && exec dendro receive -q .`;
      const stream = run(dendro, ['send', '-q', at('one')]).stdout;
      run('ssh', ['-F', server.config, 'far', command], { input: stream });
      expect(
        showDifferences(compareTrees(at('one'), `${folder}/one`, { except: ['flags'] })),
      ).toEqual([]);
    });
  });

  describe.skipIf(missing !== undefined)('the stock tool at the other end', () => {
    beforeAll(() => server.hasDendro(false));

    test('a snapshot and an increment', () => {
      sendTo(['-q', at('one')]);
      sendTo(['-q', '-p', at('one'), at('two')]);
      const except = { except: ['flags' as const, 'holes' as const] };
      for (const name of ['one', 'two']) {
        expect(showDifferences(compareTrees(at(name), `${folder}/${name}`, except))).toEqual([]);
      }
      const described = describeFarEnd(far());
      expect(described.subvolumes.map(({ path }) => path)).toEqual(['one', 'two']);
      removeAtFarEnd(far(), described.subvolumes[1]!.uuid!);
      expect(visibleIn(folder)).toEqual(['one']);
    });

    test('what it left half-way is removed, and nothing else', async () => {
      const sending = spawn(dendro, [
        'send',
        '--ssh-config',
        server.config,
        '--to',
        url(),
        at('one'),
      ]);
      const isGone = new Promise((resolve) => sending.on('close', resolve));
      await until(() => readdirSync(folder).includes('one'));
      sending.kill('SIGKILL');
      await isGone;
      await until(() => visibleIn(folder).length === 0);
      run('btrfs', ['subvolume', 'create', `${folder}/one`]);
      expect(sendTo([at('one')], [1]).stderr).toContain('exists');
      expect(visibleIn(folder)).toEqual(['one']);
    });
  });

  test('a folder here that is not on btrfs is told as such, not as a system call', () => {
    const refused = run(dendro, ['send', '--to', '/dev/shm', at('one')], { accept: [1] });
    expect(refused.stderr).toMatch(/\/dev\/shm is not on a btrfs filesystem\.\n.*archive export/);
  });

  test.skipIf(missing !== undefined)('nobody there, or nothing like a host', () => {
    const refused = run(dendro, ['send', '--to', 'ssh://127.0.0.1:1/x', at('one')], {
      accept: [1],
    });
    expect(refused.stderr).toMatch(/connection-lost/);
    for (const bad of ['ssh://-oProxyCommand=x/y', 'ssh://host', 'ssh://a b/c', 'ssh://h:0/x']) {
      expect(run(dendro, ['send', '--to', bad, at('one')], { accept: [1] }).stderr).toContain(
        'bad-target',
      );
    }
  });
});

function commandsIn(folder: string): number {
  try {
    return progressOf(leftoversIn(folder)[0]!.resume).commands;
  } catch {
    return 0;
  }
}

/** What a person sees there; records of what arrived are kept beside it. */
function visibleIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name !== '.dendro-records');
}

/** The receiver at the other end has not ended yet. */
function isBusy(folder: string): boolean {
  const key = readdirSync(`${folder}/.dendro-receive`)[0]!;
  const path = `${folder}/.dendro-receive/${key}`;
  return run('flock', ['-n', path, 'true'], { accept: [0, 1] }).status === 1;
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}
