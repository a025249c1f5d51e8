import { render } from '@testing-library/react';
import axe from 'axe-core';
import { createMemoryRouter, type RouteObject } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { expect, vi } from 'vitest';
import type { Article } from '../src/api.ts';
import { routes } from '../src/routes.tsx';

export const ARTICLES: Article[] = [
  { slug: 'tea', title: 'Making tea', summary: 'Water and leaves.', paragraphs: ['Boil.'] },
  { slug: 'bread', title: 'Baking bread', summary: 'Flour and water.', paragraphs: ['Knead.'] },
];

/** Answers requests for articles, in this order; the last answer goes on. */
export function answerWith(...answers: (() => Response | Promise<Response>)[]): void {
  const fetching = vi.fn<typeof fetch>();
  for (const answer of answers) {
    fetching.mockImplementation(() => Promise.resolve().then(answer));
    fetching.mockImplementationOnce(() => Promise.resolve().then(answer));
  }
  vi.stubGlobal('fetch', fetching);
}

export function json(data: unknown, status = 200): () => Response {
  return () => Response.json(data, { status });
}

/** Shows the application, or other pages, at an address. */
export function open(path: string, pages: RouteObject[] = routes): void {
  render(<RouterProvider router={createMemoryRouter(pages, { initialEntries: [path] })} />);
}

/** Asserts that axe finds no barriers on the page. It cannot judge colours here. */
export async function expectNoBarriers(): Promise<void> {
  const options = { rules: { 'color-contrast': { enabled: false } } };
  const { violations } = await axe.run(document.body, options);
  expect(violations.map(({ id, help, nodes }) => ({ id, help, html: nodes[0]?.html }))).toEqual([]);
}
