import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import ts from 'typescript';

/** What electron.d.ts says of one class or interface, with what it inherits. */
export interface Surface {
  readonly members: ReadonlySet<string>;
  /** Names that `on` and its like take; empty where it has no events. */
  readonly events: ReadonlySet<string>;
}

const LISTENING = new Set(['on', 'once', 'off', 'addListener', 'removeListener']);
/** Of Node's EventEmitter, which electron.d.ts extends and does not repeat. */
const EMITTER = ['on', 'once', 'off', 'addListener', 'removeListener', 'removeAllListeners'];

type Declaration = ts.ClassDeclaration | ts.InterfaceDeclaration;

/** Reads the types that came with the installed Electron: its surface, as its makers record it. */
export function readElectronSurface(): (name: string) => Surface {
  const file = createRequire(import.meta.url).resolve('electron/electron.d.ts');
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2024);
  const declared = new Map<string, Declaration[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) {
      const name = node.name!.text;
      declared.set(name, [...(declared.get(name) ?? []), node]);
    } else ts.forEachChild(node, visit);
  };
  visit(source);
  const surfaceOf = (name: string): Surface => {
    const found = declared.get(name) ?? [];
    const members = new Set<string>();
    const events = new Set<string>();
    for (const node of found) {
      for (const member of node.members) note(member, members, events);
      for (const parent of parentsOf(node)) {
        if (parent.endsWith('EventEmitter')) EMITTER.forEach((one) => members.add(one));
        // Namespaces of processes say again what there is: class Tray extends Electron.Tray.
        if (parent === name || !declared.has(parent)) continue;
        const inherited = surfaceOf(parent);
        inherited.members.forEach((one) => members.add(one));
        inherited.events.forEach((one) => events.add(one));
      }
    }
    if (found.length === 0) throw new Error(`electron.d.ts has no ${name}`);
    return { members, events };
  };
  return surfaceOf;
}

function note(member: ts.ClassElement | ts.TypeElement, members: Set<string>, events: Set<string>) {
  if (member.name === undefined || !('text' in member.name)) return;
  const name = String(member.name.text);
  members.add(name);
  if (!LISTENING.has(name) || !('parameters' in member)) return;
  const type = (member as ts.MethodSignature).parameters[0]?.type;
  if (type && ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) {
    events.add(type.literal.text);
  }
}

function parentsOf(node: Declaration): string[] {
  const types = node.heritageClauses?.flatMap((clause) => [...clause.types]) ?? [];
  return types.map(({ expression }) =>
    ts.isIdentifier(expression)
      ? expression.text
      : ts.isPropertyAccessExpression(expression)
        ? expression.name.text
        : '',
  );
}
