import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface ErrorCode {
  readonly code: string;
  readonly kinds: readonly string[];
  /** Where it is made with a text of its own; what is put in is `…`. */
  readonly sentences: readonly string[];
}

/** Makers of shared/errors.ts, and which of their arguments are code and sentence. */
const MAKERS = new Map([
  ['corrupt', 'Corrupt'],
  ['unsupported', 'Unsupported'],
  ['denied', 'Denied'],
  ['conflict', 'Conflict'],
  ['ioError', 'Io'],
  ['usage', 'Usage'],
]);
const MOST_SENTENCES = 3;

/**
 * Every code that the sources can give an error: a literal, one of two, or what callers of the
 * function around it pass. `untold` are files with a code that cannot be told so.
 */
export function errorCodes(top: string): { codes: ErrorCode[]; untold: string[] } {
  const found = new Map<string, { kinds: Set<string>; sentences: Set<string> }>();
  const untold: string[] = [];
  const note = (kind: string, code: string, sentence: string | undefined): void => {
    const entry = found.get(code) ?? { kinds: new Set(), sentences: new Set() };
    entry.kinds.add(kind);
    if (sentence !== undefined) entry.sentences.add(sentence);
    found.set(code, entry);
  };
  for (const path of globSync(['main/**/*.ts', 'shared/**/*.ts'], { cwd: top })) {
    if (path === 'shared/errors.ts') continue;
    const text = readFileSync(join(top, path), 'utf8');
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true);
    for (const call of callsIn(source)) {
      const kind = MAKERS.get(nameOf(call));
      const [code, message] = call.arguments;
      if (kind === undefined || code === undefined || message === undefined) continue;
      const literals = literalsOf(code, source);
      for (const literal of literals) note(kind, literal, sentenceOf(message));
      if (literals.length === 0) untold.push(path);
    }
  }
  // Made in shared/errors.ts itself, of what the system says.
  note('Cancelled', 'cancelled', 'Cancelled.');
  note('Bug', 'bug', undefined);
  const ofSystem = 'A system call failed: ….';
  note('Io', 'target-full', ofSystem);
  note('Denied', 'permission-denied', ofSystem);
  note('Conflict', 'exists', ofSystem);
  note('Conflict', 'not-found', ofSystem);
  note('Io', 'io-error', ofSystem);
  const codes = [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { kinds, sentences }]) => ({
      code,
      kinds: [...kinds].sort(),
      sentences: [...sentences].sort().slice(0, MOST_SENTENCES),
    }));
  return { codes, untold: untold.sort() };
}

function callsIn(source: ts.SourceFile): ts.CallExpression[] {
  const calls: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) calls.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return calls;
}

/** 'damaged' of `damaged(…)`, '#damaged' of `this.#damaged(…)`. */
function nameOf({ expression }: ts.CallExpression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : '';
}

function literalsOf(node: ts.Expression, source: ts.SourceFile): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) {
    return [node.whenTrue, node.whenFalse].flatMap((one) => literalsOf(one, source));
  }
  if (!ts.isIdentifier(node)) return [];
  const around = ts.findAncestor(node, ts.isFunctionLike);
  const name = around?.name?.getText(source);
  const index = around?.parameters.findIndex((one) => one.name.getText(source) === node.text) ?? -1;
  if (name === undefined || index < 0) return [];
  return callsIn(source)
    .filter((call) => nameOf(call) === name && call.arguments[index] !== undefined)
    .flatMap((call) => literalsOf(call.arguments[index]!, source));
}

/** The text of a literal or template; undefined for one that is put together elsewhere. */
function sentenceOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return tidy(node.text);
  if (!ts.isTemplateExpression(node)) return undefined;
  const spans = node.templateSpans.map(({ literal }) => literal.text);
  return tidy([node.head.text, ...spans].join('…'));
}

/** One line, without what a table would take for markup. */
function tidy(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('<', '&lt;')
    .replaceAll(/[*_]/g, (letter) => `\\${letter}`)
    .trim();
}
