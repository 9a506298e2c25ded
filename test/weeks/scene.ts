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
  /** Counts what a person made, for its names. */
  byHand = 0;
  /** Homes that a person rolled back without Dendro. */
  readonly rolled = new Set<string>();

  constructor(computer: Computer, random: Random, say: (text: string) => void) {
    this.computer = computer;
    this.random = random;
    this.judge = new Judge(this, say);
  }
}
