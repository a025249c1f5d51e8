import type { ErrorRequestHandler, Express } from 'express';
import express from 'express';
import { z } from 'zod';
import { HttpError, NotFoundError } from './errors.js';
import { newOrderSchema } from './order.js';
import type { OrderStore } from './store.js';

const statusSchema = z.enum(['placed', 'paid', 'shipped', 'cancelled']);

export function createApp(store: OrderStore): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '100kb' }));

  app.get('/health', (_request, response) => {
    response.json({ status: 'ok' });
  });

  app.get('/orders', (request, response) => {
    const status = statusSchema.optional().parse(request.query.status);
    response.json({ orders: store.list(status) });
  });

  app.post('/orders', (request, response) => {
    const order = store.add(newOrderSchema.parse(request.body));
    response.status(201).location(`/orders/${order.id}`).json(order);
  });

  app.get('/orders/:id', (request, response) => {
    response.json(store.get(request.params.id));
  });

  app.patch('/orders/:id', (request, response) => {
    const { status } = z.object({ status: statusSchema }).parse(request.body);
    response.json(store.move(request.params.id, status));
  });

  app.use((request) => {
    throw new NotFoundError(`no route ${request.method} ${request.path}`);
  });

  app.use(handleError);
  return app;
}

// Express tells error handlers from others by their four parameters.
const handleError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  void _next;
  if (error instanceof z.ZodError) {
    response.status(400).json({ error: 'invalid input', issues: error.issues });
  } else if (error instanceof HttpError) {
    response.status(error.status).json({ error: error.message });
  } else if (error instanceof SyntaxError) {
    response.status(400).json({ error: 'invalid JSON' });
  } else {
    console.error(error);
    response.status(500).json({ error: 'internal error' });
  }
};
