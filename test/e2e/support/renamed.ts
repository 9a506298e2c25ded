import type { Answers } from './stand-in.ts';

/**
 * The same scene under other names: what the service says holds them, and what the page asks is
 * turned back, so that the scene knows of what it is asked.
 */
export function renamed(answers: Answers, names: Readonly<Record<string, string>>): Answers {
  const pairs = Object.entries(names).map(([plain, odd]) => [inJson(plain), inJson(odd)] as const);
  const turned = (value: unknown, isBack: boolean): unknown => {
    let text = JSON.stringify(value);
    if (text === undefined) return value;
    for (const [plain, odd] of pairs)
      text = isBack ? text.replaceAll(odd, plain) : text.replaceAll(plain, odd);
    return JSON.parse(text) as unknown;
  };
  return Object.fromEntries(
    Object.entries(answers).map(([call, answer]) => [
      call,
      async (input: never) => turned(await answer(turned(input, true) as never), false),
    ]),
  ) as Answers;
}

function inJson(name: string): string {
  return JSON.stringify(name).slice(1, -1);
}
