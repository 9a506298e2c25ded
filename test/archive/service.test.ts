import { mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createService, inProcessClient, type Service } from '../../main/service/service.ts';
import type { CallInput } from '../../shared/contract/calls.ts';
import { describeKernel } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';
import { makeChain, wrongFiles, type Chain } from './archive-harness.ts';
import { textOf } from '../../shared/said.ts';

type Started =
  | 'archive.import'
  | 'archive.purge'
  | 'archive.syntheticFull'
  | 'archive.rebuildIndex'
  | 'archive.verify';

describeKernel('archives through the contract', () => {
  let chain: Chain;
  let state: string;
  let service: Service;
  beforeAll(() => {
    chain = makeChain(2, 29);
    state = mkdtempSync(join(tmpdir(), 'dendro-archive-state-'));
    service = createService({
      historyPath: join(state, 'history.sqlite'),
      version: 'test',
      carrier: 'in-process',
      runPlans: false,
    });
  });
  afterAll(async () => {
    await service.close();
    rmSync(state, { recursive: true, force: true });
    chain.source.close();
  });

  const done = async <N extends Started>(name: N, input: CallInput<N>): Promise<string> => {
    const client = inProcessClient(service);
    const { runId } = await client.call(name, input);
    for (;;) {
      const { state: now, error, steps } = await client.call('runs.get', { runId });
      if (now !== 'running') {
        expect(error).toBe(null);
        return textOf(steps[0]!.detail);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  test('import, synthetic full, purge, rebuild', async () => {
    const [a, b] = chain.snapshots as [string, string];
    const files = [`${chain.source.dir}/a.btrfs`, `${chain.source.dir}/b.btrfs`];
    run('bash', [
      '-ec',
      `btrfs send -q ${a} > ${files[0]!}; btrfs send -q -p ${a} ${b} > ${files[1]!}`,
    ]);
    const folder = `${chain.source.dir}/archive`;
    expect(await done('archive.import', { folder, files, source: 'live' })).toMatch(/^2 /);
    await done('archive.syntheticFull', { folder, point: 'snap.1' });
    unlinkSync(`${folder}/manifest.json`);
    expect(await done('archive.rebuildIndex', { folder })).toMatch(/^2 /);
    expect(await wrongFiles(folder, 'snap.1', b)).toEqual([]);
    expect(await done('archive.purge', { folder, pattern: 'random' })).toMatch(/^2 /);
    await done('archive.verify', { folder, level: 'full' });
  });
});
