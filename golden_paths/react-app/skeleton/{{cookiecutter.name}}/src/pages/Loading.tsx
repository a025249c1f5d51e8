/** Shown until the first page has its data. */
export function Loading() {
  return (
    <main>
      <p role="status">Loading…</p>
    </main>
  );
}
