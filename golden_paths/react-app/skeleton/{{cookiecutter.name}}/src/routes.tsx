import type { RouteObject } from 'react-router';
import { getArticle, getArticles } from './api.ts';
import { ArticlePage } from './pages/ArticlePage.tsx';
import { ArticlesPage } from './pages/ArticlesPage.tsx';
import { ErrorPage } from './pages/ErrorPage.tsx';
import { Layout } from './pages/Layout.tsx';
import { Loading } from './pages/Loading.tsx';
import { NotFoundPage } from './pages/NotFoundPage.tsx';

/** Every page, how its data is loaded, and what is shown when something fails. */
export const routes: RouteObject[] = [
  {
    path: '/',
    Component: Layout,
    ErrorBoundary: ErrorPage,
    HydrateFallback: Loading,
    children: [
      {
        // Errors of pages are shown within the layout.
        ErrorBoundary: ErrorPage,
        children: [
          {
            index: true,
            Component: ArticlesPage,
            loader: ({ request }) => getArticles(request.signal),
          },
          {
            path: 'articles/:slug',
            Component: ArticlePage,
            loader: ({ params, request }) => getArticle(params.slug ?? '', request.signal),
          },
          { path: '*', Component: NotFoundPage },
        ],
      },
    ],
  },
];
