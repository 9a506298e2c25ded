/**
 * Attributes by name, a character a byte. Which of them were set or removed is told, so that of
 * thousands not all have to be written down with each that changes.
 */
export class Attributes extends Map<string, Buffer> {
  #due = new Set<string>();

  constructor(pairs: Iterable<readonly [string, Buffer]> = []) {
    super();
    for (const [name, value] of pairs) super.set(name, value);
  }

  override set(name: string, value: Buffer): this {
    this.#due.add(name);
    return super.set(name, value);
  }

  override delete(name: string): boolean {
    const wasThere = super.delete(name);
    if (wasThere) this.#due.add(name);
    return wasThere;
  }

  /** Names that were set or removed since this was asked. */
  takeDue(): readonly string[] {
    if (this.#due.size === 0) return [];
    const due = [...this.#due];
    this.#due.clear();
    return due;
  }
}
