import { conflict, denied, DendroError, ioError, unsupported } from '../../shared/errors.ts';
import { noted, say, type Note } from '../../shared/said.ts';

/** The error of a D-Bus call; `dbusName` is the other side's own name for it, or ''. */
export class BusError extends DendroError {
  readonly dbusName: string;

  constructor(like: DendroError, dbusName: string, cause: unknown) {
    const { kind, code, message, hint, place, values } = like;
    super(kind, code, message, { hint, place, values, cause });
    this.dbusName = dbusName;
  }
}

/** Typed from what the library throws. `what` is a verb phrase: 'connect to the message bus'. */
export function busError(error: unknown, what: string): BusError {
  if (error instanceof BusError) return error;
  const given = error as { dbusName?: unknown; message?: unknown; code?: unknown } | undefined;
  const dbusName = typeof given?.dbusName === 'string' ? given.dbusName : '';
  const reason = textOf(given?.message) || dbusName || noted('bus-closed', 'it closed');
  const code = String(given?.code ?? '');
  return new BusError(typed(dbusName, code, what, reason), dbusName, error);
}

function textOf(message: unknown): string {
  return typeof message === 'string' ? message.replace(/\.$/, '') : '';
}

/** Names of the D-Bus specification and of libdbus, `dbus-protocol.h`. */
function typed(dbusName: string, code: string, what: string, reason: string | Note): DendroError {
  const message = say`Could not ${what}: ${{ reason }}.`;
  switch (dbusName.replace('org.freedesktop.DBus.Error.', '')) {
    case 'AccessDenied':
    case 'AuthFailed':
    case 'InteractiveAuthorizationRequired':
      return denied('bus-denied', message, { hint: 'Run as root, or allow it in polkit.' });
    case 'ServiceUnknown':
    case 'NameHasNoOwner':
    case 'Spawn.ServiceNotFound':
    case 'UnknownMethod':
    case 'UnknownInterface':
      return unsupported('bus-service-missing', message);
    case 'UnknownObject':
      return conflict('bus-object-gone', message);
    case 'NoReply':
    case 'Timeout':
    case 'TimedOut':
      return ioError('bus-no-answer', message);
  }
  if (code === 'ETIMEDOUT') return ioError('bus-no-answer', message);
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return unsupported('no-bus', message);
  return ioError('bus-failed', message);
}
