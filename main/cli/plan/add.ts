import { readFileSync } from 'node:fs';
import { usage } from '../../../shared/errors.ts';
import { counted, say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import { formatOf, parsePlanFile, type FileFormat } from '../../plan/file/plan-file.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines } from '../output.ts';
import type { PlanOptions } from '../plan.ts';
import { withService } from '../with-service.ts';

interface Given {
  readonly text: string;
  readonly format: FileFormat;
  readonly name: string;
}

export async function addPlans(options: PlanOptions, file: string): Promise<number> {
  const { json } = options;
  const given = read(options, file);
  // Mistakes are told before a service is asked for.
  parsePlanFile(given.text, given.format, given.name);
  const plans = await withService((client) => client.call('plans.import', given));
  if (json) printJson(plans);
  else printLines(plans.map(({ planId, name }) => `${planId.slice(0, 8)}  ${name}`));
  return EXIT.ok;
}

export function checkPlanFile(options: PlanOptions, file: string): number {
  const { text, format, name } = read(options, file);
  const plans = parsePlanFile(text, format, name);
  if (options.json) printJson(plans);
  else printLines([`${plans.length} ${counted(plans.length, 'plan', 'plans')}, no mistake`]);
  return EXIT.ok;
}

export function read({ yaml }: PlanOptions, file: string): Given {
  const text = textOf(file);
  const format = yaml ? 'yaml' : formatOf(file);
  return { text, format, name: file === '-' ? 'standard input' : file };
}

/** @throws Usage 'plan-file-unreadable' */
function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : Buffer.from(bytesFromText(file)), 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
    throw usage('plan-file-unreadable', say`The file "${{ file: printable(file) }}" ${{ why }}.`, {
      hint: 'Name a plan file, or - for standard input. "dendro plan show" prints an example.',
      place: { path: printable(file) },
      cause,
    });
  }
}
