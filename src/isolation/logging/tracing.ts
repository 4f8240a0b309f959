import {
  context as active,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { currentStamp } from './stamp.js';

/** Of OpenTelemetry's API only: without an SDK, which a fork brings, a span is an object that forgets what it is told. */
const tracer = trace.getTracer('project-1041');

/** Every span there is. A name says what is done, never on what. */
type SpanName = 'request' | 'job' | 'statement' | 'cache read';

/** @returns a span that says whose it is, if anybody listens */
export function startSpan(name: SpanName, attributes: Attributes = {}, parent = active.active()): Span {
  const span = tracer.startSpan(name, { attributes }, parent);
  if (span.isRecording()) span.setAttributes(stampAttributes());
  return span;
}

export function inSpan<T>(name: SpanName, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  return inSpanOf(active.active(), name, attributes, work);
}

/** A job has no parent: the request that asked for it is over, and what its worker did before is another's. */
export function inJobSpan<T>(work: () => Promise<T>): Promise<T> {
  return inSpanOf(ROOT_CONTEXT, 'job', {}, work);
}

async function inSpanOf<T>(
  parent: Context,
  name: SpanName,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  const span = startSpan(name, attributes, parent);
  try {
    return await active.with(trace.setSpan(parent, span), work);
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR }); // without its message, which may quote a value
    throw error;
  } finally {
    span.end();
  }
}

/**
 * Enters a trace of its own for a request. What the client sends of a trace is linked, and not continued: two tenants
 * that send the same id would share a trace. Baggage is not read: nobody has signed it, and it would ride on into every
 * request of ours to others.
 * @returns what `work` does with the span has to end it: `endRequestSpan`
 */
export function inRequestSpan(headers: Readonly<Record<string, unknown>>, work: (span: Span) => void): void {
  const { traceparent, tracestate } = headers;
  const caller = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, { traceparent, tracestate }));
  const links = caller ? [{ context: caller }] : [];
  const span = tracer.startSpan('request', { kind: SpanKind.SERVER, links }, ROOT_CONTEXT);
  active.with(trace.setSpan(ROOT_CONTEXT, span), () => work(span));
}

/** In the request's scope, which is filled by now. */
export function endRequestSpan(span: Span, method: string, route: string, status: number): void {
  if (span.isRecording()) {
    span.setAttributes({
      ...stampAttributes(),
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
    });
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

function stampAttributes(): Attributes {
  const { tenantId, userId, sessionId, requestId, job, systemWork, scope } = currentStamp() ?? {};
  const attributes = {
    'tenant.id': tenantId,
    'user.id': userId,
    'session.id': sessionId,
    'request.id': requestId,
    'job.name': job,
    'system.work': systemWork,
    scope,
  };
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
