import request from 'supertest';
import { describe, expect, it } from 'vitest';
import type { Note } from '../src/notes/note.ts';
import { NOW, testApp } from './app.ts';

async function addNote(app: Parameters<typeof request>[0], text: string): Promise<Note> {
  const response = await request(app).post('/notes').send({ text }).expect(201);
  return response.body as Note;
}

describe('notes', () => {
  it('are made, shown and deleted', async () => {
    const { app } = testApp();
    const made = await request(app).post('/notes').send({ text: '  Buy milk ' }).expect(201);
    const note = made.body as Note;
    expect(note).toEqual({ id: expect.any(String) as string, text: 'Buy milk', createdAt: NOW });
    expect(made.headers.location).toBe(`/notes/${note.id}`);

    const shown = await request(app).get(`/notes/${note.id}`).expect(200);
    expect(shown.body).toEqual(note);

    await request(app).delete(`/notes/${note.id}`).expect(204);
    await request(app).get(`/notes/${note.id}`).expect(404);
    await request(app).delete(`/notes/${note.id}`).expect(404);
  });

  it('are listed with the newest first, as many as wanted', async () => {
    const { app } = testApp();
    await addNote(app, 'one');
    const two = await addNote(app, 'two');
    const three = await addNote(app, 'three');
    const response = await request(app).get('/notes?limit=2').expect(200);
    expect(response.body).toEqual([three, two]);
  });

  it.each([
    ['no text', {}, '/text'],
    ['an empty text', { text: ' ' }, '/text'],
    ['a text that is too long', { text: 'x'.repeat(1001) }, '/text'],
    ['a field that does not exist', { text: 'x', colour: 'red' }, ''],
  ])('are refused with %s', async (_, body, pointer) => {
    const response = await request(testApp().app).post('/notes').send(body).expect(422);
    expect(response.type).toBe('application/problem+json');
    expect(response.body).toMatchObject({ status: 422, errors: [{ pointer }] });
  });

  it.each(['0', '101', 'many'])('are not listed with the limit %s', async (limit) => {
    const response = await request(testApp().app).get(`/notes?limit=${limit}`).expect(422);
    expect(response.body).toMatchObject({ errors: [{ pointer: '/limit' }] });
  });
});
