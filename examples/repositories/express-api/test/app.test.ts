import request from 'supertest';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../src/app.js';
import { OrderStore } from '../src/store.js';

const tea = { customer: 'Ada', items: [{ sku: 'TEA-1', quantity: 2, price: 350 }] };

describe('orders API', () => {
  let store: OrderStore;
  let app: ReturnType<typeof createApp>;

  beforeEach(() => {
    let count = 0;
    store = new OrderStore(() => `o${++count}`);
    app = createApp(store);
  });

  it('is healthy', async () => {
    await request(app).get('/health').expect(200, { status: 'ok' });
  });

  it('takes an order and returns it', async () => {
    const placed = await request(app).post('/orders').send(tea).expect(201);
    expect(placed.headers.location).toBe('/orders/o1');
    expect(placed.body).toEqual({ ...tea, id: 'o1', status: 'placed', total: 700 });
    await request(app).get('/orders/o1').expect(200, placed.body);
  });

  it('lists orders by status', async () => {
    store.add(tea);
    store.add(tea);
    store.move('o2', 'paid');
    const all = await request(app).get('/orders').expect(200);
    expect(all.body.orders).toHaveLength(2);
    const paid = await request(app).get('/orders?status=paid').expect(200);
    expect(paid.body.orders.map((order: { id: string }) => order.id)).toEqual(['o2']);
  });

  it('moves an order on', async () => {
    store.add(tea);
    const paid = await request(app).patch('/orders/o1').send({ status: 'paid' }).expect(200);
    expect(paid.body.status).toBe('paid');
  });

  it('refuses an impossible move', async () => {
    store.add(tea);
    const answer = await request(app).patch('/orders/o1').send({ status: 'shipped' }).expect(409);
    expect(answer.body.error).toBe('an order that is placed cannot become shipped');
  });

  it('refuses invalid input and names the field', async () => {
    const answer = await request(app)
      .post('/orders')
      .send({ ...tea, customer: '' })
      .expect(400);
    expect(answer.body.issues[0].path).toEqual(['customer']);
  });

  it('refuses broken JSON', async () => {
    await request(app)
      .post('/orders')
      .set('Content-Type', 'application/json')
      .send('{')
      .expect(400, { error: 'invalid JSON' });
  });

  it('knows neither other orders nor other routes', async () => {
    await request(app).get('/orders/nope').expect(404, { error: 'no order nope' });
    await request(app).get('/nope').expect(404, { error: 'no route GET /nope' });
  });

  it('hides what went wrong inside', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    vi.spyOn(store, 'list').mockImplementation(() => {
      throw new Error('disk on fire');
    });
    await request(app).get('/orders').expect(500, { error: 'internal error' });
    expect(log).toHaveBeenCalledOnce();
  });
});
