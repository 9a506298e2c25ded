import type { Bytes } from './command-sink.ts';
import type { Key, Link } from './namespace.ts';

/** From so many links on, a link is looked for in a table. */
export const MANY_LINKS = 16;

/** Many links of one inode, in their order: one is found, or goes, at once. */
export class WideLinks {
  readonly #links: Map<string, Link>;
  #list: readonly Link[] | undefined;

  constructor(links: readonly Link[]) {
    this.#links = new Map(links.map((link) => [linkText(link.parent, link.name), link]));
    this.#list = links;
  }

  get count(): number {
    return this.#links.size;
  }

  get first(): Link | undefined {
    return this.#links.values().next().value;
  }

  get all(): readonly Link[] {
    return (this.#list ??= [...this.#links.values()]);
  }

  has(parent: Key, name: Bytes): boolean {
    return this.#links.has(linkText(parent, name));
  }

  remove({ parent, name }: Link): void {
    this.#links.delete(linkText(parent, name));
    this.#list = undefined;
  }
}

/** Names are not UTF-8 always: each byte is a letter. */
function linkText(parent: Key, name: Bytes): string {
  return `${parent}/${Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1')}`;
}
