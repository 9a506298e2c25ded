import type { PlanDraft } from '../../shared/model/plan.ts';
import type { Random } from '../harness/random.ts';
import type { Computer, Home } from './computer.ts';
import { Judge } from './judge.ts';

export interface PlanHere {
  readonly planId: string;
  draft: PlanDraft;
  readonly homes: readonly Home[];
}

/** A computer, what it is to do, and who looks at what comes of it. */
export class Scene {
  readonly computer: Computer;
  readonly random: Random;
  readonly judge: Judge;
  plans: PlanHere[] = [];
  /** What every plan leaves out. */
  excludes: readonly string[] = [];
  /** Counts what a person made, for its names. */
  byHand = 0;
  /** Homes that Dendro has rolled back: the name of what was put aside tells it. */
  readonly rolledBack = new Set<string>();
  /** Homes of which nothing but the history tells what took whose place. */
  readonly untold = new Set<string>();

  constructor(computer: Computer, random: Random, say: (text: string) => void) {
    this.computer = computer;
    this.random = random;
    this.judge = new Judge(this, say);
  }
}
