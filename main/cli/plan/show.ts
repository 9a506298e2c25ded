import { PlanDraft } from '../../../shared/model/plan.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson } from '../output.ts';
import type { PlanOptions } from '../plan.ts';
import { withService } from '../with-service.ts';
import { EXAMPLE } from './example.ts';
import { findPlan } from './find.ts';
import { print } from '../print.ts';

export async function showPlans({ json, yaml }: PlanOptions, name?: string): Promise<number> {
  return withService(async (client) => {
    const plans =
      name === undefined ? await client.call('plans.list', {}) : [await findPlan(client, name)];
    if (json) printJson(name === undefined ? plans : plans[0]);
    else {
      const format = yaml ? 'yaml' : 'toml';
      const drafts = plans.map((plan) => PlanDraft.parse(plan));
      const { text } = await client.call('plans.export', { plans: drafts, format });
      print(text);
      if (plans.length === 0) print(commented(EXAMPLE[format]));
    }
    return EXIT.ok;
  });
}

/** What is written into a file stays a file of no plans. */
function commented(example: string): string {
  const lines = [
    '',
    'There is no plan yet. One may look like this:',
    '',
    ...example.trimEnd().split('\n'),
  ];
  return lines.map((line) => `# ${line}`.trimEnd() + '\n').join('');
}
