import type { Client } from '../../shared/contract/client.ts';
import { clientOf, openService } from '../service/open-service.ts';
import { socketPath } from '../service/socket-path.ts';
import { historyPath } from '../service/state-path.ts';
import { readVersion } from './version.ts';

/** Uses the daemon when there is one, else runs the service in this process meanwhile. */
export async function withService<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const opened = await openService(
    {
      historyPath: historyPath(process.env, process.getuid?.() === 0),
      version: readVersion(),
      carrier: 'in-process',
      runPlans: false,
    },
    socketPath(process.env),
  );
  try {
    return await use(clientOf(opened));
  } finally {
    await opened.service.close();
  }
}
