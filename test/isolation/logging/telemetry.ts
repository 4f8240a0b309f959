import { context, propagation, trace, TraceFlags, type Context, type TextMapPropagator } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** As the SDK's own propagators do it: the trace of traceparent, and whatever baggage there is. */
const believing: TextMapPropagator = {
  inject: (from, carrier, setter) => {
    for (const [key, { value }] of propagation.getBaggage(from)?.getAllEntries() ?? [])
      setter.set(carrier, 'baggage', `${key}=${value}`);
  },
  extract: (into, carrier, getter) => {
    const [, traceId, spanId] = /^00-(\w{32})-(\w{16})-/.exec(String(getter.get(carrier, 'traceparent'))) ?? [];
    const [key, value] = String(getter.get(carrier, 'baggage') ?? '').split('=');
    const withTrace: Context =
      traceId && spanId
        ? trace.setSpanContext(into, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true })
        : into;
    return key && value
      ? propagation.setBaggage(withTrace, propagation.createBaggage({ [key]: { value } }))
      : withTrace;
  },
  fields: () => ['traceparent', 'baggage'],
};

/** Everything that a fork may install, at work: a tracer, a propagator, and clients that send along what they are given. */
export interface Telemetry {
  readonly exporter: InMemorySpanExporter;
  /** What a client would send along, wherever a span begins. */
  readonly carried: object[];
  readonly stop: () => void;
}

export function startTelemetry(): Telemetry {
  const exporter = new InMemorySpanExporter();
  const carried: object[] = [];
  const carrying: SpanProcessor = {
    onStart: (_span, parent) => {
      const carrier = {};
      propagation.inject(parent, carrier);
      carried.push(carrier);
    },
    onEnd: () => undefined,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(believing);
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter }), carrying] }),
  );
  subscribe(outgoing, sendAlong);
  return {
    exporter,
    carried,
    stop: () => {
      unsubscribe(outgoing, sendAlong);
      for (const api of [context, propagation, trace]) api.disable();
    },
  };
}

const outgoing = 'http.client.request.created';

/** As an instrumentation of node:http does. */
function sendAlong(message: unknown): void {
  const { request } = message as { request: ClientRequest };
  propagation.inject(context.active(), request, { set: (carrier, name, value) => carrier.setHeader(name, value) });
}
