import { z } from 'zod';

/** What is given to make a note. */
export const newNote = z.strictObject({
  text: z.string().trim().min(1).max(1000),
});

export type NewNote = z.infer<typeof newNote>;

export interface Note extends NewNote {
  readonly id: string;
  /** When it was made, ISO 8601 in UTC. */
  readonly createdAt: string;
}
