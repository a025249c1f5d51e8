import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { ErrorPage } from '../src/pages/ErrorPage.tsx';
import { Layout } from '../src/pages/Layout.tsx';
import { answerWith, ARTICLES, expectNoBarriers, json, open } from './app.tsx';

describe('when something goes wrong', () => {
  it.each([
    ['the server fails', json({}, 500)],
    ['the network is gone', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['the answer has another shape', json([{ slug: 1 }])],
    ['the answer is no JSON', () => new Response('<html>')],
  ])('it says so and can be tried again: %s', async (_, answer) => {
    answerWith(answer, json(ARTICLES));
    open('/');
    expect(await screen.findByRole('alert')).toHaveTextContent('cannot be loaded');
    await expectNoBarriers();

    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('link', { name: 'Making tea' })).toBeVisible();
  });

  it.each(['/nowhere', '/articles/coffee'])('it says that there is no page: %s', async (path) => {
    answerWith(json(ARTICLES));
    open(path);
    expect(await screen.findByRole('heading', { name: 'Page not found' })).toBeVisible();
    expect(screen.getByRole('link', { name: 'All articles' })).toHaveAttribute('href', '/');
    await expectNoBarriers();
  });

  it('keeps the header when a page fails', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const Broken = () => {
      throw new Error('a mistake in a page');
    };
    const children = [{ path: '/', ErrorBoundary: ErrorPage, Component: Broken }];
    open('/', [{ Component: Layout, children }]);
    expect(await screen.findByRole('alert')).toHaveTextContent('This page failed.');
    expect(screen.getByRole('banner')).toBeVisible();
  });
});
