/** Folders that have another path now, to say where something in them would be. */
export class FolderMoves {
  readonly #now = new Map<string, string>();

  add(from: string, to: string): void {
    this.#now.set(from, to);
  }

  /** The path that an old one has now, by the innermost folder above it that was moved. */
  pathNow(path: string): string {
    if (this.#now.size === 0) return path;
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      const to = this.#now.get(path.slice(0, cut));
      if (to !== undefined) return to + path.slice(cut);
    }
    return path;
  }
}
