import type { ArchiveTree } from '../../archive/tree/tree.ts';
import { emptyLog, type CatalogueDb } from '../database.ts';
import { Intake } from '../intake.ts';
import { Lines } from '../lines.ts';
import { endUntold, type Taken } from '../update.ts';
import type { ArchivedPoint } from './take-archived.ts';
import { InodeNumbers, statesOf } from './tree-states.ts';
import { Touched } from './touched.ts';

/** Takes the points of one chain in, as its tree grows from one to the next. */
export class ArchivedIntake {
  readonly #db: CatalogueDb;
  readonly #check: () => void;
  readonly #numbers = new InodeNumbers();
  /** From the newest point of the line on; undefined as long as the tree has not come there. */
  #touched: Touched | undefined;

  constructor(db: CatalogueDb, check: () => void) {
    this.#db = db;
    this.#check = check;
  }

  /** @returns undefined for a point that is only passed by */
  take(point: ArchivedPoint, tree: ArchiveTree): Taken | undefined {
    const lines = new Lines(this.#db);
    const { line, newestSeq, newestMs, newestPointId } = lines.lineOf(point);
    if (newestPointId === point.pointId) {
      this.#touched = new Touched(tree);
      return undefined;
    }
    const { pointId, takenAtMs } = point;
    if (lines.has(pointId) || (newestSeq > 0 && takenAtMs <= newestMs)) return undefined;
    const seq = newestSeq + 1;
    emptyLog(this.#db);
    const taken = this.#db.transaction((): Taken => {
      this.#db.prepare('INSERT INTO points VALUES (?, ?, ?, ?)').run(line, seq, pointId, takenAtMs);
      const intake = new Intake(this.#db, line, seq);
      if (this.#touched !== undefined) {
        return { pointId, outcome: 'changes', inodes: this.#changes(tree, intake) };
      }
      const states = statesOf(tree, this.#numbers, this.#check);
      for (const state of states) {
        if (newestSeq === 0) intake.addNew(state);
        else intake.set(state.inode, state);
      }
      if (newestSeq > 0)
        endUntold(this.#db, line, new Set(states.map(({ inode }) => inode)), intake);
      return { pointId, outcome: 'all', inodes: states.length };
    })();
    this.#touched ??= new Touched(tree);
    return taken;
  }

  #changes(tree: ArchiveTree, intake: Intake): number {
    const touched = this.#touched!.take();
    const states = statesOf(tree, this.#numbers, this.#check, touched);
    const told = new Set(states.map(({ inode }) => inode));
    for (const id of touched) {
      const isTop = id === tree.top.id;
      const number = this.#numbers.of(tree.inode(id), isTop);
      // Of a removed inode the number may have come again.
      if (!told.has(number) && !isTop) intake.set(number, undefined);
    }
    for (const state of states) intake.set(state.inode, state);
    return touched.size;
  }
}
