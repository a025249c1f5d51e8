import { describe, expect, it } from 'vitest';
import { canBecome, newOrderSchema, totalOf } from '../src/order.js';

describe('totalOf', () => {
  it('sums quantity times price', () => {
    expect(
      totalOf([
        { sku: 'TEA-1', quantity: 2, price: 350 },
        { sku: 'CUP-9', quantity: 1, price: 1250 },
      ]),
    ).toBe(1950);
  });

  it('is nothing for free samples', () => {
    expect(totalOf([{ sku: 'TEA-1', quantity: 5, price: 0 }])).toBe(0);
  });
});

describe('canBecome', () => {
  it.each([
    ['placed', 'paid', true],
    ['placed', 'shipped', false],
    ['paid', 'shipped', true],
    ['shipped', 'cancelled', false],
  ] as const)('%s to %s: %s', (from, to, allowed) => {
    expect(canBecome(from, to)).toBe(allowed);
  });
});

describe('newOrderSchema', () => {
  it('trims the customer', () => {
    const order = newOrderSchema.parse({
      customer: '  Ada ',
      items: [{ sku: 'TEA-1', quantity: 1, price: 350 }],
    });
    expect(order.customer).toBe('Ada');
  });

  it('refuses an order without items', () => {
    expect(newOrderSchema.safeParse({ customer: 'Ada', items: [] }).success).toBe(false);
  });
});
