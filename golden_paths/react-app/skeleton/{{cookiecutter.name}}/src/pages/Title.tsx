import { APP_NAME } from '../config.ts';

/** The heading of a page, and the title of the document. */
export function Title({ children }: { readonly children: string }) {
  return (
    <>
      <title>{`${children} – ${APP_NAME}`}</title>
      <h1>{children}</h1>
    </>
  );
}
