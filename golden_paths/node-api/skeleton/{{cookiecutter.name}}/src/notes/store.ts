import { randomUUID } from 'node:crypto';
import type { NewNote, Note } from './note.ts';

/** Where notes are kept. */
export interface NoteStore {
  add(note: NewNote): Promise<Note>;
  get(id: string): Promise<Note | undefined>;
  /** The newest notes, at most `limit`, the newest first. */
  newest(limit: number): Promise<Note[]>;
  /** Whether there was such a note. */
  remove(id: string): Promise<boolean>;
}

/** Keeps notes until the process ends: enough to try the service, and for its tests. */
export class MemoryNoteStore implements NoteStore {
  readonly #notes = new Map<string, Note>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  add(note: NewNote): Promise<Note> {
    const added = { ...note, id: randomUUID(), createdAt: this.#now().toISOString() };
    this.#notes.set(added.id, added);
    return Promise.resolve(added);
  }

  get(id: string): Promise<Note | undefined> {
    return Promise.resolve(this.#notes.get(id));
  }

  newest(limit: number): Promise<Note[]> {
    return Promise.resolve([...this.#notes.values()].reverse().slice(0, limit));
  }

  remove(id: string): Promise<boolean> {
    return Promise.resolve(this.#notes.delete(id));
  }
}
