import { readFileSync } from 'node:fs';
import { usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';

interface Owners {
  readonly owner: string | undefined;
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

type OwnerMap = (uid: number, gid: number) => readonly [number, number];

const MAX_ID = 0xffff_fffe;

/** Whom another machine's files belong to here; undefined keeps the numbers. @throws Usage */
export function ownerMap({ owner, users, groups }: Owners): OwnerMap | undefined {
  if (owner === undefined && users.length + groups.length === 0) return undefined;
  const all = owner === undefined ? undefined : pair(owner);
  const [byUser, byGroup] = [table(users, '/etc/passwd'), table(groups, '/etc/group')];
  return (uid, gid) => [byUser.get(uid) ?? all?.[0] ?? uid, byGroup.get(gid) ?? all?.[1] ?? gid];
}

function pair(text: string): readonly [number, number] {
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(text) ?? [];
  if (uid === undefined)
    throw usage('bad-option', say`"${{ text }}" is not an owner, as 1000:1000.`);
  return [id(uid), id(gid!)];
}

function table(pairs: readonly string[], names: string): ReadonlyMap<number, number> {
  return new Map(
    pairs.map((text) => {
      const [, from, to] = /^(\d+):(.+)$/.exec(text) ?? [];
      if (from === undefined)
        throw usage('bad-option', say`"${{ text }}" is not FROM:TO, as 1000:1001.`);
      return [id(from), /^\d+$/.test(to!) ? id(to!) : named(to!, names)] as const;
    }),
  );
}

function id(text: string): number {
  const number = Number(text);
  if (number > MAX_ID)
    throw usage('bad-option', say`"${{ text }}" is no number of a user or group.`);
  return number;
}

/** passwd(5) and group(5): name, password, number. */
function named(name: string, file: string): number {
  const fields = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = fields.find(([first]) => first === name);
  if (found === undefined) throw usage('bad-option', say`"${{ name }}" is nobody in ${{ file }}.`);
  return Number(found[2]);
}
