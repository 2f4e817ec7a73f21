// What the books say, read from Postgres itself.
import type { Server } from "../harness/server.ts";

export interface Books {
  tickets: number;
  orders: number;
  receipts: number;
  cashMinor: number;
  orderEvents: number;
  paymentEvents: number;
  takingsMinor: number;
}

/** The completed tickets and all that must agree with them. */
export function books(server: Server): Books {
  const [row] = server.query<Books>(`select
    (select count(*)::int from sales_tickets where status = 'completed') as "tickets",
    (select count(*)::int from sales_orders) as "orders",
    (select count(distinct receipt_number)::int from sales_tickets where status = 'completed') as "receipts",
    (select coalesce(sum(amount_minor), 0)::int from sales_payments) as "cashMinor",
    (select count(*)::int from events where type = 'sales.order.created') as "orderEvents",
    (select count(*)::int from events where type = 'payment.received') as "paymentEvents",
    (select coalesce(sum(gross_minor), 0)::int from reporting_takings) as "takingsMinor"`);
  if (row === undefined) throw new Error("Postgres gave no row");
  return row;
}

/** What the books say when so many tickets were sold for so much. */
export function agreed(tickets: number, cashMinor: number): Books {
  return { tickets, orders: tickets, receipts: tickets, cashMinor, orderEvents: tickets, paymentEvents: tickets, takingsMinor: cashMinor };
}
