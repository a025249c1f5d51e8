import { Link, useLoaderData } from 'react-router';
import type { Article } from '../api.ts';
import { Title } from './Title.tsx';

/** One article. */
export function ArticlePage() {
  const { title, paragraphs } = useLoaderData<Article>();
  return (
    <article>
      <Title>{title}</Title>
      {paragraphs.map((text) => (
        <p key={text}>{text}</p>
      ))}
      <p>
        <Link to="/">All articles</Link>
      </p>
    </article>
  );
}
