const { create } = require('../src/app');

test('creates an app', () => {
  expect(create()).toBeDefined();
});
