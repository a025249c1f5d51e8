import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Readiness } from './health.ts';

export interface StopOptions {
  readonly delayMs: number;
  readonly timeoutMs: number;
}

const SWEEP_MS = 50;

/**
 * Stops a server without losing requests: it says that it is not ready, goes on serving for `delayMs`, takes no
 * new connections, and gives open requests `timeoutMs` to end. Returns whether all of them did.
 */
export async function stop(
  server: Server,
  readiness: Readiness,
  { delayMs, timeoutMs }: StopOptions,
): Promise<boolean> {
  readiness.stop();
  await sleep(delayMs);
  let complete = true;
  const timer = setTimeout(() => {
    complete = false;
    server.closeAllConnections();
  }, timeoutMs);
  // A connection whose last request ends from now on stays open for the next one, unless it is closed.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, SWEEP_MS);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(sweep);
  clearTimeout(timer);
  return complete;
}

/** Stops the server on SIGTERM and SIGINT, and ends the process: with 0 when nothing was cut off, else 1. */
export function stopOnSignals(
  server: Server,
  readiness: Readiness,
  logger: Logger,
  options: StopOptions,
): void {
  const onSignal = (signal: NodeJS.Signals): void => {
    logger.info({ signal }, 'stopping');
    void stop(server, readiness, options).then((complete) => {
      logger[complete ? 'info' : 'warn']({ complete }, 'stopped');
      process.exitCode = complete ? 0 : 1;
    });
  };
  process.once('SIGTERM', onSignal);
  process.once('SIGINT', onSignal);
}
