import { shellWord } from '../../../model/shell-word.ts';

/** What one would type to look at, change and try a plan. */
export function planCommands(name: string, planId: string | null): string[] {
  if (planId === null) return ['dendro plan add plan.toml'];
  const word = shellWord(name);
  return [
    `dendro plan show ${word}`,
    `dendro plan edit ${word}`,
    `dendro plan preview ${word}`,
    `dendro plan run ${word}`,
  ];
}
