import { conflict } from '../../shared/errors.ts';
import type { ComparisonReport } from './places/comparison-report.ts';
import type { HealOutcome, HealReport } from '../../shared/model/heal.ts';
import type { HealPlace } from '../places/heal/look-for-damage.ts';
import type { RecoverReport } from '../../shared/model/recover.ts';
import type { RescueLook, RescueOutcome } from '../../shared/model/rescue.ts';
import type { VerifyReport } from '../../shared/model/space.ts';
import type { StreamLook } from '../../shared/model/stream.ts';

/** What a run found, too long for its record. */
export type RunReport =
  | { readonly kind: 'verify'; readonly report: VerifyReport }
  | { readonly kind: 'rescue-look'; readonly report: RescueLook; readonly paths: readonly string[] }
  | { readonly kind: 'stream'; readonly report: StreamLook }
  | { readonly kind: 'rescue'; readonly report: RescueOutcome }
  | {
      readonly kind: 'heal-look';
      readonly report: HealReport;
      /** With what opens them. */
      readonly places: readonly HealPlace[];
    }
  | {
      readonly kind: 'recover';
      readonly report: RecoverReport;
      /** By holder: loose stream files. */
      readonly streams: readonly (readonly string[])[];
    }
  | { readonly kind: 'heal'; readonly report: HealOutcome }
  | { readonly kind: 'comparison'; readonly report: ComparisonReport };

const KEPT = 50;

/** The reports of the last runs of this service. */
export class RunReports {
  readonly #reports = new Map<string, RunReport>();

  keep(runId: string, report: RunReport): void {
    if (this.#reports.size >= KEPT) this.#reports.delete(this.#reports.keys().next().value!);
    this.#reports.set(runId, report);
  }

  /** @throws Conflict `report-unknown`. */
  get<K extends RunReport['kind']>(runId: string, kind: K): Extract<RunReport, { kind: K }> {
    const found = this.#reports.get(runId);
    if (found?.kind === kind) return found as Extract<RunReport, { kind: K }>;
    throw conflict('report-unknown', 'There is no report of this run.', {
      hint: 'It may still be running, or the service was started anew since: run it again.',
    });
  }
}
