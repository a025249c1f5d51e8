const express = require('express');

function create() {
  const app = express();
  app.get('/health', (request, response) => response.json({ status: 'ok' }));
  return app;
}

module.exports = { create };
