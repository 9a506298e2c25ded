import { RUN_FOLDER } from '../linux/run-folder.ts';

/** Where the daemon listens: DENDRO_SOCKET, else the place of the root service. */
export function socketPath(environment: NodeJS.ProcessEnv): string {
  return environment['DENDRO_SOCKET'] || `${RUN_FOLDER}/dendro.sock`;
}
