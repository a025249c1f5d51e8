import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../src/config.ts';

const DEFAULTS = { port: 3000 };

describe('the configuration', () => {
  it('has defaults for all that is not set, or empty', () => {
    expect(readConfig({ PORT: '' }, DEFAULTS)).toEqual({
      host: '0.0.0.0',
      port: 3000,
      logLevel: 'info',
      shutdownDelayMs: 0,
      shutdownTimeoutMs: 10_000,
    });
  });

  it('comes from the environment', () => {
    const variables = { PORT: '8081', LOG_LEVEL: 'debug', SHUTDOWN_DELAY_MS: '5000' };
    expect(readConfig(variables, DEFAULTS)).toMatchObject({
      port: 8081,
      logLevel: 'debug',
      shutdownDelayMs: 5000,
    });
  });

  it('names every value that is not valid', () => {
    const read = () => readConfig({ PORT: 'http', LOG_LEVEL: 'loud' }, DEFAULTS);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/PORT[\s\S]*LOG_LEVEL|LOG_LEVEL[\s\S]*PORT/);
  });
});
