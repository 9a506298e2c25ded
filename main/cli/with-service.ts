import type { Client } from '../../shared/contract/client.ts';
import { createService, inProcessClient } from '../service/service.ts';
import { historyPath } from '../service/state-path.ts';
import { readVersion } from './version.ts';

/** Runs the service in this process for as long as `use` takes. */
export async function withService<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const service = createService({
    historyPath: historyPath(process.env, process.getuid?.() === 0),
    version: readVersion(),
    carrier: 'in-process',
    runPlans: false,
  });
  try {
    return await use(inProcessClient(service));
  } finally {
    await service.close();
  }
}
