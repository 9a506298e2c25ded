import type { Command } from './options.ts';

/** Every command, with what loads it: a short command loads only what it needs. */
export const COMMANDS = {
  volumes: () => import('./volumes.ts'),
  snapshots: () => import('./snapshots.ts'),
  ls: () => import('./ls.ts'),
  cat: () => import('./cat.ts'),
  diff: () => import('./diff.ts'),
  send: () => import('./send.ts'),
  receive: () => import('./receive.ts'),
  restore: () => import('./restore.ts'),
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
