import { z } from 'zod';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** How long the service goes on serving after it was told to stop, so that load balancers notice. */
  readonly shutdownDelayMs: number;
  /** How long requests that are being served may take until their connections are closed. */
  readonly shutdownTimeoutMs: number;
}

/** The environment has settings that are not valid; the message names each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the settings from environment variables. An empty variable counts as one that is not set. */
export function readConfig(
  variables: Readonly<Record<string, string | undefined>>,
  defaults: Pick<Config, 'port'>,
): Config {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const environment = z.object({
    HOST: z.string().default('0.0.0.0'),
    PORT: z.coerce.number().int().min(1).max(65_535).default(defaults.port),
    LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
    SHUTDOWN_DELAY_MS: z.coerce.number().int().min(0).default(0),
    SHUTDOWN_TIMEOUT_MS: z.coerce.number().int().min(0).default(10_000),
  });
  const result = environment.safeParse(given);
  if (!result.success) {
    throw new ConfigError(`invalid environment variables:\n${z.prettifyError(result.error)}`);
  }
  const { data } = result;
  return {
    host: data.HOST,
    port: data.PORT,
    logLevel: data.LOG_LEVEL,
    shutdownDelayMs: data.SHUTDOWN_DELAY_MS,
    shutdownTimeoutMs: data.SHUTDOWN_TIMEOUT_MS,
  };
}
