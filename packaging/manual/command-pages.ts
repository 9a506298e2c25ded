import { COMMANDS, loadCommand, type CommandName } from '../../main/cli/commands.ts';
import type { Command } from '../../main/cli/options.ts';

/** A command as the manual, the reference and the completions need it. */
export interface CommandPage {
  readonly name: CommandName;
  readonly command: Command;
  /** What the first argument can be where it is a word: `list` of `dendro plan list`. */
  readonly actions: readonly string[];
}

/** Every command, in the order of `dendro --help`. */
export function commandPages(): Promise<CommandPage[]> {
  const names = Object.keys(COMMANDS) as CommandName[];
  return Promise.all(
    names.map(async (name) => {
      const command = await loadCommand(name);
      return { name, command, actions: actionsOf(name, command) };
    }),
  );
}

/** Plain words behind the name in the usage lines; arguments are in capitals. */
function actionsOf(name: string, { usage }: Command): string[] {
  const seconds = usage.map((form) => form.slice(name.length).trim().split(' ')[0]!);
  const words = seconds.flatMap((word) => word.replaceAll(/[[\]]/g, '').split('|'));
  return [...new Set(words.filter((word) => /^[a-z][a-z-]*$/.test(word)))];
}
