import { useRevalidator, useRouteError } from 'react-router';
import { ApiError } from '../api.ts';
import { NotFoundPage } from './NotFoundPage.tsx';
import { Title } from './Title.tsx';

/** Shown in place of a page that could not load its data, or failed. */
export function ErrorPage() {
  const error = useRouteError();
  const { revalidate, state } = useRevalidator();

  if (error instanceof ApiError && error.status === 404) return <NotFoundPage />;
  return (
    <>
      <Title>Something went wrong</Title>
      <p role="alert">
        {error instanceof ApiError ? error.message : 'This page failed.'} You can try again.
      </p>
      <button type="button" disabled={state === 'loading'} onClick={() => void revalidate()}>
        Try again
      </button>
    </>
  );
}
