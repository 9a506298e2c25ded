import { parseArgs } from 'node:util';
import { usage } from '../../shared/errors.ts';
import { counted, say, type Said } from '../../shared/said.ts';
import { didYouMean } from './nearest.ts';

export interface OptionSpec {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** What stands for the value in the help: 'FILE'. */
  readonly value?: string;
  readonly multiple?: boolean;
  readonly help: string;
  /** Without one of these options it has no effect, which is an error. */
  readonly needs?: readonly string[];
  /** Options that say otherwise, or that have no effect beside it: both together are an error. */
  readonly without?: readonly string[];
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type Value<S extends OptionSpec> = S['type'] extends 'boolean' ? boolean : string;
/** Options by their long name; what can be given several times is an array. */
export type Options<S extends OptionSpecs> = {
  readonly [K in keyof S]?: S[K] extends { multiple: true } ? Value<S[K]>[] : Value<S[K]>;
};

export interface Parsed<S extends OptionSpecs> {
  readonly options: Options<S>;
  readonly positionals: readonly string[];
}

/** Of a command: every one is a file beside this one and exports one of these. */
export interface Command<S extends OptionSpecs = OptionSpecs> {
  /** What stands behind `dendro`, a line for each form. */
  readonly usage: readonly string[];
  readonly summary: string;
  /** Paragraphs for `--help`. */
  readonly details: string;
  readonly options: S;
  /** How many arguments it takes. */
  readonly arguments: { readonly least: number; readonly most: number };
  /** Returns the exit code. Errors are thrown. */
  run(parsed: Parsed<S>): number | Promise<number>;
}

/** Keeps the types of the options for `run`. */
export function defineCommand<const S extends OptionSpecs>(command: Command<S>): Command<S> {
  return command;
}

export const jsonOption = {
  json: { type: 'boolean', help: 'print JSON, the shape of shared/model' },
} as const satisfies OptionSpecs;

/**
 * Parses as getopt_long(3) does: short options in clusters, options anywhere, `--` ends them,
 * `--option=value`, unique beginnings of long names.
 *
 * @throws Usage
 */
export function parse<S extends OptionSpecs>(
  name: string,
  command: Command<S>,
  args: readonly string[],
): Parsed<S> {
  const specs: OptionSpecs = command.options;
  const { values, positionals } = parsedStrictly(name, specs, args);
  const { least, most } = command.arguments;
  if (positionals.length < least || positionals.length > most) {
    throw usage(
      'bad-arguments',
      say`dendro ${{ name }} ${{ least: wanted(least, most, positionals.length) }}.`,
      { hint: usageHint(name, command.usage) },
    );
  }
  assertTogether(name, specs, values);
  return { options: values as Options<S>, positionals };
}

/** The one form that a command has, or where its forms are told. */
function usageHint(name: string, usages: readonly string[]): Said {
  const help = say`dendro ${{ name }} --help`;
  const [form] = usages;
  return usages.length === 1
    ? say`Usage: dendro ${{ form: form! }}. See: ${help}`
    : say`See: ${help}`;
}

/** @throws Usage: an option is given that would have no effect, or two that contradict each other */
export function assertTogether(
  name: string,
  specs: OptionSpecs,
  given: Readonly<Record<string, unknown>>,
): void {
  const dashed = (long: string): string => (long === specs[long]?.short ? `-${long}` : `--${long}`);
  const hint = say`See: dendro ${{ name }} --help`;
  for (const option of Object.keys(given)) {
    const { needs, without = [] } = specs[option]!;
    const other = without.find((one) => given[one] !== undefined);
    if (other !== undefined) {
      const names = { one: dashed(option), other: dashed(other) };
      const message = say`dendro ${{ name }}: ${{ one: names.one }} and ${{ other: names.other }} do not go together.`;
      throw usage('bad-option', message, { hint });
    }
    if (needs === undefined || needs.some((one) => given[one] !== undefined)) continue;
    const wanted = needs.map(dashed).join(' or ');
    const message = say`dendro ${{ name }}: ${{ option: dashed(option) }} does nothing without ${{ wanted }}.`;
    throw usage('bad-option', message, { hint });
  }
}

/** A number of things, at least one. @throws Usage 'bad-option' */
export function countOf(name: string, option: string, text: string, most: number): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= most) return count;
  throw usage(
    'bad-option',
    say`dendro ${{ name }}: ${{ option }} takes a number from 1 to ${{ most }}.`,
    {
      hint: say`See: dendro ${{ name }} --help`,
    },
  );
}

function parsedStrictly(name: string, specs: OptionSpecs, args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(specs).map(([long, { type, short, multiple }]) => [
      long,
      { type, ...(short && { short }), ...(multiple && { multiple }) },
    ]),
  );
  try {
    return parseArgs({ args: completed(specs, args), options, allowPositionals: true });
  } catch (cause) {
    throw usage('bad-option', say`dendro ${{ name }}: ${{ reason: firstSentence(cause) }}`, {
      hint: didYouMean(
        unknownOption(cause) ?? '',
        Object.keys(specs).map((long) => `--${long}`),
        {
          otherwise: say`See: dendro ${{ name }} --help`,
        },
      ),
      cause,
    });
  }
}

/** `--comp` for `--compressed-data`, where nothing else begins so. */
function completed(specs: OptionSpecs, args: readonly string[]): string[] {
  const end = args.indexOf('--');
  return args.map((arg, i) => {
    if (!arg.startsWith('--') || arg === '--' || (end >= 0 && i > end)) return arg;
    const [given = '', ...value] = arg.slice(2).split('=');
    if (given in specs) return arg;
    const meant = Object.keys(specs).filter((long) => long.startsWith(given));
    return meant.length === 1 ? [`--${meant[0]!}`, ...value].join('=') : arg;
  });
}

function unknownOption(error: unknown): string | undefined {
  return /^Unknown option '(--[^']+)'/.exec((error as Error).message)?.[1];
}

function firstSentence(error: unknown): string {
  return String((error as Error).message)
    .split('. ')[0]!
    .replace(/\.?$/, '.');
}

function wanted(least: number, most: number, given: number): string {
  const count = (n: number): string => `${n} ${counted(n, 'argument', 'arguments')}`;
  const range =
    least === most
      ? count(least)
      : given < least
        ? `at least ${count(least)}`
        : `at most ${count(most)}`;
  return `takes ${range}, ${given} given`;
}
