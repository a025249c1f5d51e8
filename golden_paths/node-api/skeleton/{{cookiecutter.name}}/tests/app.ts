import { createApp } from '../src/app.ts';
import { Readiness } from '../src/health.ts';
import { createLogger } from '../src/logging.ts';
import { MemoryNoteStore } from '../src/notes/store.ts';
import type { Parts } from '../src/app.ts';

export const NOW = '2026-03-01T09:00:00.000Z';

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly req?: { readonly id: string; readonly url: string };
  readonly err?: { readonly message: string };
}

/** An application in memory, with what it logs. */
export function testApp(parts: Partial<Parts> = {}) {
  const log: LogLine[] = [];
  const logger = createLogger('info', {
    write: (line) => {
      log.push(JSON.parse(line) as LogLine);
    },
  });
  const readiness = new Readiness();
  const notes = new MemoryNoteStore(() => new Date(NOW));
  return { app: createApp({ logger, readiness, notes, ...parts }), log, readiness };
}
