import express, { type Express } from 'express';
import type { Logger } from 'pino';
import { healthRoutes, type Readiness } from './health.ts';
import { logRequests } from './logging.ts';
import { noteRoutes } from './notes/routes.ts';
import type { NoteStore } from './notes/store.ts';
import { answerProblems, notFound } from './problems.ts';

/** What the application is made of; tests give other parts than the service itself. */
export interface Parts {
  readonly logger: Logger;
  readonly readiness: Readiness;
  readonly notes: NoteStore;
}

export function createApp({ logger, readiness, notes }: Parts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(logRequests(logger));
  app.use(healthRoutes(readiness));
  app.use(express.json({ limit: '100kb' }));
  app.use('/notes', noteRoutes(notes));
  app.use(notFound);
  app.use(answerProblems);
  return app;
}
