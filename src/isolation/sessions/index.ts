// SESSIONS: who is logged in, and since when no longer.
// Without it: a token outlives the membership it was made from, and a slow request brings back who has left.
// Guarantee: every request asks for the session by tenant, user and id; ending it holds at once, and no
// script writes to one that has ended; when it cannot be asked, nobody is let in.
// Proof: test/isolation/sessions
export { sessionEntries } from './session-entries.js';
export { endingChannel, type SessionName } from './session-keys.js';
export { visitorLifetime } from './session-lifetimes.js';
export { SessionStore } from './session-store.js';
export { Sessions, type SessionView } from './sessions.js';
export { SessionsModule } from './sessions.module.js';
