import { randomUUID } from 'node:crypto';
import { createApp } from './app.js';
import { OrderStore } from './store.js';

const port = Number(process.env.PORT ?? 3000);
const server = createApp(new OrderStore(randomUUID)).listen(port, () => {
  console.log(`listening on port ${port}`);
});

process.once('SIGTERM', () => {
  server.close();
});
