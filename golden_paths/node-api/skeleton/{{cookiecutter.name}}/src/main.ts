import { createApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import { Readiness } from './health.ts';
import { createLogger } from './logging.ts';
import { MemoryNoteStore } from './notes/store.ts';
import { stopOnSignals } from './shutdown.ts';

try {
  const config = readConfig(process.env, { port: {{ cookiecutter.port }} });
  const logger = createLogger(config.logLevel);
  const readiness = new Readiness();
  const notes = new MemoryNoteStore(() => new Date());
  const app = createApp({ logger, readiness, notes });
  const server = app.listen(config.port, config.host, (error) => {
    if (error) throw error;
    logger.info({ host: config.host, port: config.port }, 'listening');
  });
  stopOnSignals(server, readiness, logger, {
    delayMs: config.shutdownDelayMs,
    timeoutMs: config.shutdownTimeoutMs,
  });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  createLogger('info').fatal(error.message);
  process.exitCode = 1;
}
