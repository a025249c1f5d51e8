const assert = require('assert');
const widgets = require('..');

describe('widgets', () => {
  it('is 42', () => assert.equal(widgets(), 42));
});
