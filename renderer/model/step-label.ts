import type { Run, RunStep } from '../../shared/model/run.ts';
import { t } from '../text/index.ts';

const STEPS = [
  'wait',
  'snapshot',
  'plan',
  'send',
  'receive',
  'check',
  'copy',
  'delete',
  'place',
  'nested',
  'default',
  'rollback',
  'read',
  'look',
  'export',
  'import',
  'compose',
  'index',
  'verify',
  'drill',
  'compare',
  'heal',
  'download',
] as const;

/** A step's name for people; one that is not known yet goes by its own. */
export function stepLabel(name: string): string {
  const known = STEPS.find((one) => one === name);
  return known ? t(`step.${known}`) : name;
}

/** How it stands with a step; one that the run may still come to is not one it never reached. */
export function stepState({ state }: RunStep, run: Pick<Run, 'state'>): string {
  const isAhead = state === 'waiting' && run.state === 'running';
  return t(isAhead ? 'stepState.ahead' : `stepState.${state}`);
}
