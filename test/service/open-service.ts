import { createService, type LocalService } from '../../main/service/service.ts';

/** A service in this process that begins no plan by itself, with a clock that a test sets. */
export function openService(historyPath: string, nowMs?: () => number): LocalService {
  return createService({
    ...{ historyPath, version: 'test', runPlans: false },
    carrier: 'in-process',
    ...(nowMs && { nowMs }),
  });
}
