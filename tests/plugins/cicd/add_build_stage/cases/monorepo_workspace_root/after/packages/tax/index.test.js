import test from 'node:test';

test('rate', () => {});
