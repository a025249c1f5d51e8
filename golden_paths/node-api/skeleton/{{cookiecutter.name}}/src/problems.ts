import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { z } from 'zod';

/** One value of a request that is wrong, and where it is: a JSON pointer. */
export interface InvalidValue {
  readonly pointer: string;
  readonly detail: string;
}

/** An answer that is no success, as RFC 9457 describes it. Throw it in any handler. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly errors: readonly InvalidValue[];

  constructor(status: number, detail: string, errors: readonly InvalidValue[] = []) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }
}

/** Returns what a schema makes of a value, or throws a problem that names each part that is wrong. */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message }) => ({
    pointer: path.map((part) => `/${String(part)}`).join(''),
    detail: message,
  }));
  throw new Problem(422, 'The request has values that are not valid.', errors);
}

/** Answers requests that no route takes. */
export const notFound: RequestHandler = (request) => {
  throw new Problem(404, `There is nothing at ${request.path}.`);
};

/** Answers errors: those that are the caller's with what is wrong, all others without, and they are logged. */
export const answerProblems: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const problem = asProblem(error);
  if (problem) {
    send(response, problem);
    return;
  }
  request.log.error({ err: error }, 'request failed');
  send(response, new Problem(500, 'The service failed. Its log says why.'));
};

/** A problem for what went wrong; nothing for errors that say nothing about the request. */
function asProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  // The body parsers of Express throw errors of this kind.
  const { data } = z
    .object({ status: z.int().min(400).max(499), expose: z.literal(true), message: z.string() })
    .safeParse(error);
  return data && new Problem(data.status, data.message);
}

function send(response: Response, { status, message, errors }: Problem): void {
  response
    .status(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title: STATUS_CODES[status],
        status,
        detail: message,
        ...(errors.length > 0 && { errors }),
      }),
    );
}
