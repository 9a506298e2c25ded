import { EventEmitter } from 'node:events';
import { readElectronSurface } from './electron-surface.ts';

export const calls: { readonly what: string; readonly args: readonly unknown[] }[] = [];

const surfaceOf = readElectronSurface();
export const called = (what: string, ...args: unknown[]): void => void calls.push({ what, args });

/** Everything that was passed to a method, call by call. */
export function argsOf(what: string): (readonly unknown[])[] {
  return calls.filter((call) => call.what === what).map(({ args }) => args);
}

/** Of the events that electron.d.ts names for the class. */
export class Emitter extends EventEmitter {
  readonly #events: ReadonlySet<string>;
  constructor(name: string) {
    super();
    this.#events = surfaceOf(name).events;
  }
  override on(event: string, listener: (...args: never[]) => void): this {
    this.#check(event);
    return super.on(event, listener as never);
  }
  override once(event: string, listener: (...args: never[]) => void): this {
    this.#check(event);
    return super.once(event, listener as never);
  }
  #check(event: string): void {
    if (!this.#events.has(event)) throw new Error(`Electron has no event '${event}' here`);
  }
}

/** An object whose members are checked against a class of electron.d.ts. */
export function guarded<T extends object>(name: string, target: T): T {
  const { members } = surfaceOf(name);
  return new Proxy(target, {
    get(object, key) {
      if (typeof key === 'string' && !members.has(key)) throw new Error(`${name} has no ${key}`);
      if (typeof key === 'string' && !(key in object))
        throw new Error(`no stand-in: ${name}.${key}`);
      const value = Reflect.get(object, key) as unknown;
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
}

export function checkOptions(name: string, options: object): void {
  const { members } = surfaceOf(name);
  for (const key of Object.keys(options)) {
    if (!members.has(key)) throw new Error(`${name} has no option ${key}`);
  }
}
