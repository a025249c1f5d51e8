require('node:test')('is', () => {});
