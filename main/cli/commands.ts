import type { Command } from './options.ts';

/** Every command, with what loads it: a short command loads only what it needs. */
export const COMMANDS = {
  status: () => import('./status.ts'),
  volumes: () => import('./volumes.ts'),
  import: () => import('./import.ts'),
  drives: () => import('./drives.ts'),
  snapshots: () => import('./snapshots.ts'),
  ls: () => import('./ls.ts'),
  stat: () => import('./stat.ts'),
  cat: () => import('./cat.ts'),
  find: () => import('./find.ts'),
  diff: () => import('./diff.ts'),
  'changed-since': () => import('./changed-since.ts'),
  du: () => import('./du.ts'),
  verify: () => import('./verify.ts'),
  estimate: () => import('./estimate.ts'),
  send: () => import('./send.ts'),
  receive: () => import('./receive.ts'),
  leftovers: () => import('./leftovers.ts'),
  restore: () => import('./restore.ts'),
  heal: () => import('./heal.ts'),
  rollback: () => import('./rollback.ts'),
  recover: () => import('./recover.ts'),
  rescue: () => import('./rescue.ts'),
  plan: () => import('./plan.ts'),
  chain: () => import('./chain.ts'),
  daemon: () => import('./daemon.ts'),
  'archive export': () => import('./archive/export.ts'),
  'archive list': () => import('./archive/list.ts'),
  'archive ls': () => import('./archive/ls.ts'),
  'archive cat': () => import('./archive/cat.ts'),
  'archive find': () => import('./archive/find.ts'),
  'archive versions': () => import('./archive/versions.ts'),
  'archive diff': () => import('./archive/diff.ts'),
  'archive restore': () => import('./archive/restore.ts'),
  'archive import': () => import('./archive/import.ts'),
  'archive verify': () => import('./archive/verify.ts'),
  'archive drill': () => import('./archive/drill.ts'),
  'archive prune': () => import('./archive/prune.ts'),
  'archive purge': () => import('./archive/purge.ts'),
  'archive synthetic-full': () => import('./archive/synthetic-full.ts'),
  'archive rebuild-index': () => import('./archive/rebuild-index.ts'),
  pins: () => import('./pins.ts'),
  tag: () => import('./tag.ts'),
  history: () => import('./history.ts'),
  settings: () => import('./settings.ts'),
  update: () => import('./update.ts'),
  serve: () => import('./serve.ts'),
  helper: () => import('./helper.ts'),
} satisfies Record<string, () => Promise<{ command: unknown }>>;

export type CommandName = keyof typeof COMMANDS;

export async function loadCommand(name: CommandName): Promise<Command> {
  return (await COMMANDS[name]()).command as unknown as Command;
}

/** The first words of a command line as a command's name and the rest: some names have two words. */
export function named(words: readonly string[]): [name: string | undefined, ...args: string[]] {
  const [first, second, ...rest] = words;
  const both = `${first} ${second}`;
  return second !== undefined && isCommand(both) ? [both, ...rest] : [first, ...words.slice(1)];
}

/** Commands of two words that begin with this one. */
export function commandsUnder(word: string): CommandName[] {
  return (Object.keys(COMMANDS) as CommandName[]).filter((name) => name.startsWith(`${word} `));
}

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
