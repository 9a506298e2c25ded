import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { loadCommand, type CommandName } from '../../main/cli/commands.ts';
import { exitCodeOf } from '../../main/cli/exit-codes.ts';
import { parse } from '../../main/cli/options.ts';
import { stdout } from '../../main/cli/print.ts';
import { stderr } from '../../main/linux/stderr.ts';
import { closeVolumes } from '../../main/engine/open-volumes.ts';
import { toErrorData } from '../../shared/errors.ts';
import { runText } from '../harness/run.ts';
import { compareTrees, showDifferences, type CompareOptions } from '../harness/compare.ts';

/**
 * The command line in this process, with a state folder of its own: a process for each command
 * would take most of the time.
 */
export class State {
  readonly folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));

  async run(
    name: CommandName,
    ...args: string[]
  ): Promise<{ status: number; stdout: string; stderr: string }> {
    const output = { stdout: '', stderr: '' };
    const spies = [
      vi.spyOn(stdout, 'write').mockImplementation((text) => void (output.stdout += text)),
      vi.spyOn(stderr, 'write').mockImplementation((text) => void (output.stderr += text)),
    ];
    vi.stubEnv('DENDRO_STATE', this.folder);
    try {
      const command = await loadCommand(name);
      const status = await command.run(parse(name, command, args));
      return { status, ...output };
    } catch (error) {
      const { kind, code, message } = toErrorData(error);
      if (kind === 'Bug') throw error;
      return { status: exitCodeOf(kind), ...output, stderr: `${output.stderr}${code}: ${message}` };
    } finally {
      vi.unstubAllEnvs();
      for (const spy of spies) spy.mockRestore();
      closeVolumes();
    }
  }

  /** The same, and it went well; what it printed. */
  async ok(name: CommandName, ...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(name, ...args);
    if (status !== 0) throw new Error(`dendro ${name} ${args.join(' ')}: ${status}\n${stderr}`);
    return stdout;
  }

  /** Restores with `--json`; the one summary. */
  async restore(...args: string[]): Promise<Summary> {
    return (JSON.parse(await this.ok('restore', '--json', ...args)) as Summary[])[0]!;
  }

  /** The run that the last restore is recorded as. */
  async lastRun(): Promise<string> {
    const runs = JSON.parse(await this.ok('history', '--json')) as { runId: string }[];
    return runs[0]!.runId;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Summary {
  readonly files: number;
  readonly bytes: number;
  readonly sharedBytes: number;
  readonly skipped: number;
  readonly items: readonly { path: string; kept: string | null }[];
  readonly losses: readonly { path: string; what: string }[];
  readonly damages: readonly { path: string; offset: number | null; lengthBytes: number | null }[];
}

export function differences(left: string, right: string, options?: CompareOptions): string[] {
  return showDifferences(compareTrees(left, right, options));
}

/** Hidden folders that a restore leaves when it has not come to its end. */
export function leftovers(folder: string): string[] {
  return runText('find', [folder, '-name', '.dendro-restore-*', '-o', '-name', '.dendro-undo-*'])
    .split('\n')
    .filter((line) => line !== '');
}
