import { Link } from 'react-router';
import { Title } from './Title.tsx';

/** Shown where there is no page. */
export function NotFoundPage() {
  return (
    <>
      <Title>Page not found</Title>
      <p>
        There is nothing at this address. <Link to="/">All articles</Link>
      </p>
    </>
  );
}
