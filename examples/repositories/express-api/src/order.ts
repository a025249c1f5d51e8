import { z } from 'zod';

export const newOrderSchema = z.object({
  customer: z.string().trim().min(1).max(100),
  items: z
    .array(
      z.object({
        sku: z.string().regex(/^[A-Z0-9-]{3,20}$/),
        quantity: z.number().int().positive().max(1000),
        /** Price of one piece, in cents. */
        price: z.number().int().nonnegative(),
      }),
    )
    .min(1),
});

export type NewOrder = z.infer<typeof newOrderSchema>;

export type OrderStatus = 'placed' | 'paid' | 'shipped' | 'cancelled';

export interface Order extends NewOrder {
  id: string;
  status: OrderStatus;
  /** Sum over all items, in cents. */
  total: number;
}

const nextStatuses: Record<OrderStatus, readonly OrderStatus[]> = {
  placed: ['paid', 'cancelled'],
  paid: ['shipped', 'cancelled'],
  shipped: [],
  cancelled: [],
};

export function totalOf(items: NewOrder['items']): number {
  return items.reduce((sum, item) => sum + item.quantity * item.price, 0);
}

export function canBecome(from: OrderStatus, to: OrderStatus): boolean {
  return nextStatuses[from].includes(to);
}
