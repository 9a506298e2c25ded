import type { Command } from './options.ts';

/** Every command, with what loads it: a short command loads only what it needs. */
export const COMMANDS = {
  status: () => import('./status.ts'),
  volumes: () => import('./volumes.ts'),
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
  rescue: () => import('./rescue.ts'),
  plan: () => import('./plan.ts'),
  daemon: () => import('./daemon.ts'),
  history: () => import('./history.ts'),
  serve: () => import('./serve.ts'),
} satisfies Record<string, () => Promise<{ command: unknown }>>;

export type CommandName = keyof typeof COMMANDS;

export async function loadCommand(name: CommandName): Promise<Command> {
  return (await COMMANDS[name]()).command as unknown as Command;
}

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
