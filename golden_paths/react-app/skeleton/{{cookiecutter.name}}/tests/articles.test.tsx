import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { APP_NAME } from '../src/config.ts';
import { answerWith, ARTICLES, expectNoBarriers, json, open } from './app.tsx';

describe('the list of articles', () => {
  it('shows all, without barriers', async () => {
    answerWith(json(ARTICLES));
    open('/');
    expect(screen.getByRole('status')).toHaveTextContent('Loading…');
    expect(await screen.findByRole('heading', { level: 1 })).toHaveTextContent('Articles');
    const titles = screen.getAllByRole('heading', { level: 2 }).map((h) => h.textContent);
    expect(titles).toEqual(['Making tea', 'Baking bread']);
    await waitFor(() => {
      expect(document.title).toBe(`Articles – ${APP_NAME}`);
    });
    await expectNoBarriers();
  });

  it('finds those with a word in them', async () => {
    answerWith(json(ARTICLES));
    open('/');
    const search = await screen.findByRole('searchbox', { name: 'Search' });
    expect(screen.getByText('2 articles')).toBeVisible();

    await userEvent.type(search, 'FLOUR');
    expect(screen.getByRole('link', { name: 'Baking bread' })).toBeVisible();
    expect(screen.queryByRole('link', { name: 'Making tea' })).not.toBeInTheDocument();
    expect(screen.getByText('1 article')).toBeVisible();

    await userEvent.clear(search);
    expect(screen.getByText('2 articles')).toBeVisible();
  });
});

describe('an article', () => {
  it('is opened from the list, gets the focus, and leads back', async () => {
    answerWith(json(ARTICLES));
    open('/');
    await userEvent.click(await screen.findByRole('link', { name: 'Making tea' }));
    expect(await screen.findByRole('heading', { name: 'Making tea', level: 1 })).toBeVisible();
    expect(screen.getByText('Boil.')).toBeVisible();
    expect(screen.getByRole('main')).toHaveFocus();
    await expectNoBarriers();

    await userEvent.click(screen.getByRole('link', { name: 'All articles' }));
    expect(await screen.findByRole('heading', { name: 'Articles' })).toBeVisible();
  });
});
