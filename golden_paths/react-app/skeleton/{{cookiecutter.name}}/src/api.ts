import * as z from 'zod/mini';

const articles = z.array(
  z.object({
    slug: z.string(),
    title: z.string(),
    summary: z.string(),
    paragraphs: z.array(z.string()),
  }),
);

export type Article = z.infer<typeof articles>[number];

/** The data cannot be had, or is not there; `status` is that of HTTP, if there was an answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** All articles. Throws an `ApiError`, or what `signal` says when it was aborted. */
export async function getArticles(signal?: AbortSignal): Promise<Article[]> {
  const url = `${import.meta.env.BASE_URL}articles.json`;
  try {
    const response = await fetch(url, { signal: signal ?? null });
    if (!response.ok) throw new ApiError('The articles cannot be loaded.', response.status);
    return articles.parse(await response.json());
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted) throw error;
    throw new ApiError('The articles cannot be loaded.', undefined, { cause: error });
  }
}

/** One article. Throws an `ApiError`, with the status 404 when there is no such article. */
export async function getArticle(slug: string, signal?: AbortSignal): Promise<Article> {
  const found = (await getArticles(signal)).find((article) => article.slug === slug);
  if (!found) throw new ApiError('There is no such article.', 404);
  return found;
}
