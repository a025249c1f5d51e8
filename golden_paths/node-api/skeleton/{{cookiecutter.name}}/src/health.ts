import { Router } from 'express';

/** What platforms ask, all the time. */
export const HEALTH_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** Whether the service wants requests. It does from its start until it is told to stop. */
export class Readiness {
  #ready = true;

  get ready(): boolean {
    return this.#ready;
  }

  stop(): void {
    this.#ready = false;
  }
}

/** `/healthz`: the process works, restart it if not. `/readyz`: send it requests, or do not. */
export function healthRoutes(readiness: Readiness): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', (_request, response) => {
    const { ready } = readiness;
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'stopping' });
  });
  return router;
}
