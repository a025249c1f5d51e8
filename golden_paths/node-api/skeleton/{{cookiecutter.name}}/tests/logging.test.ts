import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { testApp } from './app.ts';

describe('the log', () => {
  it('has a line for each request, by the level of its answer', async () => {
    const { app, log } = testApp();
    await request(app).get('/notes').set('Authorization', 'Bearer secret');
    await request(app).get('/nowhere');
    expect(log.map(({ level, req }) => [level, req?.url])).toEqual([
      ['info', '/notes'],
      ['warn', '/nowhere'],
    ]);
    expect(JSON.stringify(log)).not.toContain('secret');
  });

  it('leaves out health checks', async () => {
    const { app, log } = testApp();
    await request(app).get('/healthz');
    await request(app).get('/readyz');
    expect(log).toEqual([]);
  });

  it('keeps the id of a request, and gives one to those without', async () => {
    const { app, log } = testApp();
    const kept = await request(app).get('/notes').set('X-Request-Id', 'abc-1');
    expect(kept.headers['x-request-id']).toBe('abc-1');
    const given = await request(app).get('/notes').set('X-Request-Id', 'not an id');
    expect(given.headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
    expect(log.map(({ req }) => req?.id)).toEqual(['abc-1', given.headers['x-request-id']]);
  });
});
