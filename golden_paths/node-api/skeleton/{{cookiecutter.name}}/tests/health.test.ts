import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { testApp } from './app.ts';

describe('health', () => {
  it('is good while the process runs, and ready until it stops', async () => {
    const { app, readiness } = testApp();
    expect((await request(app).get('/healthz').expect(200)).body).toEqual({ status: 'ok' });
    expect((await request(app).get('/readyz').expect(200)).body).toEqual({ status: 'ready' });
    readiness.stop();
    expect((await request(app).get('/healthz').expect(200)).body).toEqual({ status: 'ok' });
    expect((await request(app).get('/readyz').expect(503)).body).toEqual({ status: 'stopping' });
  });
});
