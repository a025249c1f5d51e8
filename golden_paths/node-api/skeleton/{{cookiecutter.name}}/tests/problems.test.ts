import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { MemoryNoteStore } from '../src/notes/store.ts';
import { testApp } from './app.ts';

class BrokenStore extends MemoryNoteStore {
  override newest(): Promise<never> {
    return Promise.reject(new Error('the password is wrong'));
  }
}

describe('problems', () => {
  it('say that there is nothing at a path', async () => {
    const response = await request(testApp().app).get('/nowhere').expect(404);
    expect(response.type).toBe('application/problem+json');
    expect(response.body).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'There is nothing at /nowhere.',
    });
  });

  it('say what is wrong with a body', async () => {
    const post = request(testApp().app).post('/notes').type('json');
    const response = await post.send('{"text": ').expect(400);
    expect(response.type).toBe('application/problem+json');
    expect(response.body).toMatchObject({ status: 400, title: 'Bad Request' });
  });

  it('refuse a body that is too large', async () => {
    const body = { text: 'x'.repeat(200_000) };
    const response = await request(testApp().app).post('/notes').send(body).expect(413);
    expect(response.body).toMatchObject({ status: 413, title: 'Payload Too Large' });
  });

  it('keep to themselves what failed inside, and log it', async () => {
    const { app, log } = testApp({ notes: new BrokenStore(() => new Date()) });
    const response = await request(app).get('/notes').expect(500);
    expect(response.type).toBe('application/problem+json');
    expect(response.text).not.toContain('password');
    expect(log.map(({ err }) => err?.message)).toContain('the password is wrong');
  });
});
