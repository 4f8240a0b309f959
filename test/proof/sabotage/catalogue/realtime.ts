import { sabotagesOf } from '../sabotage.js';

const isTheirs = 'if (tenantId !== identity.tenantId || (userId !== null && userId !== identity.userId))';

export const realtime = sabotagesOf('src/isolation/realtime', 'test/isolation/realtime', [
  [
    'channel: the tenant',
    'channels.ts',
    '`v1:{${tenantId}}:events`',
    "`v1:{${tenantId ? 'all' : ''}}:events`",
    'crossing',
    'every tenant has a channel of its own',
  ],
  [
    'channel: the user',
    'channels.ts',
    '`${tenantChannel({ tenantId })}:${userId}`',
    "`${tenantChannel({ tenantId })}:${userId ? 'all' : ''}`",
    'crossing',
    'every tenant has a channel of its own',
  ],
  [
    'MAC of an event',
    'event-seal.ts',
    'if (!this.#mac.isOf(text, sealed.slice(0, macLength))) return undefined;',
    '',
    'tampering',
    'a message that is sealed with another key is not delivered',
  ],
  [
    'event: the channel in the seal',
    'event-subscriptions.ts',
    'if (sealed?.channel !== channel) {',
    'if (!sealed) {',
    'tampering',
    'a message copied from another tenant’s channel',
  ],
  [
    'event realtime/foreign event',
    'event-subscriptions.ts',
    isTheirs,
    'if (tenantId.length + (userId ?? identity.userId).length === 0)',
    'tampering',
    'a listener that a defect of ours put into another tenant’s channel',
  ],
  [
    'event: it is delivered in the listener’s scope',
    'event-subscriptions.ts',
    'enter(() => listener.deliver(event));',
    'void enter, listener.deliver(event);',
    'crossing',
    'each listener is called in the scope in which it began to listen',
  ],
  [
    'event: the registry',
    'events.ts',
    'if (byName.get(event.name) === event) return;',
    'if (byName.size > 0) return;',
    'crossing',
    'no string and no event of one’s own making can be published',
  ],
  [
    'event: the registry is asked',
    'event-publisher.ts',
    'assertRegistered(event);',
    'void assertRegistered;',
    'crossing',
    'no string and no event of one’s own making can be published',
  ],
  [
    'stream: a lost Redis ends it',
    'realtime-redis.ts',
    "this.redis.on('close', onLost);",
    'void onLost;',
    'outage',
    'a connection that only listens, and is cut, ends the streams',
  ],
]);
