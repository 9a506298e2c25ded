import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { callsIn, literalsOf, nameOf, namesBelow } from '../../packaging/manual/error-codes.ts';

export interface NoteCode {
  readonly code: string;
  /** Names of the values that some place may give. */
  readonly values: ReadonlySet<string>;
  /** English sentences with nothing put in. */
  readonly bare: readonly string[];
}

/** Every code of a note or of a step's word that the sources make, see `noted`. */
export function noteCodes(top: string): { codes: NoteCode[]; untold: string[] } {
  const found = new Map<string, { values: Set<string>; bare: string[] }>();
  const untold: string[] = [];
  for (const path of globSync(['main/**/*.ts', 'shared/**/*.ts'], { cwd: top })) {
    const text = readFileSync(join(top, path), 'utf8');
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true);
    for (const call of callsIn(source)) {
      const [code, said] = call.arguments;
      if (nameOf(call) !== 'noted' || code === undefined || said === undefined) continue;
      const codes = literalsOf(code, source);
      if (codes.length === 0) untold.push(path);
      const around = ts.findAncestor(call, ts.isFunctionLike) ?? source;
      for (const one of codes) {
        const entry = found.get(one) ?? { values: new Set(), bare: [] };
        for (const name of [...namesBelow(around, source), ...namedValues(around, source)])
          entry.values.add(name);
        if (ts.isStringLiteral(said)) entry.bare.push(said.text);
        found.set(one, entry);
      }
    }
  }
  return { codes: [...found].map(([code, rest]) => ({ code, ...rest })), untold };
}

/** `count` of `const files = { count: 3 }`, which a sentence may be given by its name. */
function namedValues(node: ts.Node, source: ts.SourceFile): string[] {
  const names: string[] = [];
  const visit = (below: ts.Node): void => {
    if (ts.isVariableDeclaration(below) && below.initializer) {
      const { initializer } = below;
      if (ts.isObjectLiteralExpression(initializer) && initializer.properties.length === 1)
        names.push(initializer.properties[0]!.name?.getText(source) ?? '');
    }
    ts.forEachChild(below, visit);
  };
  visit(node);
  return names;
}

/** Every step that a run of the sources has: `steps: ['plan', 'copy']`, `step: 'import'`. */
export function stepNames(top: string): string[] {
  const names = new Set<string>();
  for (const path of globSync(['main/{cli,runs,service}/**/*.ts'], { cwd: top })) {
    const text = readFileSync(join(top, path), 'utf8');
    const lists = [...text.matchAll(/\bsteps: \[([^\]]*)\]|\bstep: ('[a-z]+')|WAIT = ('[a-z]+')/g)];
    for (const [whole] of lists)
      for (const [, name] of whole.matchAll(/'([a-z]+)'/g)) names.add(name!);
  }
  return [...names];
}
