import type { NewOrder, Order, OrderStatus } from './order.js';
import { canBecome, totalOf } from './order.js';
import { ConflictError, NotFoundError } from './errors.js';

/** Keeps orders in memory, newest last. */
export class OrderStore {
  readonly #orders = new Map<string, Order>();

  constructor(private readonly newId: () => string) {}

  add(order: NewOrder): Order {
    const stored: Order = {
      ...order,
      id: this.newId(),
      status: 'placed',
      total: totalOf(order.items),
    };
    this.#orders.set(stored.id, stored);
    return stored;
  }

  get(id: string): Order {
    const order = this.#orders.get(id);
    if (order === undefined) {
      throw new NotFoundError(`no order ${id}`);
    }
    return order;
  }

  list(status?: OrderStatus): Order[] {
    return [...this.#orders.values()].filter(
      (order) => status === undefined || order.status === status,
    );
  }

  move(id: string, status: OrderStatus): Order {
    const order = this.get(id);
    if (!canBecome(order.status, status)) {
      throw new ConflictError(`an order that is ${order.status} cannot become ${status}`);
    }
    const moved = { ...order, status };
    this.#orders.set(id, moved);
    return moved;
  }
}
