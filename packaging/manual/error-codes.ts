import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface ErrorCode {
  readonly code: string;
  readonly kinds: readonly string[];
  /** Where it is made with a text of its own; what is put in is `…`. */
  readonly sentences: readonly string[];
  /** What it says can be done. */
  readonly hints: readonly string[];
  /** For each place that makes it, the names of the values in message and hint. */
  readonly values: readonly (readonly string[])[];
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
const MOST_HINTS = 2;

/**
 * Every code that the sources can give an error: a literal, one of two, or what callers of the
 * function around it pass. `untold` are files with a code that cannot be told so.
 */
export function errorCodes(top: string): { codes: ErrorCode[]; untold: string[] } {
  const found = new Map<string, Found>();
  const untold: string[] = [];
  const note = (
    kind: string,
    code: string,
    message?: string,
    values: string[] = [],
    hints: string[] = [],
  ): void => {
    const entry = found.get(code) ?? newFound();
    entry.kinds.add(kind);
    for (const hint of hints) entry.hints.add(hint);
    if (message !== undefined) entry.sentences.add(message);
    entry.values.push(values);
    found.set(code, entry);
  };
  for (const path of globSync(['main/**/*.ts', 'shared/**/*.ts'], { cwd: top })) {
    if (path === 'shared/errors.ts') continue;
    const text = readFileSync(join(top, path), 'utf8');
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true);
    for (const [kind, code, hint] of ofSystemCalls(source))
      note(kind, code, undefined, ['what', 'errno'], hint);
    for (const call of callsIn(source)) {
      const kind = MAKERS.get(nameOf(call));
      const [code, message] = call.arguments;
      if (kind === undefined || code === undefined || message === undefined) continue;
      const literals = literalsOf(code, source);
      for (const literal of literals)
        note(
          kind,
          literal,
          sentenceOf(message),
          namesIn(call, message, source),
          hintsIn(call, source),
        );
      if (literals.length === 0) untold.push(path);
    }
  }
  // Made in shared/errors.ts itself, of what the system says.
  note('Cancelled', 'cancelled', 'Cancelled.');
  note('Bug', 'bug');
  // Made of others: of a read that fails, of a target's, and of a run that nobody ended.
  note('Io', 'source-unreadable');
  note('Conflict', 'target-unreadable');
  note('Io', 'run-interrupted');
  const ofSystem = 'A system call failed: ….';
  note('Io', 'target-full', ofSystem, ['reason']);
  note('Denied', 'permission-denied', ofSystem, ['reason']);
  note('Conflict', 'exists', ofSystem, ['reason']);
  note('Conflict', 'not-found', ofSystem, ['reason']);
  note('Io', 'io-error', ofSystem, ['reason']);
  const codes = [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { kinds, sentences, hints, values }]) => ({
      code,
      values,
      kinds: [...kinds].sort(),
      sentences: [...sentences].sort().slice(0, MOST_SENTENCES),
      hints: [...hints].sort().slice(0, MOST_HINTS),
    }));
  return { codes, untold: untold.sort() };
}

interface Found {
  readonly kinds: Set<string>;
  readonly sentences: Set<string>;
  readonly hints: Set<string>;
  readonly values: string[][];
}

function newFound(): Found {
  return { kinds: new Set(), sentences: new Set(), hints: new Set(), values: [] };
}

/** The `hint` that a call gives: a text, one of two, or a constant of the same file. */
function hintsIn(call: ts.CallExpression, source: ts.SourceFile): string[] {
  const [, , options] = call.arguments;
  if (options === undefined || !ts.isObjectLiteralExpression(options)) return [];
  for (const property of options.properties) {
    if (property.name?.getText(source) !== 'hint') continue;
    if (ts.isShorthandPropertyAssignment(property)) return textsOf(property.name, source);
    if (ts.isPropertyAssignment(property)) return textsOf(property.initializer, source);
  }
  return [];
}

function textsOf(node: ts.Expression, source: ts.SourceFile): string[] {
  if (ts.isConditionalExpression(node)) {
    return [node.whenTrue, node.whenFalse].flatMap((one) => textsOf(one, source));
  }
  if (!ts.isIdentifier(node)) return [sentenceOf(node) || []].flat();
  const constants: string[] = [];
  const visit = (below: ts.Node): void => {
    if (ts.isVariableDeclaration(below) && below.name.getText(source) === node.text)
      if (below.initializer) constants.push(...textsOf(below.initializer, source));
    ts.forEachChild(below, visit);
  };
  visit(source);
  return constants;
}

/** `path` and `code` of say`"${{ path }}": ${{ code: errno }}.`, wherever in the call. */
function namesIn(call: ts.CallExpression, message: ts.Expression, source: ts.SourceFile): string[] {
  // A message that stands in a variable is made in the same function.
  const around = ts.isIdentifier(message) ? ts.findAncestor(call, ts.isFunctionLike) : undefined;
  return namesBelow(around ?? call, source);
}

export function namesBelow(node: ts.Node, source: ts.SourceFile): string[] {
  const names = new Set<string>();
  const visit = (below: ts.Node): void => {
    if (ts.isTemplateSpan(below) && ts.isObjectLiteralExpression(below.expression)) {
      for (const { name } of below.expression.properties) if (name) names.add(name.getText(source));
    }
    ts.forEachChild(below, visit);
  };
  visit(node);
  return [...names];
}

/** The table of errno(3) in main/linux: rows of maker, code and hint. */
function ofSystemCalls(source: ts.SourceFile): [kind: string, code: string, hint: string[]][] {
  const found: [string, string, string[]][] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isArrayLiteralExpression(node)) {
      const [maker, code, hint] = node.elements;
      const kind = maker && ts.isIdentifier(maker) ? MAKERS.get(maker.text) : undefined;
      if (kind !== undefined && code && ts.isStringLiteral(code))
        found.push([kind, code.text, hint ? textsOf(hint, source) : []]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

export function callsIn(source: ts.SourceFile): ts.CallExpression[] {
  const calls: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) calls.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return calls;
}

/** 'damaged' of `damaged(…)`, '#damaged' of `this.#damaged(…)`. */
export function nameOf({ expression }: ts.CallExpression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : '';
}

export function literalsOf(node: ts.Expression, source: ts.SourceFile): string[] {
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
  if (ts.isTaggedTemplateExpression(node)) return sentenceOf(node.template);
  if (ts.isStringLiteralLike(node)) return tidy(node.text);
  if (!ts.isTemplateExpression(node)) return undefined;
  const spans = node.templateSpans.map(
    ({ expression, literal }) => shownOf(expression) + literal.text,
  );
  const sentence = tidy([node.head.text, ...spans].join(''));
  // What another program says is no sentence of ours.
  return sentence === '…' || sentence === '' ? undefined : sentence;
}

/** `files are` of counted(count, 'file is', 'files are'); … for what is not known before. */
function shownOf(node: ts.Expression): string {
  if (!ts.isCallExpression(node) || nameOf(node) !== 'counted') return '…';
  const [, , other] = node.arguments;
  return other !== undefined && ts.isStringLiteral(other) ? other.text : '…';
}

/** One line, without what a table would take for markup. */
function tidy(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('<', '&lt;')
    .replaceAll(/[*_]/g, (letter) => `\\${letter}`)
    .trim();
}
