import { expect, test } from 'vitest';
import { day } from './index.js';

test('a day', () => expect(day(1)).toBe(86_400));
