import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { isCommand, loadCommand, named } from '../../main/cli/commands.ts';
import { commandHelp } from '../../main/cli/help.ts';
import { parse } from '../../main/cli/options.ts';
import { parsePlanFile } from '../../main/plan/file/plan-file.ts';
import { PlanInput } from '../../shared/model/plan.ts';
import { commandPages } from '../../packaging/manual/command-pages.ts';
import { errorCodes } from '../../packaging/manual/error-codes.ts';
import { referencePages } from '../../packaging/manual/write-reference.ts';
import { top } from './built.ts';

const documents = [
  ...globSync('*.md', { cwd: top }),
  ...globSync('docs/**/*.md', { cwd: top }),
].sort();
const read = (path: string): string => readFileSync(join(top, path), 'utf8');

test.each(documents)('links in %s lead somewhere', (path) => {
  const text = withoutCode(read(path));
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  for (const target of targets) {
    if (/^https:\/\//.test(target)) continue;
    const [file = '', heading] = target.split('#');
    const linked = file === '' ? path : join(dirname(path), file);
    expect(existsSync(join(top, linked)), `${path}: ${target}`).toBe(true);
    if (heading !== undefined) expect(headings(read(linked)), target).toContain(heading);
  }
});

test('every command line in the documents is one that dendro takes', async () => {
  const lines = documents
    .filter((path) => path !== 'docs/reference/commands.md')
    .flatMap((path) => commandLines(read(path)).map((line) => [path, line] as const));
  expect(lines.length).toBeGreaterThan(60);
  for (const [path, line] of lines) {
    const [name, ...args] = named(words(line));
    expect(name !== undefined && isCommand(name), `${path}: dendro ${line}`).toBe(true);
    if (name === undefined || !isCommand(name)) continue;
    const command = await loadCommand(name);
    expect(() => parse(name, command, args), `${path}: dendro ${line}`).not.toThrow();
  }
});

test('the reference is what the sources say', async () => {
  for (const [name, text] of await referencePages()) {
    expect(read(`docs/reference/${name}`), `${name}: npm run reference`).toBe(text);
  }
});

test('the reference has every command, and every code that stands in the sources', async () => {
  const commands = read('docs/reference/commands.md');
  for (const { name } of await commandPages()) expect(commands).toContain(`## dendro ${name}\n`);
  const { untold } = errorCodes(top);
  expect(untold).toEqual([]);
  // Another way to find them than the one that made the page: by the text alone.
  const makers = /\b(?:corrupt|unsupported|denied|conflict|ioError|usage)\(\s*'([a-z0-9-]+)'/g;
  const errors = read('docs/reference/errors.md');
  for (const path of globSync('main/**/*.ts', { cwd: top })) {
    for (const [, code] of read(path).matchAll(makers)) {
      expect(errors, `${code} of ${path}`).toContain(`\`${code!}\``);
    }
  }
});

test('plan files in the documents are plan files, and the reference names every field', () => {
  let blocks = 0;
  for (const path of documents) {
    for (const [, format, text] of read(path).matchAll(/```(toml|yaml)\n([\s\S]*?)```/g)) {
      expect(parsePlanFile(text!, format as 'toml' | 'yaml', path).length).toBeGreaterThan(0);
      blocks += 1;
    }
  }
  expect(blocks).toBeGreaterThan(2);
  const told = read('docs/reference/plan-file.md');
  const schema = JSON.stringify(z.toJSONSchema(PlanInput, { io: 'input', unrepresentable: 'any' }));
  const fields = [...schema.matchAll(/"properties":\{|"([A-Za-z]+)":\{"/g)].flatMap(
    ([, name]) => name ?? [],
  );
  const ofSchemas = ['properties', 'items', 'not', 'propertyNames', 'additionalProperties'];
  for (const name of new Set(fields.filter((one) => !ofSchemas.includes(one)))) {
    expect(told, name).toContain(`\`${name}\``);
  }
});

test('the commands and options that hints of errors name are there', async () => {
  const pages = await commandPages();
  let seen = 0;
  for (const path of globSync(['main/**/*.ts', 'shared/**/*.ts'], { cwd: top })) {
    for (const [, hint] of read(path).matchAll(/hint:\s*(['`"][^;]*?['`"])[,\n]/g)) {
      const said = /dendro ([a-z]+(?: [a-z-]+)?)((?: --?[a-z-]+)*)/g;
      for (const [, words = '', options = ''] of hint!.matchAll(said)) {
        if (words.startsWith('as ')) continue;
        const page = pages.find(({ name }) => name === words || name === words.split(' ')[0]);
        expect(page, `${path}: dendro ${words}`).toBeDefined();
        for (const option of options.split(' ').filter((one) => one !== '')) {
          expect(commandHelp(page!.command), `${path}: dendro ${words} ${option}`).toContain(
            option,
          );
        }
        seen += 1;
      }
    }
  }
  expect(seen).toBeGreaterThan(30);
});

test('what the page on security names is there', () => {
  const text = read('docs/security.md');
  for (const [, path] of text.matchAll(/`((?:main|shared|test|packaging)\/[\w./-]+)`/g)) {
    expect(existsSync(join(top, path!)), path).toBe(true);
  }
  const tests = globSync('test/{app,packaging}/*.test.ts', { cwd: top }).map(read).join('\n');
  const table = text.slice(text.indexOf('checklist, point by point'));
  for (const [, name] of table.matchAll(/\| "([^"]+)"/g)) expect(tests).toContain(name!);
  // Point 15 of the checklist.
  for (const path of globSync('main/app/*.ts', { cwd: top })) {
    expect(read(path)).not.toMatch(/\bshell\b.*from 'electron'|openExternal/);
  }
});

function withoutCode(text: string): string {
  return text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '');
}

/** As GitHub makes anchors of headings. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** What stands behind `dendro` in code blocks, up to a pipe or a comment. */
function commandLines(text: string): string[] {
  const fenced = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!);
  const indented = text.split('\n').filter((line) => line.startsWith('    ./dendro '));
  return [...fenced.flatMap((block) => block.split('\n')), ...indented].flatMap((line) =>
    line
      .replace(/ +#.*$/, '')
      .split('|')
      .map((part) => /^(?:.* )?(?:\.\/)?dendro (.+)$/.exec(part.trim())?.[1])
      .filter((part) => part !== undefined),
  );
}

function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}
