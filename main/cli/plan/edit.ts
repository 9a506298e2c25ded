import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../../../shared/contract/client.ts';
import { conflict, ioError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { PlanDraft, type Plan } from '../../../shared/model/plan.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson } from '../output.ts';
import type { PlanOptions } from '../plan.ts';
import { withService } from '../with-service.ts';
import { read } from './add.ts';
import { findPlan } from './find.ts';
import { stderr } from '../../linux/stderr.ts';

/** Takes the plan over from a file, or from what the person writes in an editor. */
export async function editPlan(
  options: PlanOptions,
  name: string,
  file: string | undefined,
): Promise<number> {
  return withService(async (client) => {
    const plan = await findPlan(client, name);
    const given = file === undefined ? await edited(client, plan, options) : read(options, file);
    if (given === undefined) {
      stderr.write('Nothing was changed.\n');
      if (options.json) printJson([]);
      return EXIT.ok;
    }
    const changed = await client.call('plans.import', given);
    if (options.json) printJson(changed);
    const [after, ...more] = changed;
    if (more.length > 0 || after!.name !== plan.name) {
      stderr.write(`"${plan.name}" is still there; plans are replaced by name.\n`);
    }
    return EXIT.ok;
  });
}

async function edited(client: Client, plan: Plan, { yaml }: PlanOptions) {
  const format = yaml ? ('yaml' as const) : ('toml' as const);
  const plans = [PlanDraft.parse(plan)];
  const { text: before } = await client.call('plans.export', { plans, format });
  const folder = mkdtempSync(join(tmpdir(), 'dendro-plan-'));
  const path = join(folder, `plan.${format}`);
  try {
    writeFileSync(path, before, { mode: 0o600 });
    openEditor(path);
    const text = readFileSync(path, 'utf8');
    return text === before ? undefined : { text, format, name: 'what you wrote' };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The editor may bring arguments ("code --wait"); no shell reads them. */
function openEditor(path: string): void {
  const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi';
  const [program, ...args] = editor.split(/\s+/).filter(Boolean);
  const { status, error } = spawnSync(program!, [...args, path], { stdio: 'inherit' });
  if (error) {
    throw ioError('no-editor', say`The editor "${{ editor }}" cannot be started.`, {
      hint: 'Name one in EDITOR, or give the plan as a file: dendro plan edit PLAN FILE',
    });
  }
  if (status !== 0) {
    throw conflict('edit-given-up', 'The editor ended with an error: nothing was changed.');
  }
}
