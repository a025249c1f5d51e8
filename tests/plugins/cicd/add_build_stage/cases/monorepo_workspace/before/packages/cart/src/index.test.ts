import { expect, test } from 'vitest';
import { one } from './index.js';

test('one', () => expect(one).toBe(1));
