import { conflict, DendroError, toErrorData, usage, type ErrorData } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { printable } from '../../shared/model/bytes-text.ts';
import { LOG_WAITING, takeNotedDamages, takeWaitingLogs } from '../engine/damage-log.ts';
import { hangupsIgnored, ignoreHangups } from '../linux/hangups.ts';
import { argumentTexts } from './argument-bytes.ts';
import { COMMANDS, commandsUnder, isCommand, loadCommand, named } from './commands.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { didYouMean, nearest } from './nearest.ts';
import { parse } from './options.ts';
import { print } from './print.ts';
import { stderr } from '../linux/stderr.ts';

// Not `process.stdout.on('error')`: whoever touches process.stdout makes a pipe there one that does
// not block, and a stream that is written past it would have to wait in sleeps.
process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.readerGone);
  report(error);
  process.exit(exitCodeOf(toErrorData(error).kind));
});

if (hangupsIgnored()) ignoreHangups();

/** Errors are then told in a form for programs, too. */
let isJson = false;
process.exitCode = await main(argumentTexts(process.argv.slice(2)));

async function main(words: string[]): Promise<number> {
  const [name, ...args] = named(commandFirst(words));
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      return await printHelp(named(args)[0]);
    }
    // `btrfs version` is what other fingers know.
    if (['--version', '-V', 'version'].includes(name)) return await printVersion();
    const isGroup = commandsUnder(name).length > 0;
    if (isGroup && (args.length === 0 || has(args, '--help'))) return await printHelp(name);
    if (!isCommand(name)) throw unknownCommand(isGroup ? `${name} ${args[0]}` : name, args);
    const command = await loadCommand(name);
    if (has(args, '--help')) return await printHelp(name);
    isJson = 'json' in command.options && has(args, '--json');
    const code = await command.run(parse(name, command, args));
    await reportNoticed();
    return code;
  } catch (cause) {
    await reportNoticed();
    const { typedFs } = await import('../linux/libc-error.ts');
    const error = orFolderGone(typedFs(cause));
    const isDropIn = name === 'send' || name === 'receive';
    // As `ls | head` ends: whoever stopped reading has what it wanted.
    if (!isDropIn && isReaderGone(error)) return EXIT.readerGone;
    report(error);
    return isDropIn ? EXIT.no : exitCodeOf(toErrorData(error).kind);
  }
}

/** btrfs-progs takes these before the command, too, and wants them there by now. */
function commandFirst(words: readonly string[]): string[] {
  const count = words.findIndex((word) => !/^(-[qv]+|--quiet|--verbose)$/.test(word));
  const isDropIn = words[count] === 'send' || words[count] === 'receive';
  if (!isDropIn || count < 1) return [...words];
  return [words[count]!, ...words.slice(0, count), ...words.slice(count + 1)];
}

function has(args: readonly string[], option: string): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? undefined : end).includes(option);
}

async function printHelp(name: string | undefined): Promise<number> {
  const { commandHelp, groupHelp, overview } = await import('./help.ts');
  if (name !== undefined && commandsUnder(name).length > 0) {
    print(await groupHelp(name));
    return EXIT.ok;
  }
  if (name !== undefined && !isCommand(name)) throw unknownCommand(name);
  const text = name === undefined ? await overview() : commandHelp(await loadCommand(name));
  print(text);
  return EXIT.ok;
}

async function printVersion(): Promise<number> {
  const { readVersion } = await import('./version.ts');
  print(`dendro ${readVersion()}\n`);
  return EXIT.ok;
}

/** Threads cannot be started in a folder that has been removed, nor can paths be made absolute. */
function orFolderGone(error: unknown): unknown {
  const { kind, code, message } = toErrorData(error);
  if (kind !== 'Bug' && code !== 'engine-ended' && !/uv_cwd|realpath/.test(message)) return error;
  try {
    process.cwd();
    return error;
  } catch (cause) {
    return conflict('current-folder-gone', 'The current folder is not there any more.', {
      hint: 'Change to another one: cd /',
      cause,
    });
  }
}

function isReaderGone(error: unknown): boolean {
  return error instanceof DendroError && error.code === 'output-closed';
}

/** What was bad and had a good copy, and what was not seen: the command did its work all the same. */
async function reportNoticed(): Promise<void> {
  for (const device of takeWaitingLogs()) {
    stderr.write(`${printable(device)}: ${LOG_WAITING}\n`);
  }
  const damages = takeNotedDamages();
  if (damages.length === 0) return;
  const { damageLine } = await import('./damage-line.ts');
  for (const damage of damages) stderr.write(`healed: ${damageLine(damage)}\n`);
}

/** On stderr, as btrfs-progs has it; the code small at the end. With --json one line of it. */
function report(error: unknown): void {
  const data = toErrorData(error);
  stderr.write(isJson ? jsonLine(data) : linesOf(data));
  const isDefect = data.kind === 'Bug' || process.env['DENDRO_TRACE'] === '1';
  if (isDefect && error instanceof Error) stderr.write(`${error.stack ?? ''}\n`);
  if (isDefect && error instanceof DendroError && error.cause) console.error(error.cause);
}

function linesOf(data: ErrorData): string {
  const lines = [`ERROR: ${data.message}`, ...placeLine(data)];
  if (data.hint !== '') lines.push(`  ${data.hint}`);
  lines.push(`  (${data.kind}, ${data.code})`);
  return `${lines.join('\n')}\n`;
}

function jsonLine({ kind, code, message, hint, place }: ErrorData): string {
  return `${JSON.stringify({ error: { kind, code, message, hint, place } })}\n`;
}

function placeLine({ place, message }: ErrorData): string[] {
  const parts = Object.entries(place)
    .filter(([, value]) => !message.includes(String(value)))
    .map(([name, value]) => `${name} ${value}`);
  return parts.length === 0 ? [] : [`  at ${parts.join(', ')}`];
}

function unknownCommand(name: string, [second]: readonly string[] = []): DendroError {
  const names = Object.keys(COMMANDS);
  // The first word of a command of two may be the mistyped one.
  const both = second === undefined ? undefined : nearest(`${name} ${second}`, names);
  const all = [...names, ...new Set(names.map((one) => one.split(' ')[0]!))];
  return usage('unknown-command', say`There is no command "${{ name }}".`, {
    hint: didYouMean(both ?? name, all, { before: 'dendro ', otherwise: 'See: dendro --help' }),
  });
}
