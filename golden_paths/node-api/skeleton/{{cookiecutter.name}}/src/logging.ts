import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { pinoHttp, type Options } from 'pino-http';
import { HEALTH_PATHS } from './health.ts';

const REQUEST_ID = /^[\w.-]{1,128}$/;

/** Writes one JSON document a line, to standard output unless told otherwise. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: '{{ cookiecutter.name }}' },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Logs each request but health checks. Its id comes from `X-Request-Id` and goes back in the same header. */
export function logRequests(logger: Logger): RequestHandler {
  const options: Options = {
    logger,
    autoLogging: { ignore: (request) => HEALTH_PATHS.has(request.url ?? '') },
    genReqId: (request, response) => {
      const given = request.headers['x-request-id'];
      const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
      response.setHeader('X-Request-Id', id);
      return id;
    },
    // Headers are left out: they hold credentials.
    serializers: {
      req: ({ id, method, url }: { id: unknown; method: unknown; url: unknown }) => ({
        id,
        method,
        url,
      }),
      res: ({ statusCode }: { statusCode: unknown }) => ({ statusCode }),
    },
    customLogLevel: (_request, response, error) => {
      if (error || response.statusCode >= 500) return 'error';
      return response.statusCode >= 400 ? 'warn' : 'info';
    },
  };
  return pinoHttp(options);
}
