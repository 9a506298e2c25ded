import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { callsIn, literalsOf, nameOf } from '../../packaging/manual/error-codes.ts';

/** A value of a sentence that is, or may be, English words of ours. */
export interface EnglishValue {
  readonly code: string;
  readonly name: string;
  readonly words: string;
}

const MAKERS = ['noted', 'corrupt', 'unsupported', 'denied', 'conflict', 'ioError', 'usage'];
/** Values whose words are the same in all languages, or no words. */
const NO_WORDS = ['counted', 'noted', 'noteOfError'];
const MOST_STEPS = 5;

/**
 * Values that are English where they are made: a literal of words, a sentence without a code.
 * They would stand in the middle of a sentence of another language. What comes from another file
 * is not seen.
 */
export function englishValues(top: string): EnglishValue[] {
  return globSync(['main/**/*.ts', 'shared/**/*.ts'], { cwd: top }).flatMap((path) => {
    const text = readFileSync(join(top, path), 'utf8');
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true);
    return callsIn(source).flatMap((call) => valuesOf(call, source));
  });
}

function valuesOf(call: ts.CallExpression, source: ts.SourceFile): EnglishValue[] {
  const [code, message] = call.arguments;
  if (!MAKERS.includes(nameOf(call)) || code === undefined || message === undefined) return [];
  const around = ts.isIdentifier(message) ? ts.findAncestor(call, ts.isFunctionLike) : undefined;
  const found = fillingsBelow(around ?? call).flatMap((property) => {
    const name = property.name!.getText(source);
    const value = ts.isPropertyAssignment(property) ? property.initializer : property.name!;
    return englishOf(value, source, MOST_STEPS).map((words) => ({ name, words }));
  });
  return literalsOf(code, source).flatMap((one) => found.map((rest) => ({ code: one, ...rest })));
}

/** `{ why }` of say`… ${{ why }}`, wherever below. */
function fillingsBelow(node: ts.Node): ts.ObjectLiteralElementLike[] {
  const found: ts.ObjectLiteralElementLike[] = [];
  const visit = (below: ts.Node): void => {
    if (ts.isTemplateSpan(below) && ts.isObjectLiteralExpression(below.expression))
      found.push(...below.expression.properties);
    ts.forEachChild(below, visit);
  };
  visit(node);
  return found;
}

/** The English that an expression can come to, followed through names and calls of its file. */
function englishOf(node: ts.Node, source: ts.SourceFile, steps: number): string[] {
  const below = (one: ts.Node): string[] => englishOf(one, source, steps - 1);
  if (steps === 0) return [];
  if (ts.isTaggedTemplateExpression(node)) return [node.getText(source)];
  // `age -d` is a command.
  if (ts.isStringLiteralLike(node))
    return /[a-z]{2,} [a-z]/i.test(node.text) && !node.text.includes(' -') ? [node.text] : [];
  if (ts.isTemplateExpression(node)) {
    const words = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
    return words.some((one) => /[a-z]{2,}/i.test(one)) ? [words.join('…')] : [];
  }
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].flatMap(below);
  if (ts.isBinaryExpression(node)) return [node.left, node.right].flatMap(below);
  if (ts.isIdentifier(node)) return namedBy(node, source).flatMap(below);
  if (ts.isCallExpression(node)) {
    if (NO_WORDS.includes(nameOf(node))) return [];
    return returnsOf(nameOf(node), source).flatMap(below);
  }
  return [];
}

/** What a name stands for: its variable, or what callers of its function pass. */
function namedBy(node: ts.Identifier, source: ts.SourceFile): ts.Node[] {
  for (let at = ts.findAncestor(node, ts.isFunctionLike); at;) {
    const own = variablesIn(at).find(({ name }) => name.getText(source) === node.text);
    if (own?.initializer) return [own.initializer];
    const index = at.parameters.findIndex((one) => one.name.getText(source) === node.text);
    const name = at.name?.getText(source);
    if (index >= 0) {
      return callsIn(source)
        .filter((call) => nameOf(call) === name)
        .flatMap((call) => call.arguments[index] ?? []);
    }
    at = ts.findAncestor(at.parent, ts.isFunctionLike);
  }
  return [];
}

function variablesIn(node: ts.Node): ts.VariableDeclaration[] {
  const found: ts.VariableDeclaration[] = [];
  const visit = (below: ts.Node): void => {
    if (ts.isVariableDeclaration(below)) found.push(below);
    ts.forEachChild(below, visit);
  };
  visit(node);
  return found;
}

function returnsOf(name: string, source: ts.SourceFile): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (below: ts.Node): void => {
    if (ts.isReturnStatement(below) && below.expression) found.push(below.expression);
    ts.forEachChild(below, visit);
  };
  for (const one of source.statements)
    if (ts.isFunctionDeclaration(one) && one.name?.text === name) visit(one);
  return found;
}
