import { Router } from 'express';
import { z } from 'zod';
import { parse, Problem } from '../problems.ts';
import { newNote } from './note.ts';
import type { NoteStore } from './store.ts';

const listQuery = z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) });

/** `/notes`: make, list, show and delete notes. */
export function noteRoutes(notes: NoteStore): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const { limit } = parse(listQuery, request.query);
    response.json(await notes.newest(limit));
  });

  router.post('/', async (request, response) => {
    const note = await notes.add(parse(newNote, request.body));
    response.status(201).location(`${request.baseUrl}/${note.id}`).json(note);
  });

  router.get('/:id', async (request, response) => {
    const note = await notes.get(request.params.id);
    if (!note) throw noSuchNote(request.params.id);
    response.json(note);
  });

  router.delete('/:id', async (request, response) => {
    if (!(await notes.remove(request.params.id))) throw noSuchNote(request.params.id);
    response.status(204).end();
  });

  return router;
}

function noSuchNote(id: string): Problem {
  return new Problem(404, `There is no note ${id}.`);
}
