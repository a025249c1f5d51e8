import { expect, test } from 'vitest';
import { total } from './invoice.js';

test('sums', () => expect(total([1, 2])).toBe(3));
