import { sabotagesOf } from '../sabotage.js';

export const logging = sabotagesOf('src/isolation/logging', 'test/isolation/logging', [
  [
    'log: a record without a scope is an error',
    'application-logger.ts',
    'if (scope === undefined && isTest) throw new UnscopedRecordError(String(context));',
    '',
    'records',
    'a record outside any scope throws here',
  ],
  [
    'log: the stamp comes last',
    'application-logger.ts',
    '({ ...fields, ...noStamp, ...stamp })',
    '({ ...noStamp, ...stamp, ...fields })',
    'records',
    'a field cannot say whose a record is',
  ],
  [
    'log: errors quote nothing',
    'clean.ts',
    'message: quotesNothing.has(name) ? message : undefined,',
    'message: quotesNothing.has(name) ? message : message,',
    'contents',
    'nothing of a body, name, header, query, path, password or token is in the log',
  ],
  [
    'trace: the client’s is linked',
    'tracing.ts',
    '{ kind: SpanKind.SERVER, links }, ROOT_CONTEXT)',
    '{ kind: SpanKind.SERVER, links }, propagation.extract(ROOT_CONTEXT, { traceparent, tracestate }))',
    'traces',
    'two tenants that send the same trace share none',
  ],
]);
