import type { Client } from '../../../shared/contract/client.ts';
import { LOCAL_PART } from '../../../shared/model/plan.ts';
import { driveOf, hostOf, targetKey, type PlanTarget } from '../../../shared/model/plan-target.ts';
import { printable } from '../../../shared/model/bytes-text.ts';

/** What a person calls each part of a plan, by its key: 'this computer', 'Blue Drive (backups)'. */
export async function partNames(
  client: Client,
  targets: readonly PlanTarget[],
): Promise<Map<string, string>> {
  const [drives, sources] = await Promise.all([
    client.call('drives.list', {}),
    client.call('sources.list', {}),
  ]);
  const byId = new Map([
    ...sources.flatMap(({ places }) => places.map((p): [string, string] => [p.volumeId, p.name])),
    ...drives.map(({ driveId, name }): [string, string] => [driveId, name]),
  ]);
  const names = targets.map((target): [string, string] => {
    if (target.kind === 'ssh') return [targetKey(target), hostOf(target)];
    const drive = driveOf(target)!;
    const name = byId.get(drive) ?? drive;
    return [targetKey(target), target.folder === '' ? name : `${name} (${target.folder})`];
  });
  return new Map(
    [[LOCAL_PART, 'this computer'] as [string, string], ...names].map(([key, name]) => [
      key,
      printable(name),
    ]),
  );
}
