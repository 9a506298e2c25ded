import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandPages, type CommandPage } from '../../packaging/manual/command-pages.ts';
import {
  bashCompletion,
  fishCompletion,
  zshCompletion,
} from '../../packaging/manual/completions.ts';
import { manPages } from '../../packaging/manual/man-page.ts';
import { lacks } from './tools.ts';

let pages: CommandPage[];
let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  pages = await commandPages();
  folder = mkdtempSync(join(tmpdir(), 'dendro-manual-'));
  writeFileSync(at('bash'), bashCompletion(pages));
  writeFileSync(at('fish'), fishCompletion(pages));
  writeFileSync(at('zsh'), zshCompletion(pages));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the manual', () => {
  test.skipIf(lacks('mandoc'))('has nothing that mandoc warns of', () => {
    const files = [...manPages(pages, { version: '1.2.3', date: '2026-11-28' })];
    for (const [name, text] of files) writeFileSync(at(name), text);
    const names = files.map(([name]) => at(name));
    const lint = spawnSync('mandoc', ['-Tlint', '-Wwarning', ...names], { encoding: 'utf8' });
    expect(lint.stdout + lint.stderr).toBe('');
    expect(files).toHaveLength(pages.length + 1);
  });

  test.skipIf(lacks('mandoc'))('shows every option as it is typed', () => {
    const [, text] = [...manPages(pages, { version: '1.2.3', date: '2026-11-28' })].find(
      ([name]) => name === 'dendro-send.1',
    )!;
    const shown = execFileSync('mandoc', ['-Tascii'], { input: text, encoding: 'utf8' })
      .replaceAll(/.\x08/g, '')
      .replaceAll(/\s+/g, ' ');
    expect(shown).toContain('dendro send [OPTIONS] SNAPSHOT ...');
    const { options } = pages.find(({ name }) => name === 'send')!.command;
    for (const [long, { help }] of Object.entries(options)) {
      expect(shown).toContain(`${long.length > 1 ? '--' : '-'}${long}`);
      expect(shown).toContain(help);
    }
  });
});

/** The beginning of a command line, and what must be offered for its last word. */
const LINES: readonly (readonly [words: string[], offered: string[]])[] = [
  [['se'], ['send', 'serve', 'settings']],
  [
    ['archive', 'ver'],
    ['verify', 'versions'],
  ],
  [['plan', 'pre'], ['preview']],
  [['send', '--compr'], ['--compressed-data']],
  [['archive', 'export', '--part'], ['--part-size']],
  [['send', '-p', '/one', '--resu'], ['--resume-from']],
];

describe('completions', () => {
  test.each(LINES)('bash offers for %j', (words, offered) => {
    const script = `compopt() { :; }
      source "$1"; shift; COMP_WORDS=(dendro "$@"); COMP_CWORD=$#; _dendro
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const out = execFileSync('bash', ['-c', script, 'bash', at('bash'), ...words]);
    expect(lines(out).sort()).toEqual(offered);
  });

  test.skipIf(lacks('fish')).each(LINES)('fish offers for %j', (words, offered) => {
    const script = `source ${at('fish')}; complete -C "dendro ${words.join(' ')}"`;
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], { cwd: folder });
    expect(stderr.toString()).toBe('');
    expect(lines(stdout).map((line) => line.split('\t')[0])).toEqual(offered);
  });

  test.skipIf(lacks('zsh')).each(LINES)('zsh offers for %j', (words, offered) => {
    // What zsh's own functions would show: the entries that begin so.
    const script = `_describe() { print -l -- "\${(@P)2}" }
      _arguments() { print -l -- "$@" }
      file=$1; shift; words=(dendro "$@"); CURRENT=$#words; source $file`;
    const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', script, 'zsh', at('zsh'), ...words]);
    expect(stderr.toString()).toBe('');
    const entries = lines(stdout).map((line) => /^\*?([\w-]+)/.exec(line)?.[1] ?? '');
    expect(entries.filter((entry) => entry.startsWith(words.at(-1)!)).sort()).toEqual(offered);
  });
});

function lines(output: Buffer): string[] {
  return output.toString().split('\n').filter(Boolean);
}
