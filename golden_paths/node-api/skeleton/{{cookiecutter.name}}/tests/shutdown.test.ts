import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Readiness } from '../src/health.ts';
import { createLogger } from '../src/logging.ts';
import { stop, stopOnSignals } from '../src/shutdown.ts';

const OPTIONS = { delayMs: 0, timeoutMs: 10_000 };

async function listen(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${String(port)}` };
}

describe('stopping', () => {
  afterEach(() => {
    process.exitCode = undefined;
  });

  it('lets requests end, and takes no new ones', async () => {
    const held = Promise.withResolvers<undefined>();
    const arrived = Promise.withResolvers<undefined>();
    const { server, url } = await listen((_request, response) => {
      arrived.resolve(undefined);
      void held.promise.then(() => response.end('done'));
    });
    const answer = fetch(url);
    await arrived.promise;

    const readiness = new Readiness();
    const stopped = stop(server, readiness, OPTIONS);
    expect(readiness.ready).toBe(false);
    await vi.waitFor(() => {
      expect(server.listening).toBe(false);
    });
    await expect(fetch(url)).rejects.toThrow();

    held.resolve(undefined);
    expect(await (await answer).text()).toBe('done');
    expect(await stopped).toBe(true);
  });

  it('cuts off requests that take too long, and says so', async () => {
    const arrived = Promise.withResolvers<undefined>();
    const { server, url } = await listen(() => {
      arrived.resolve(undefined);
    });
    const answer = expect(fetch(url)).rejects.toThrow();
    await arrived.promise;
    expect(await stop(server, new Readiness(), { delayMs: 0, timeoutMs: 10 })).toBe(false);
    await answer;
  });

  it.each([
    { open: 'no request', code: 0 },
    { open: 'a request that does not end', code: 1 },
  ])('begins with a signal, and ends with $code when there is $open', async ({ code }) => {
    const arrived = Promise.withResolvers<undefined>();
    const { server, url } = await listen(() => {
      arrived.resolve(undefined);
    });
    const cutOff = code ? expect(fetch(url)).rejects.toThrow() : undefined;
    if (cutOff) await arrived.promise;

    const lines: string[] = [];
    const logger = createLogger('info', { write: (line) => lines.push(line) });
    stopOnSignals(server, new Readiness(), logger, { delayMs: 0, timeoutMs: 10 });
    process.emit('SIGTERM', 'SIGTERM');
    await vi.waitFor(() => {
      expect(lines.join('')).toContain('"stopped"');
    });
    expect(process.exitCode).toBe(code);
    await cutOff;
    process.removeAllListeners('SIGINT');
  });
});
