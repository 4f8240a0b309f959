// REALTIME: what is told to clients while they listen.
// Without it: a channel whose name lacks the tenant, or a stream that outlives its session, tells one customer of another.
// Guarantee: channels are made here, from the context; events are sealed for one, and held against each listener's own
// identity at delivery; a stream ends with its session, its token or its connection.
// Proof: test/isolation/realtime
export { EventPublisher } from './event-publisher.js';
export { EventSubscriptions } from './event-subscriptions.js';
export { events, type CanaryPayload, type RealtimeEvent } from './events.js';
export { RealtimeModule } from './realtime.module.js';
export type { DeliveredEvent, EndReason, EventListener } from './subscription.js';
