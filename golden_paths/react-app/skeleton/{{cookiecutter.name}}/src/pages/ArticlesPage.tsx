import { useState } from 'react';
import { Link, useLoaderData } from 'react-router';
import type { Article } from '../api.ts';
import { Title } from './Title.tsx';

/** All articles, or those with a word in them. */
export function ArticlesPage() {
  const articles = useLoaderData<Article[]>();
  const [word, setWord] = useState('');
  const found = articles.filter((article) => matches(article, word));

  return (
    <>
      <Title>Articles</Title>
      <div className="search" role="search">
        <label htmlFor="word">Search</label>
        <input
          id="word"
          type="search"
          value={word}
          onChange={(event) => {
            setWord(event.target.value);
          }}
        />
        <p role="status">{found.length === 1 ? '1 article' : `${String(found.length)} articles`}</p>
      </div>
      <ul className="articles">
        {found.map(({ slug, title, summary }) => (
          <li key={slug}>
            <h2>
              <Link to={`/articles/${slug}`}>{title}</Link>
            </h2>
            <p>{summary}</p>
          </li>
        ))}
      </ul>
    </>
  );
}

function matches({ title, summary }: Article, word: string): boolean {
  return `${title} ${summary}`.toLowerCase().includes(word.trim().toLowerCase());
}
