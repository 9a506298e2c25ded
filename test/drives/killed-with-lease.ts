/** Takes a drive for a run, and dies with it: arguments are history, folder of mounts, drive. */
import { DriveMounts } from '../../main/drives/drive-mounts.ts';
import { Drives } from '../../main/drives/drives.ts';
import { openHistory } from '../../main/history/history.ts';

const [path, folder, driveId] = process.argv.slice(2) as [string, string, string];
const history = openHistory(path);
const mounts = new DriveMounts(folder, () => Promise.resolve(undefined));
const drives = new Drives({ history: history.drives, nowMs: () => 1, mounts });
await drives.mountFor(driveId, { mayMount: true, afterRun: 'unmount' });
process.kill(process.pid, 'SIGKILL');
